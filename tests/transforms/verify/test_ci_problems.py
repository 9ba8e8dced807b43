"""`quire verify` on problems made of projects' functions, beside those of contests."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ask, Quire
from tests.support.ci_rows import calls, lent, made, mutated, put_ci_problems, raised, yielded
from tests.support.contest_rows import problem, put_problems
from tests.support.inputs import digests
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.skeleton.storage import Storage

PROJECT = '''\
import tiny

LABEL = "label"


class Unknown(Exception):
    pass


class Point:
    """A point."""

    def __init__(self, x):
        self.x = x

    def moved(self, by):
        """A point further on."""
        self.x += by
        return Point(self.x)

    @property
    def double(self):
        twice = self.x * 2
        return twice

    @double.setter
    def double(self, value):
        half = value // 2
        self.x = half

    @staticmethod
    def both(x, y):
        pair = [x, y]
        return pair

    @classmethod
    def at(cls, x):
        made = cls(x)
        return made


def total(numbers, start=0):
    """The sum of numbers."""
    for number in numbers:
        start += number
    return start


def parsed(text):
    if not text.isdigit():
        raise Unknown(text)
    return int(text)


def upto(n):
    for number in range(n):
        yield number


def push(items, x):
    items.append(x)
    return len(items)


def third(x):
    y = tiny.add(x, 1)
    return y


def inside(x):
    from plugins import load

    return load(x)


def name(x):
    text = LABEL
    return text


def single(x):
    y = x + 1
    return y


def stub(x):
    y = None
    if x:
        raise NotImplementedError
    return y
'''
TREE = {
    "project.py": PROJECT,
    "plugins.py": "def load(x):\n    return x * 3\n",
}
INSTALLED = {"tiny.py": "def add(x, y):\n    return x + y\n"}
POINT = "obj(ref('project', 'Point'), {{'x': {}}})"
NUMBERS = (1, 2, 3)
CALLS = [
    *calls(
        PROJECT,
        "Point.moved",
        [
            (
                {"self": POINT.format(x), "by": "2"},
                mutated(POINT.format(x + 2), self=POINT.format(x + 2)),
            )
            for x in NUMBERS
        ],
    ),
    *calls(PROJECT, "Point.double", [({"self": POINT.format(x)}, f"{2 * x}") for x in NUMBERS]),
    *calls(
        PROJECT,
        "Point.double",
        [
            ({"self": POINT.format(1), "value": f"{2 * x}"}, mutated(self=POINT.format(x)))
            for x in (5, 6)
        ],
        nth=1,
    ),
    *calls(
        PROJECT,
        "Point.both",
        [({"x": f"{x}", "y": "'a'"}, f"[{x}, 'a']") for x in NUMBERS],
        kind="static_method",
    ),
    *calls(
        PROJECT,
        "Point.at",
        [({"cls": "ref('project', 'Point')", "x": f"{x}"}, POINT.format(x)) for x in NUMBERS],
        kind="class_method",
    ),
    *calls(
        PROJECT,
        "total",
        [
            ({"numbers": "[1, 2]", "start": "0"}, "3"),
            ({"numbers": "(4,)", "start": "1.5"}, "5.5"),
            ({"numbers": "[]", "start": "9"}, "9"),
        ],
    ),
    *calls(
        PROJECT,
        "parsed",
        [
            ({"text": "'12'"}, "12"),
            ({"text": "'x'"}, raised("project:Unknown")),
            ({"text": "''"}, raised("project:Unknown")),
        ],
    ),
    *calls(PROJECT, "upto", [({"n": f"{n}"}, yielded(*map(str, range(n)))) for n in NUMBERS]),
    *calls(
        PROJECT,
        "push",
        [
            ({"items": "[1]", "x": "2"}, mutated("2", items="[1, 2]")),
            ({"items": "[]", "x": "5"}, mutated("1", items="[5]")),
        ],
    ),
    *calls(PROJECT, "third", [({"x": f"{x}"}, f"{x + 1}") for x in NUMBERS]),
    *calls(PROJECT, "inside", [({"x": f"{x}"}, f"{3 * x}") for x in NUMBERS]),
    *calls(PROJECT, "name", [({"x": f"{x}"}, "'label'") for x in NUMBERS]),
    *calls(PROJECT, "single", [({"x": "1"}, "2")]),
    *calls(
        PROJECT,
        "stub",
        [
            ({"x": "1"}, raised("builtins:NotImplementedError")),
            ({"x": "2"}, raised("builtins:NotImplementedError")),
        ],
    ),
]
HOLD = {
    "Point.moved": "standalone",
    "Point.double.fget": "standalone",
    "Point.double.fset": "standalone",
    "Point.both": "standalone",
    "Point.at": "standalone",
    "total": "standalone",
    "parsed": "standalone",
    "upto": "standalone",
    "push": "standalone",
    "third": "third_party",
    "inside": "package",
}
DROPPED = {"name": "same_output", "single": "few_tests", "stub": "same_output"}
GONE = "0" * 64
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows]:
    """DATA with an environment alone, and the problems of the calls."""
    data = tmp_path_factory.mktemp("inputs")
    return data, made(data, TREE, CALLS, lent(data, TREE, INSTALLED))


def changed(row: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The row with other columns, and the id that it then has."""
    row = row | more
    return row | {"problem_id": hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()[:16]}


