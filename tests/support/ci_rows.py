"""Rows of `ci_problems` as the stage ci makes them: of a module's text and of calls of it."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas import CI_PROBLEMS
from tests.support.project_trees import tar_of
from transforms.ci.project_sources import ProjectSources
from transforms.ci.replay import ReplaySandboxes, replay_draft
from transforms.ci.traced_problems import draft_problems
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.problems.lent_environment import lent_file, lent_zip
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage

SITE = "lib/python3.12/site-packages/"
Outcome = str | dict[str, Any]


def line_of(text: str, qualname: str, nth: int = 0) -> int:
    """The line of a function, or of its first decorator."""
    *owner, name = qualname.split(".")
    body: Sequence[ast.stmt] = ast.parse(text).body
    for each in owner:
        body = next(n for n in body if isinstance(n, ast.ClassDef) and n.name == each).body
    found = [n for n in body if isinstance(n, ast.FunctionDef) and n.name == name][nth]
    return min([found.lineno, *(each.lineno for each in found.decorator_list)])


def calls(
    text: str,
    qualname: str,
    cases: Sequence[tuple[Mapping[str, str], Outcome]],
    *,
    path: str = "project.py",
    nth: int = 0,
    **more: Any,
) -> list[dict[str, Any]]:
    """Rows of `calls`: of each case the arguments by name and the value, or other columns."""
    rows = []
    for arguments, outcome in cases:
        row = {
            "repo": "project",
            "commit": "c",
            "path": path,
            "line": line_of(text, qualname, nth),
            "module": path.removesuffix(".py").replace("/", "."),
            "qualname": qualname,
            "kind": "method" if "." in qualname else "function",
            "form": "plain",
            "is_library": False,
            "number": 0,
            "arguments": [
                {"name": name, "role": "p", "value": value, "encoding": "E"}
                for name, value in arguments.items()
            ],
            "outcome": "return",
            "value": "None",
            "encoding": "E",
            "exception": None,
            "yields": [],
            "mutated": [],
            "test": "test/test_project.py::test",
            "python": "3.12",
        }
        rows.append(row | more | ({"value": outcome} if isinstance(outcome, str) else outcome))
    return rows


def raised(exception: str) -> dict[str, Any]:
    """The outcome of a call that raised `module:qualname`."""
    return {"outcome": "raise", "exception": exception}


def mutated(value: str = "None", **after: str) -> dict[str, Any]:
    """The outcome of a call that changed arguments to these values."""
    changed = [{"name": n, "value": text, "encoding": "E"} for n, text in after.items()]
    return {"value": value, "mutated": changed}


def yielded(*values: str) -> dict[str, Any]:
    """The outcome of a generator that gave these values."""
    return {"form": "generator", "yields": [{"value": v, "encoding": "E"} for v in values]}


def lent(data: Path, tree: Mapping[str, str], installed: Mapping[str, str]) -> str:
    """The sha256 of an environment's zip, which is put into DATA."""
    environment = tar_of({f"{SITE}{name}": text for name, text in installed.items()})
    content = lent_zip(environment, tar_of(dict(tree)), "3.12")
    assert content is not None
    return ArchiveStore(Storage(str(data))).put(content)


def made(
    data: Path, tree: Mapping[str, str], rows: list[dict[str, Any]], environment: str
) -> list[dict[str, Any]]:
    """The problems of these calls; `environment` is lent to those above standalone."""
    drafts = draft_problems(rows, ProjectSources.of(tree))
    assert not drafts.rejects, drafts.rejects
    found = []
    with (
        lent_file(ArchiveStore(Storage(str(data))), environment) as file,
        ReplaySandboxes([file]) as sandboxes,
    ):
        for draft in drafts.kept:
            replayed = replay_draft(draft, sandboxes)
            assert replayed.row, (draft.entry_point, replayed.reason, replayed.value)
            lent_to = None if replayed.row["level"] == "standalone" else environment
            more = {"environment": lent_to, "redistributable": True, "licence_spdx": "MIT"}
            found.append(replayed.row | more)
    return found


def put_ci_problems(data: Path, rows: list[dict[str, Any]], shards_of: int = 1000) -> Path:
    """The rows as the committed dataset of DATA, so many in a shard."""
    storage = Storage(str(data))
    written = []
    for number, first in enumerate(range(0, max(1, len(rows)), shards_of)):
        shards = UnitShards(storage, "ci", f"{number:05d}", "made")
        part = rows[first : first + shards_of]
        shards.write(CI_PROBLEMS.name, pa.Table.from_pylist(part, schema=CI_PROBLEMS.schema))
        written += shards.commit()["shards"]
    commit(storage, "ci", [CI_PROBLEMS.name], "made", written)
    return data
