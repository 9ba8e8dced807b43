"""pip's settings on this machine: quire asks the same package indexes, in the same way."""

import ast
import functools
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from transforms.lib.errors import UsageError

# Of pip's configuration, the stronger one first as in pip.
SECTIONS = ("install", "download", "global")
TRUE = ("y", "yes", "t", "true", "on", "1")  # what pip takes as true
# Environment variables by which requests finds the CA certificates, if pip has no setting.
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
SHOWN_CHARACTERS = 300  # of what pip says about its configuration


@dataclass(frozen=True)
class PipSettings:
    """Where pip looks for packages, and how it connects.

    `find_links` are paths and URLs of pages, folders and archives. With `pre` a pre-release is as
    good as a release. The certificate of a server among `trusted_hosts` is not verified.
    """

    find_links: tuple[str, ...] = ()
    pre: bool = False
    trusted_hosts: frozenset[str] = frozenset()
    proxy: str | None = None
    ca_bundle: str | None = None
    client_certificate: str | None = None


def pip_settings() -> PipSettings:
    """The settings of pip's environment variables, or of its configuration.

    Raises UsageError if pip refuses its configuration, or if it names certificates that are not
    there.
    """
    values = _settings()
    return PipSettings(
        tuple(values.get("find-links", "").split()),
        _is_true(values, "pre"),
        frozenset(values.get("trusted-host", "").split()),
        values.get("proxy"),
        _certificates(values, "cert") or _ca_of_environment(),
        _certificates(values, "client-cert"),
    )


def index_urls() -> tuple[str, ...]:
    """The index and the extra ones, without a last slash; empty if pip is set not to ask any.

    Raises UsageError if pip refuses its configuration, or has none and is not installed.
    """
    values = _settings()
    if _is_true(values, "no-index"):
        return ()
    index = values.get("index-url") or _default_index()
    return tuple(url.rstrip("/") for url in (index, *values.get("extra-index-url", "").split()))


def _settings() -> dict[str, str]:
    """Every setting by its name, such as `index-url`; those of the environment are stronger."""
    configuration = _configuration(os.environ.get("PIP_CONFIG_FILE"))
    values: dict[str, str] = {}
    for section in reversed(SECTIONS):
        prefix = f"{section}."
        values |= {
            key.removeprefix(prefix): value
            for key, value in configuration.items()
            if key.startswith(prefix)
        }
    return values | {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in os.environ.items()
        if name.startswith("PIP_") and value
    }


@functools.cache
def _configuration(config_file: str | None) -> Mapping[str, str]:
    """The values of pip's configuration files, by `section.name`, read by a command of pip.

    `config_file` is the environment's, which pip reads; here it is the key of the cache. Empty if
    pip is not installed.
    """
    # With -P, because the user's folder may have a `pip` of its own.
    command = [sys.executable, "-P", "-m", "pip", "config", "list"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode and "No module named pip" not in answer.stderr:
        text = " ".join(answer.stderr.split())[:SHOWN_CHARACTERS]
        raise UsageError(f"pip refuses its own configuration: {text}")
    pairs = (line.partition("=") for line in answer.stdout.splitlines())
    return {key: ast.literal_eval(value) for key, _, value in pairs if value[:1] in "'\""}


def _is_true(values: Mapping[str, str], name: str) -> bool:
    return values.get(name, "").strip().lower() in TRUE


def _certificates(values: Mapping[str, str], name: str) -> str | None:
    """The path of a file of certificates; UsageError if there is no such file."""
    path = values.get(name)
    if path and not os.path.exists(path):
        raise UsageError(f"pip's setting {name} (PIP_{name.upper()}): {path}: no such file")
    return path


def _ca_of_environment() -> str | None:
    for name in CA_VARIABLES:
        if path := os.environ.get(name):
            if not os.path.exists(path):
                raise UsageError(f"{name}: {path}: no such file")
            return path
    return None


def _default_index() -> str:
    try:
        from pip._internal.models.index import PyPI  # pip has no public name for it
    except ImportError as error:
        raise UsageError("pip is not installed here: name the index in PIP_INDEX_URL") from error
    return str(PyPI.simple_url)
