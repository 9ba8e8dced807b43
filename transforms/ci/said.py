"""What workers say of projects while a run lasts: small files, which the launcher shows."""

import time

from transforms.ci import STAGE
from transforms.ci.units import ProjectUnit
from transforms.lib.archives.rules import printable
from transforms.lib.skeleton.storage import Storage

FOLDER = f"_work/{STAGE}/said"
ENDING = ".txt"
SHORT = 12  # characters of a commit


def say(data: Storage, unit: ProjectUnit, line: str) -> None:
    """Leave a line about a project, for the terminal of a run on this machine."""
    if data.local:
        commit = (unit.commit or "")[:SHORT]
        text = printable(f"{unit.repo} {commit}".strip() + f": {line}")
        data.put(f"{FOLDER}/{time.time_ns()}-{unit.name}{ENDING}", text.encode(), durable=False)


def lines_said(data: Storage, known: set[str]) -> list[str]:
    """The lines that are not among the names of `known`, to which theirs are added."""
    names = sorted(data.list(FOLDER)) if data.local else []
    new = [name for name in names if name.endswith(ENDING) and name not in known]
    known.update(new)
    return [data.read(f"{FOLDER}/{name}").decode() for name in new]


def forget_said(data: Storage) -> None:
    """Remove the lines of an earlier run."""
    data.delete_folder(FOLDER)
