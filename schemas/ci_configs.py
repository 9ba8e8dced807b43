"""`ci_configs`: one CI configuration file, as it is in the project."""

import pyarrow as pa

from schemas.dataset import dataset

CI_CONFIGS = dataset(
    "ci_configs",
    "crawl",
    "one CI configuration file, as it stood",
    ("repo", pa.string(), "project name, without its version"),
    ("commit", pa.string(), "commit or release version; null where there is none"),
    ("path", pa.string(), "path inside the project"),
    ("kind", pa.string(), "tox, travis, github_workflow or nox"),
    ("content", pa.string(), "the file's text"),
    ("archive_sha256", pa.string(), "the archive in DATA/archives that holds the project"),
)
