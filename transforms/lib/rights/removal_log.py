"""The log of removals: numbered files under DATA/removals, to which each removal adds one.

It holds what was asked for and how many rows went, and nothing of what they held. What is in it has
opted out of this DATA for good: crawl, corpus and feed obey it.
"""

import re
from typing import Any

from transforms.lib.errors import UsageError
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.skeleton.shards import is_foreign
from transforms.lib.skeleton.storage import Storage

FOLDER = "removals"
NAME = re.compile(r"(\d{5})\.json")
FIELDS = {
    "number": int,
    "date": str,
    "entries": list,
    "found": dict,
    "rows": dict,
    "rows_by_entry": dict,
    "shards": dict,
    "archives": list,
    "deleted": list,
}


def log_name(number: int) -> str:
    """The path, below DATA, of a removal in the log."""
    return f"{FOLDER}/{number:05d}.json"


def read_log(data: Storage) -> list[dict[str, Any]]:
    """The removals of DATA, the first one first.

    Raises UsageError if the log lacks one, or has a file that is no removal.
    """
    removals = list[dict[str, Any]]()
    names = [name for name in data.list(FOLDER) if NAME.fullmatch(name)]
    for number, name in enumerate(names, 1):
        removal: Any = data.read_json(f"{FOLDER}/{name}")
        if f"{FOLDER}/{name}" != log_name(number) or not _is_removal(removal, number):
            raise UsageError(
                f"{data.path(FOLDER)}/{name}: not removal {number} of the log; put back what was "
                "there, for a log that lacks a removal cannot be obeyed"
            )
        removals.append(removal)
    return removals


def log_strays(data: Storage) -> list[str]:
    """The names of files beside the log that are none of it, nor of what shows folders."""
    return [n for n in data.list(FOLDER) if not NAME.fullmatch(n) and not is_foreign(n)]


def _is_removal(value: Any, number: int) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == FIELDS.keys()
        and all(isinstance(value[name], kind) for name, kind in FIELDS.items())
        and value["number"] == number
        and all(isinstance(entry, str) for entry in value["entries"])
        and all(isinstance(entry, str) for entry in value["found"].values())
    )


def logged_opt_outs(data: Storage) -> OptOuts:
    """What was removed from DATA, as opt-outs; UsageError as `read_log`."""
    opt_outs = OptOuts()
    for removal in read_log(data):
        opt_outs |= OptOuts(frozenset(removal["entries"]), removal["found"])
    return opt_outs
