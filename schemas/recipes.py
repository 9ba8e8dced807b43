"""`recipes`: one way to test a project, as its CI configuration says."""

import pyarrow as pa

from schemas.dataset import dataset

TEXTS = pa.list_(pa.string())
RECIPES = dataset(
    "recipes",
    "ci",
    "one way to test a project, as its CI configuration says",
    ("repo", pa.string(), "project name, without its version"),
    ("commit", pa.string(), "commit or release version; null where there is none"),
    ("archive_sha256", pa.string(), "the archive in DATA/archives that holds the project"),
    ("rank", pa.int64(), "1 is tried first; null for a configuration that cannot be read"),
    ("source", pa.string(), "travis, tox, gha, nox or fallback; travis>tox hands over to tox"),
    ("python_named", pa.string(), "the interpreter that it names, such as 3.8; null for none"),
    ("python", pa.string(), "the interpreter that is tried first; null if none will do"),
    ("deps", TEXTS, "requirements, `-r FILE` and `-c FILE`"),
    ("project", pa.string(), "how the project itself is installed: none, install or editable"),
    ("extras", TEXTS, "extras of the project; * for all"),
    ("groups", TEXTS, "dependency groups of the project; * for all"),
    ("install_commands", pa.list_(TEXTS), "further steps of the installation, word by word"),
    ("commands", pa.list_(TEXTS), "the tests, word by word; {root} is the tree, {tmp} is outside"),
    ("script", pa.string(), "the tests where only a shell can run them; null elsewhere"),
    ("env", pa.map_(pa.string(), pa.string()), "environment variables; none that is a secret"),
    ("cwd", pa.string(), "the folder of the commands"),
    ("jobs", pa.int64(), "how many jobs the file expands to; null where it has none"),
    ("tox_env", pa.string(), "the environment of tox; null for other recipes"),
    ("system", TEXTS, "packages of the system that it asks for; none is installed"),
    (
        "left_out",
        pa.list_(pa.struct([("what", pa.string()), ("why", pa.string())])),
        "what was left out of it, and why",
    ),
)
