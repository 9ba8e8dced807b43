"""Which rows of every dataset a removal takes: what a list names, and what was made of that."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas import DATASETS, RUNS
from transforms.lib.licences import NO_ASSERTION
from transforms.lib.rights.duplicates_left import duplicates_left, with_masks
from transforms.lib.rights.known_rows import key_rows, with_files
from transforms.lib.rights.library_files import with_libraries
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage

Row = dict[str, Any]
Project = tuple[str | None, str | None]  # a repository at a commit
PROBLEM_TEXT = ("prompt", "canonical_solution", "test")  # in this order contamination checks it
# Datasets in an order in which what was made of a row comes behind it, with the columns that are
# read beside those that an entry may name. All others come after them.
COLUMNS: dict[str, tuple[str, ...]] = {
    "files": (),
    "signals": (),
    "corpus": (),
    "ci_configs": ("content",),  # they have no digest
    "rejects/crawl": (),
    "repositories": ("archive_sha256", "licence_spdx", "status"),
    "rejects/corpus": ("kept_sha256",),
    "secrets": (),
    "functions": ("function_id", "exact_duplicate_of", "near_duplicate_of"),
    "rejects/functions": (),
    "contest_problems": ("problem_id",),
    "contest_sources": (),
    "rejects/contests": (),
    "recipes": (),
    "environments": ("modules_sha256", "lock"),
    "calls": (),
    "ci_problems": ("problem_id", "environment"),
    "rejects/ci": (),
    "tests": ("problem_id",),
    "strength": ("problem_id",),
    "problems": ("problem_id", "environment", "duplicates", *PROBLEM_TEXT),
    "rejects/verify": ("reason", "value"),
    "verdicts/verify": ("problem_id",),
    "hits": ("dataset",),
    "removed": ("dataset",),
    "rejects/contamination": (),
    "examples": ("source", "source_id"),
    "rejects/feed": ("value",),
}
OF_TASKS = ("eval_tasks", "verdicts/evaluate", "scores")  # they hold nothing of a repository
# Rows of these are made of many rows of `examples`: they go as a whole, and feed makes them anew.
KEPT = (RUNS.name,)  # tells which commands were run, and holds nothing of a source
OF_EXAMPLES = tuple(d.name for d in DATASETS if d.name.startswith(("tokens", "exports/")))
FILES = ("files", "signals", "corpus")  # a row is a file, with its digest
READ = (*FILES, "ci_configs", "rejects/crawl")  # a row is a file, which an archive may hold
# What ci made of a project goes as a whole if a file of it does: it ran with that file.
OF_CI = ("recipes", "environments", "calls", "ci_problems", "rejects/ci")
UNVERIFIED = ("contest_problems", "ci_problems")
OF_UNVERIFIED = ("tests", "strength", "problems")  # a row is of one of their problems
CHECKED = ("hits", "removed")
# Datasets whose rows name others, in which dataset these are, and by which column.
NAMING = {"rejects/corpus": ("corpus", "sha256"), "functions": ("functions", "function_id")}
# By what later rows name earlier ones: those that go, and problems that stay.
IDS = (
    *("corpus", "functions", "texts"),
    *("unverified", "unverified kept", "problems", "problems kept"),
)


@dataclass
class TakenRows:
    """The rows that a removal takes, and what follows from that they go.

    - `masks`: by dataset and shard, for each row whether it goes; shards without any are left out.
    - `counted`: how many go of each shard and project, of the datasets that sources count.
    - `left`: by dataset, how many more rows than before name one that a removal took, or by how
      many more the rows that others count are apart from these counts.
    - `named`: by dataset, the rows that are named by those which go, and how often.
    - `gone`, `kept`: digests of archives that rows name which go, and which stay.
    - `projects`: of which a file goes; `tested`: digests of those that go as a whole, for `ci`.
    - `used`: the entries by which rows go, and how many are of each, besides what was made of them.
    """

    opt_outs: OptOuts
    masks: dict[str, dict[str, NDArray[np.bool_]]] = field(default_factory=dict)
    counted: dict[str, Counter[tuple[str, Project]]] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    named: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    gone: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    projects: set[Project] = field(default_factory=set)
    tested: list[str] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)
    ids: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in IDS})

    def rows(self) -> dict[str, int]:
        """How many rows of each dataset go; datasets without any are left out."""
        return {name: sum(int(m.sum()) for m in each.values()) for name, each in self.masks.items()}

    def take(self, dataset: str, shard: str, row: Row) -> bool:
        """Whether a row goes; notes what follows from that."""
        entry = self.opt_outs.entry(row)
        goes = bool(entry) or self._was_made_of_taken(dataset, row)
        if entry:
            self.used[entry] += 1
        if goes and _is_counted(dataset, row):
            counts = self.counted.setdefault(dataset, Counter())
            counts[shard, (row.get("repo"), row.get("commit"))] += 1
        if goes and dataset in READ and row.get("path"):
            self.projects.add((row["repo"], row["commit"]))
        self._note_ids(dataset, row, goes=goes)
        self._note_archives(dataset, row, goes=goes)
        self._note_left(dataset, row, goes=goes)
        return goes

    def _was_made_of_taken(self, dataset: str, row: Row) -> bool:
        """Whether a row goes that no entry names itself."""
        ids = self.ids
        if dataset in OF_CI:
            return (row["repo"], row["commit"]) in self.projects
        if dataset in OF_UNVERIFIED:
            return self._is_gone("unverified", row["problem_id"])
        if dataset == "rejects/verify":
            return self._is_gone("unverified", _first(row["value"]))
        if dataset == "verdicts/verify":
            return self._is_gone("problems", row["problem_id"])
        if dataset in CHECKED:
            return row["dataset"] == "problems" and row["sha256"] in ids["texts"]
        if dataset == "examples":
            return row["source"] == "problems" and row["source_id"] in ids["problems"]
        if dataset == "rejects/feed":
            source, _, rest = (row["value"] or "").partition(" ")
            return source == "problems" and _first(rest) in ids["problems"]
        return False

    def _is_gone(self, kind: str, problem_id: str) -> bool:
        return problem_id in self.ids[kind] and problem_id not in self.ids[f"{kind} kept"]

    def _note_ids(self, dataset: str, row: Row, *, goes: bool) -> None:
        """What later rows name a row by."""
        ids, ending = self.ids, "" if goes else " kept"
        if dataset in UNVERIFIED:
            ids["unverified" + ending].add(row["problem_id"])
        if dataset == "problems":
            ids["problems" + ending].add(row["problem_id"])
        if dataset == "rejects/verify":
            ids["problems" + ending].add(_first(row["value"]))
        if not goes:
            return
        if dataset == "corpus":
            ids["corpus"].add(row["sha256"])
        if dataset == "functions":
            ids["functions"].add(row["function_id"])
        if dataset == "problems":
            text = "\n".join(row[name] or "" for name in PROBLEM_TEXT)
            ids["texts"].add(hashlib.sha256(text.encode()).hexdigest())

    def _note_archives(self, dataset: str, row: Row, *, goes: bool) -> None:
        """The archives that a row names; those of a project of which a file goes, go, too."""
        if dataset == "repositories":
            opened = goes or (row["repo"], row["commit"]) in self.projects
            (self.gone if opened else self.kept).add(row["archive_sha256"])
            if goes and row["status"] == "ok":
                self.tested.append(project_digest(row))
        if dataset == "environments":
            (self.gone if goes else self.kept).add(row["modules_sha256"])
            self.kept |= set() if goes else {each["sha256"] for each in row["lock"] or ()}
        if dataset in ("ci_problems", "problems") and not goes:
            self.kept.add(row["environment"])

    def _note_left(self, dataset: str, row: Row, *, goes: bool) -> None:
        """Counts the rows that name a row which goes, or of which a row that stays has a count."""
        if dataset == "rejects/corpus" and not goes:
            self.left[dataset] += row["kept_sha256"] in self.ids["corpus"]
        if dataset in NAMING and goes and (named := named_by(row)):
            self.named[dataset][named] += 1
        if dataset == "problems" and goes:
            self.left[dataset] -= row["duplicates"]
        if dataset == "rejects/verify" and goes:
            self.left["problems"] += row["reason"] == "duplicate"


def take_rows(data: Storage, opt_outs: OptOuts) -> TakenRows:
    """The rows of DATA that a removal of these takes; nothing is changed."""
    meant = with_libraries(data, with_files(data, opt_outs, FILES, heads=True))
    taken = TakenRows(meant)
    others = [d.name for d in DATASETS if d.name not in (*COLUMNS, *OF_TASKS, *OF_EXAMPLES, *KEPT)]
    for dataset in (*COLUMNS, *others):
        marks: dict[str, bytearray] = {}
        for shard, row in key_rows(data, dataset, COLUMNS.get(dataset, ())):
            marks.setdefault(shard, bytearray()).append(taken.take(dataset, shard, row))
        masks = {shard: np.frombuffer(each, np.bool_) for shard, each in marks.items() if any(each)}
        if masks:
            taken.masks[dataset] = masks
    taken.left["functions"] = _functions_left(data, taken)
    taken.left.update(duplicates_left(data, taken.masks))
    for dataset, (named, column) in NAMING.items():
        taken.left[dataset] -= _taken_before(data, taken.named[dataset], dataset, named, column)
    return taken


def _functions_left(data: Storage, taken: TakenRows) -> int:
    """How many functions stay that are duplicates of one which goes; it may come behind them."""
    gone = taken.ids["functions"]
    if not gone:
        return 0
    rows = with_masks(data, taken.masks, "functions", COLUMNS["functions"])
    return sum(not goes and named_by(row) in gone for row, goes in rows)


def _taken_before(data: Storage, names: Counter[str], dataset: str, named: str, column: str) -> int:
    """How many rows that go name a row that an earlier removal took already."""
    earlier = (read_manifest(data, dataset) or {}).get("removed", {}).get("left", 0)
    if not earlier or not names:
        return 0
    missing = Counter(names)
    for _, row in key_rows(data, named, (column,)):
        missing.pop(row[column], None)
    return missing.total()


def named_by(row: Row) -> str | None:
    """The row that a duplicate names: that which was kept in its place."""
    names = ("exact_duplicate_of", "near_duplicate_of", "kept_sha256")
    return next((str(row[name]) for name in names if row.get(name)), None)


def project_digest(row: Row) -> str:
    """A digest of a project as `ci` plans it, of its row in `repositories`, which it does not tell.

    >>> len(project_digest({"repo": "a", "commit": None, "archive_sha256": None}))
    64
    """
    licence = row.get("licence_spdx") or NO_ASSERTION
    known = (row["repo"], row["commit"], row["archive_sha256"], licence)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _is_counted(dataset: str, row: Row) -> bool:
    """Whether a row is counted in that of its source."""
    if dataset == "rejects/crawl":
        return (row["path"] or "").endswith(".py")
    return dataset in ("files", "contest_problems", "rejects/contests")


def _first(value: str | None) -> str:
    return (value or "").split(" ")[0]
