"""Variables of CI configurations: which are kept."""

import re
from collections.abc import Mapping

SECRET = re.compile(r"secret|token|password|passwd|api_?key|credential", re.IGNORECASE)


def without_secrets(env: Mapping[str, str]) -> dict[str, str]:
    """The variables without those that have a secret's name.

    >>> without_secrets({"LEVEL": "1", "PYPI_TOKEN": "x"})
    {'LEVEL': '1'}
    """
    return {name: value for name, value in env.items() if not SECRET.search(name)}
