"""`clusters`: every member of a group of duplicates, the one that represents them too."""

import pyarrow as pa

from schemas.dataset import dataset

CLUSTERS = dataset(
    "clusters",
    "corpus",
    "one file of a group of duplicates: the file that represents them, or one that it represents",
    ("representative", pa.string(), "sha256 of the file that represents the group"),
    ("sha256", pa.string(), "hex digest of the content as UTF-8"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project"),
    ("commit", pa.string(), "commit or release version"),
    ("kind", pa.string(), "representative, exact (its content is that file's) or near"),
    ("similarity", pa.float64(), "Jaccard with the representative, 1 if the content is the same"),
    ("kept", pa.bool_(), "whether this row of the input is a row of `corpus`"),
)
