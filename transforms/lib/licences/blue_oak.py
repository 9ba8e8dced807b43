"""Which licences are permissive, as data: the list of the Blue Oak Council, with its ratings.

The list is `blue_oak.csv` beside this file: version 15 of https://blueoakcouncil.org/list, as the
package `@blueoak/list` has it (CC0-1.0). Its ratings are model, gold, silver, bronze and lead; a
licence counts as permissive with any of them, as each allows use in any work, with attribution at
most. The copyleft families are those of https://blueoakcouncil.org/copyleft.
"""

import csv
from functools import cache
from importlib.resources import files

LIST = "blue_oak.csv"
# What an SPDX id of a copyleft licence begins with.
COPYLEFT = (
    "AGPL-",
    "APSL-",
    "CC-BY-SA-",
    "CDDL-",
    "CECILL-1",
    "CECILL-2",
    "CPAL-",
    "CPL-",
    "CPOL-",
    "EPL-",
    "EUPL-",
    "GFDL-",
    "GPL-",
    "IPL-",
    "LGPL-",
    "LiLiQ-R",
    "MPL-",
    "MS-RL",
    "NPL-",
    "OSL-",
    "Parity-",
    "QPL-",
    "RPL-",
    "RPSL-",
    "SPL-",
    "SSPL-",
    "Sleepycat",
    "copyleft-next-",
)


@cache
def ratings() -> dict[str, str]:
    """The rating of each permissive licence by its SPDX id, the best first.

    >>> ratings()["MIT"], ratings().get("GPL-3.0-only")
    ('silver', None)
    """
    text = files(__package__).joinpath(LIST).read_text("utf-8")
    return {row["spdx_id"]: row["rating"] for row in csv.DictReader(text.splitlines())}


def is_copyleft(spdx_id: str) -> bool:
    """Whether an SPDX id is that of a copyleft licence, weak or strong.

    >>> is_copyleft("LGPL-2.1-or-later"), is_copyleft("MIT")
    (True, False)
    """
    return spdx_id.startswith(COPYLEFT)
