"""`repositories`: one final row for each source of a crawl."""

import pyarrow as pa

from schemas.dataset import dataset

REPOSITORIES = dataset(
    "repositories",
    "crawl",
    "the outcome of one source: what was fetched, under which licence, with which status",
    ("source", pa.string(), "the source as it was named, such as pypi:NAME==V"),
    ("kind", pa.string(), "kind of source: pypi, archive, dir, parquet"),
    ("repo", pa.string(), "project name, without its version"),
    ("commit", pa.string(), "commit or release version; null where there is none"),
    ("url", pa.string(), "where the bytes came from"),
    ("licence_declared", pa.string(), "licence as the project's metadata declares it"),
    ("licence_detected", pa.string(), "SPDX ids found in the licence texts of this version"),
    ("licence_spdx", pa.string(), "normalised SPDX expression, or NOASSERTION"),
    ("stars", pa.int64(), "stars on the forge; null where there is none"),
    ("fork", pa.bool_(), "whether it is a fork; null where unknown"),
    ("ci_files", pa.int64(), "CI configuration files found"),
    ("python_files", pa.int64(), "Python files seen: kept + rejected"),
    ("kept_files", pa.int64(), "Python files kept as rows of `files`"),
    ("archive_sha256", pa.string(), "the archive's digest and its name in DATA/archives"),
    ("archive_bytes", pa.int64(), "the archive's size in bytes"),
    ("http_status", pa.int64(), "last HTTP status; null where nothing was fetched"),
    ("etag", pa.string(), "the server's ETag of the archive"),
    ("status", pa.string(), "ok, or why there are no files: gone, deferred, rejected, …"),
    ("reason", pa.string(), "the status explained"),
    ("fetched_at", pa.timestamp("us", tz="UTC"), "when it was fetched"),
    ("seconds", pa.float64(), "how long fetching and reading took"),
)
