"""`files`: one Python file of a crawled repository, decoded."""

import pyarrow as pa

from schemas.dataset import dataset

FILES = dataset(
    "files",
    "crawl",
    "one Python file, decoded to UTF-8",
    ("repo", pa.string(), "project name, without its version"),
    ("path", pa.string(), "path inside the project"),
    ("commit", pa.string(), "commit or release version; null where there is none"),
    ("content", pa.string(), "the file's text"),
    ("sha256", pa.string(), "hex digest of the content as UTF-8"),
    ("raw_sha256", pa.string(), "hex digest of the original bytes"),
    ("git_sha1", pa.string(), "git's id of the original bytes; swh:1:cnt: + it is their SWHID"),
    ("size", pa.int64(), "size of the original bytes"),
    ("encoding", pa.string(), "source encoding by PEP 263"),
    ("licence_spdx", pa.string(), "the project's SPDX expression, or NOASSERTION"),
    ("stars", pa.int64(), "stars on the forge; null where there is none"),
    ("forks", pa.int64(), "forks on the forge; null where unknown"),
    ("repo_id", pa.int64(), "the forge's number of the repository; null where there is none"),
    ("source_id", pa.string(), "the id that the source gives the file, if any"),
    ("source_cluster", pa.string(), "the group of duplicates that the source puts it in, if any"),
)
