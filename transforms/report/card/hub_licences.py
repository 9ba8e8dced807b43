"""Licences as the Hub of Hugging Face names them: SPDX ids in small letters, and few of them."""

import re
from collections.abc import Iterable

# Of https://huggingface.co/docs/hub/repositories-licenses, those that are names of SPDX, too.
HUB_LICENCES = frozenset(
    {
        "afl-3.0",
        "agpl-3.0",
        "apache-2.0",
        "artistic-2.0",
        "bsd-2-clause",
        "bsd-3-clause",
        "bsd-3-clause-clear",
        "bsl-1.0",
        "cc-by-2.0",
        "cc-by-2.5",
        "cc-by-3.0",
        "cc-by-4.0",
        "cc-by-nc-2.0",
        "cc-by-nc-3.0",
        "cc-by-nc-4.0",
        "cc-by-nc-nd-3.0",
        "cc-by-nc-nd-4.0",
        "cc-by-nc-sa-2.0",
        "cc-by-nc-sa-3.0",
        "cc-by-nc-sa-4.0",
        "cc-by-nd-4.0",
        "cc-by-sa-3.0",
        "cc-by-sa-4.0",
        "cc0-1.0",
        "ecl-2.0",
        "epl-1.0",
        "epl-2.0",
        "etalab-2.0",
        "eupl-1.1",
        "eupl-1.2",
        "gpl-2.0",
        "gpl-3.0",
        "isc",
        "lgpl-2.1",
        "lgpl-3.0",
        "lppl-1.3c",
        "mit",
        "mpl-2.0",
        "ms-pl",
        "ncsa",
        "ofl-1.1",
        "osl-3.0",
        "postgresql",
        "unlicense",
        "wtfpl",
        "zlib",
    }
)
OTHER, UNKNOWN = "other", "unknown"  # how the Hub calls a licence without an id, and no licence
NONE_FOUND = (None, "", "NOASSERTION", "NONE")  # how a row says that no licence was found
OPERATORS = ("AND", "OR", "WITH")  # of SPDX expressions
SPDX_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
ENDING = re.compile(r"-(only|or-later)$|\+$")


def spdx_ids(expression: str | None) -> list[str]:
    """The licences and exceptions that an SPDX expression names; none if it names no licence.

    >>> spdx_ids("(MIT OR GPL-2.0-or-later) AND BSD-3-Clause"), spdx_ids("NOASSERTION")
    (['MIT', 'GPL-2.0-or-later', 'BSD-3-Clause'], [])
    """
    if expression is None or expression in NONE_FOUND:
        return []
    return [name for name in SPDX_ID.findall(expression) if name not in OPERATORS]


def hub_licences(expressions: Iterable[str | None]) -> list[str]:
    """The Hub's names of the licences in some SPDX expressions, sorted.

    >>> hub_licences(["MIT", "GPL-3.0-only OR PSF-2.0", None])
    ['gpl-3.0', 'mit', 'other', 'unknown']
    """
    found = set()
    for expression in expressions:
        ids = spdx_ids(expression)
        names = {ENDING.sub("", spdx_id).lower() for spdx_id in ids}
        found |= (names & HUB_LICENCES) | ({OTHER} if names - HUB_LICENCES else set())
        found |= set() if ids else {UNKNOWN}
    return sorted(found)