def of(rows: Rows, entry_point: str) -> dict[str, Any]:
    return next(row for row in rows if row["entry_point"] == entry_point)


@pytest.fixture(scope="module")
def verified(inputs: tuple[Path, Rows]) -> Path:
    from pipelines import cli

    data, rows = inputs
    store = ArchiveStore(Storage(str(data)))
    damaged, other = store.put(b"PK\x05\x06" + bytes(18)), store.put(b"of another kind")
    store.data.put(store.name(damaged), b"cut")
    third = of(rows, "third")
    total = of(rows, "total")
    put_ci_problems(
        data,
        [
            *rows,
            *(changed(third, environment=each) for each in (None, GONE, damaged, other, "../x")),
            total | {"commit": "later"},
            changed(total, repo="vendored", path="six.py", redistributable=False),
        ],
        shards_of=5,
    )
    put_problems(data, [problem("double", "    return 2 * x\n", [(1, 2), (2, 4), (3, 6)])])
    assert cli.main(["verify", str(data), "--workers", "1"]) == 0
    return data


def test_rows_are_those_that_the_stage_makes(inputs: tuple[Path, Rows]) -> None:
    levels = {row["entry_point"]: row["level"] for row in inputs[1]}
    assert levels == HOLD | dict.fromkeys(DROPPED, "standalone")


def test_what_holds(verified: Path, ask: Ask) -> None:
    found = dict(ask(verified, "SELECT entry_point, level FROM problems WHERE source = 'ci'"))
    assert found == HOLD
    assert ask(verified, "SELECT level, environment FROM problems WHERE source = 'made'") == [
        (None, None)
    ]
    lent_to = ask(verified, "SELECT level FROM problems WHERE environment IS NOT NULL ORDER BY 1")
    assert lent_to == [("package",), ("third_party",)]


def test_what_does_not(verified: Path, ask: Ask) -> None:
    found = ask(
        verified,
        "SELECT p.entry_point, r.reason FROM rejects_verify r JOIN ci_problems p"
        " ON p.problem_id = split_part(r.value, ' ', 1)",
    )
    reasons = ask(verified, "SELECT reason, count(*) FROM rejects_verify GROUP BY 1 ORDER BY 1")
    assert reasons == [
        ("duplicate", 2),
        ("few_tests", 1),
        ("no_environment", 5),
        ("same_output", 2),
    ]
    assert {entry: reason for entry, reason in found if entry in DROPPED} == DROPPED
    values = [
        value
        for (value,) in ask(
            verified, "SELECT value FROM rejects_verify WHERE reason = 'no_environment'"
        )
    ]
    for why in ("none is named", "not in the store", "is damaged", "is no zip", "is no sha256"):
        assert sum(why in value for value in values) == 1, why


