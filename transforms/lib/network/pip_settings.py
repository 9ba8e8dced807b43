"""What pip is configured for here: its index and its CA bundle are ours too."""

import ast
import functools
import os
import subprocess
import sys

from transforms.lib.errors import UsageError

SECTIONS = ("install", "global")  # pip's own order


def index_url() -> str:
    """The package index: pip's environment, else its configuration, else its built-in default."""
    return (_setting("index-url") or _default_index()).rstrip("/")


def ca_bundle() -> str | bool:
    """The CA bundle; True if pip is told of none, and requests finds its own."""
    return _setting("cert") or True


def _setting(name: str) -> str | None:
    if value := os.environ.get("PIP_" + name.upper().replace("-", "_")):
        return value
    listed = _listed(os.environ.get("PIP_CONFIG_FILE"))
    return next((listed[key] for s in SECTIONS if (key := f"{s}.{name}") in listed), None)


@functools.cache
def _listed(config_file: str | None) -> dict[str, str]:
    """pip's configuration files as pip reads them; it has no interface but its command."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    pairs = (line.partition("=") for line in answer.stdout.splitlines())
    return {key: ast.literal_eval(value) for key, _, value in pairs if value[:1] in "'\""}


def _default_index() -> str:
    try:
        from pip._internal.models.index import PyPI  # where pip itself keeps it
    except ImportError as error:
        raise UsageError("pip is not installed here: name the index in PIP_INDEX_URL") from error
    return str(PyPI.simple_url)
