"""`examples`: a row to train on, in the seeded order of the feed."""

import pyarrow as pa

from schemas.dataset import dataset
from schemas.secrets import SECRET_KINDS

EXAMPLES = dataset(
    "examples",
    "feed",
    "one training example: prompt and completion, which together are valid Python",
    ("example_id", pa.string(), "digest of source and source_id; 32 hex digits"),
    ("source", pa.string(), "the dataset that it was made of: corpus, functions or problems"),
    ("source_id", pa.string(), "its row there: sha256, function_id or problem_id"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project"),
    ("commit", pa.string(), "commit or release version"),
    ("sha256", pa.string(), "digest of the file of `corpus` that holds it; null for problems"),
    (
        "masked_sha256",
        pa.string(),
        "digest of that file with masks in place of secrets, if this was cut from it; else null",
    ),
    SECRET_KINDS,
    ("licence_spdx", pa.string(), "SPDX expression of the project"),
    ("split", pa.string(), "train or validation, by repository"),
    ("kind", pa.string(), "file; else what the function or the problem is, as its row says"),
    ("name", pa.string(), "qualified name of the function or entry point; null for files"),
    ("prompt", pa.string(), "what the model is given; empty for files"),
    ("completion", pa.string(), "what it is to write: the label"),
    ("indent", pa.string(), "the indentation that a function had in its file, and has not here"),
    ("self_contained", pa.bool_(), "whether it runs without the rest of its file; null: unknown"),
    ("weight", pa.float64(), "how often its source is in the feed, as --mix says"),
    ("copy", pa.int64(), "which of its copies this is, from 0"),
)