def test_one_of_the_copies_of_a_function_stays(
    verified: Path, ask: Ask, inputs: tuple[Path, Rows]
) -> None:
    """In another version of the project it has the same id, in another project another one."""
    total = of(inputs[1], "total")["problem_id"]
    assert ask(
        verified, "SELECT problem_id, duplicates FROM problems WHERE entry_point = 'total'"
    ) == [(total, 2)]
    assert ask(
        verified,
        "SELECT commit, repo FROM rejects_verify WHERE reason = 'duplicate'"
        f" AND value LIKE '%{total}' ORDER BY ALL",
    ) == [("c", "vendored"), ("later", "project")]


def test_every_reference_ran_five_times(verified: Path, ask: Ask, quire: Quire) -> None:
    assert ask(
        verified,
        "SELECT count(*) FROM problems p WHERE 5 > (SELECT count(*) FROM verdicts_verify v"
        " WHERE v.problem_id = p.problem_id AND program = 'reference' AND passed)",
    ) == [(0,)]


def test_what_was_written_adds_up(
    verified: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quire("check", verified) == 5
    (fault,) = capsys.readouterr().err.splitlines()
    damaged = verified / fault.partition(":")[0]
    damaged.unlink()
    assert quire("check", verified) == 0


def test_their_solutions_are_right_in_the_environments_that_they_need(
    verified: Path, quire: Quire, tmp_path: Path
) -> None:
    canonical = tmp_path / "canonical.json"
    assert quire("sql", verified, "canonical", "--out", canonical) == 0
    assert quire("evaluate", canonical, "--eval", verified, "-k", "1", "--workers", "1") == 0
    lines = Path(f"{canonical}_results.jsonl").read_text().splitlines()
    results = {json.loads(line)["task_id"]: json.loads(line)["result"] for line in lines}
    assert len(results) == len(HOLD) + 1
    assert set(results.values()) == {"passed"}


def test_the_queries_count_both(
    verified: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quire("sql", verified, "verification") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(f"ci,holds,{len(HOLD)},")
    counts = [int(line.split(",")[2]) for line in lines if line.startswith("ci,")]
    assert sum(counts) == len(HOLD) + len(DROPPED) + 5 + 2
    assert "made,holds,1,100.0" in lines
    assert quire("sql", verified, "problems") == 0
    assert {line.split(",")[0] for line in capsys.readouterr().out.splitlines()[1:]} == {
        "ci",
        "made",
    }
    assert quire("sql", verified, "funnel") == 0
    verify = [
        line.split(",")[1:]
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("verify,")
    ]
    tried, *dropped, held = (int(number) for _, number in verify)
    assert tried + sum(dropped) == held == len(HOLD) + 1


def test_problems_of_projects_alone(
    inputs: tuple[Path, Rows], quire: Quire, ask: Ask, tmp_path: Path
) -> None:
    """By one worker and by two, and with samples."""
    rows = [of(inputs[1], name) for name in ("total", "Point.both", "third", "inside")]
    wholes = []
    for workers in ("1", "2"):
        data = tmp_path / workers
        lent(data, TREE, INSTALLED)
        put_ci_problems(data, rows, shards_of=2)
        assert quire("verify", data, "--workers", workers) == 0
        wholes.append({n: d for n, d in digests(data).items() if "verdicts" not in n})
    assert wholes[0] == wholes[1]
    samples = tmp_path / "samples.jsonl"
    drawn = [(row["problem_id"], row["canonical_solution"]) for row in rows[:3]]
    drawn += [(rows[3]["problem_id"], "    return x\n")]
    samples.write_text(
        "".join(json.dumps({"task_id": t, "completion": c}) + "\n" for t, c in drawn)
    )
    data = tmp_path / "1"
    assert quire("verify", data, "--samples", samples, "--workers", "1", "--overwrite") == 0
    assert ask(data, "SELECT entry_point, samples_passed FROM problems ORDER BY 1") == [
        ("Point.both", 1),
        ("third", 1),
        ("total", 1),
    ]
    assert ask(data, "SELECT reason FROM rejects_verify") == [("no_sample_passes",)]
