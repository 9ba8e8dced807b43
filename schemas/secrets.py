"""`secrets`: where a file of `corpus` holds a secret or personal data; never what it is."""

import pyarrow as pa

from schemas.dataset import dataset

# What every row with a text says of the secrets in it.
SECRET_KINDS = (
    "secret_kinds",
    pa.list_(pa.string()),
    "kinds of secrets found in it with high confidence, masked ones too; null: not looked for",
)
SECRETS_ACTION = (
    "secrets_action",
    pa.string(),
    "what is done about them: none, mask or drop; null: no finding",
)
SECRETS = dataset(
    "secrets",
    "secrets",
    "one finding in a file of `corpus`: a key, a password, or an address; never its value",
    ("sha256", pa.string(), "digest of the file of `corpus` that holds it"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project"),
    ("commit", pa.string(), "commit or release version"),
    ("rule", pa.string(), "what it was found by, such as aws-access-token or assigned-password"),
    ("kind", pa.string(), "key, password, email or ip"),
    ("confidence", pa.string(), "high, which policies act on, or low"),
    ("start_byte", pa.int64(), "byte of the file's UTF-8 at which it begins, from 0"),
    ("end_byte", pa.int64(), "byte after its last; a value in several literals is several rows"),
    ("line", pa.int64(), "line at which it begins, from 1"),
    (
        "fingerprint",
        pa.string(),
        "keyed digest of the value, 16 hex digits: equal for equal values of one run",
    ),
    ("is_test", pa.bool_(), "whether its path says test, fixture, example or documentation"),
    ("action", pa.string(), "what readers of the file do: none, mask or drop"),
    ("mask", pa.string(), "what stands in its place where it is masked"),
)
