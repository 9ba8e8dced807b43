"""Variables of CI configurations: which are kept."""

import re
from collections.abc import Mapping

SECRET = re.compile(r"secret|token|password|passwd|api_?key|credential", re.IGNORECASE)
# What quire sets itself, and what would make another program of everything that is started.
NOT_SETTABLE = re.compile(
    r"PATH|HOME|TMPDIR|VIRTUAL_ENV|PYTHONHOME|LD_.*|QUIRE_.*|UV_.*|PIP_.*|BASH_ENV|ENV|IFS"
)


def without_secrets(env: Mapping[str, str]) -> dict[str, str]:
    """The variables without those that have a secret's name.

    >>> without_secrets({"LEVEL": "1", "PYPI_TOKEN": "x"})
    {'LEVEL': '1'}
    """
    return {name: value for name, value in env.items() if not SECRET.search(name)}


def settable(env: Mapping[str, str]) -> dict[str, str]:
    """The variables that a project may set, without those that are quire's own.

    >>> settable({"LEVEL": "1", "PATH": "/x", "A B": "", "NUL": "\\0"})
    {'LEVEL': '1'}
    """
    return {
        name: value
        for name, value in env.items()
        if re.fullmatch(r"[A-Za-z_]\w*", name)
        and not NOT_SETTABLE.fullmatch(name)
        and "\0" not in value
    }
