"""pip's settings on this machine: quire uses the same package index and the same CA bundle."""

import ast
import functools
import os
import subprocess
import sys

from transforms.lib.errors import UsageError

SECTIONS = ("install", "global")  # of pip's configuration, the stronger one first as in pip


def index_url() -> str:
    """The package index: from pip's environment variable, its configuration, or its default."""
    return (_setting("index-url") or _default_index()).rstrip("/")


def ca_bundle() -> str | bool:
    """The file of CA certificates that pip is set to use; True for the default of requests."""
    return _setting("cert") or True


def _setting(name: str) -> str | None:
    if value := os.environ.get("PIP_" + name.upper().replace("-", "_")):
        return value
    values = _configuration(os.environ.get("PIP_CONFIG_FILE"))
    return next((values[key] for s in SECTIONS if (key := f"{s}.{name}") in values), None)


@functools.cache
def _configuration(config_file: str | None) -> dict[str, str]:
    """The values of pip's configuration files, by `section.name`, read by a command of pip.

    `config_file` is the environment's, which pip reads; here it is the key of the cache.
    """
    command = [sys.executable, "-m", "pip", "config", "list"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    pairs = (line.partition("=") for line in answer.stdout.splitlines())
    return {key: ast.literal_eval(value) for key, _, value in pairs if value[:1] in "'\""}


def _default_index() -> str:
    try:
        from pip._internal.models.index import PyPI  # pip has no public name for it
    except ImportError as error:
        raise UsageError("pip is not installed here: name the index in PIP_INDEX_URL") from error
    return str(PyPI.simple_url)
