"""check: a DATA of every stage is sound, and each fault that is put into it is named; exit 5."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.running.sums import LEFT, SUMS
from schemas import DATASETS, by_name
from tests.conftest import Ask, Quire
from tests.support.every_dataset import TASK, commands, every_dataset
from tests.support.inputs import project
from tests.support.texts_of_files import texts_of
from transforms.lib.skeleton.catalog import view_name

Row = dict[str, Any]
Change = Callable[[list[Row]], list[Row]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA with every dataset, made of one small project and two samples."""
    return every_dataset(tmp_path_factory)


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "data"))


SHARD = "corpus/part-00000.parquet"


def flip_a_bit(data: Path) -> None:
    content = bytearray((data / SHARD).read_bytes())
    content[len(content) // 2] ^= 1
    (data / SHARD).write_bytes(content)


def rewrite(data: Path, dataset: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change the rows of a dataset, into one shard, with a manifest that agrees."""
    folder = data / dataset
    manifest = json.loads((folder / "_manifest.json").read_text())
    paths = [folder / shard["name"] for shard in manifest["shards"]]
    table = change(pa.concat_tables(map(pq.read_table, paths)))
    for path in paths:
        path.unlink()
    pq.write_table(table, paths[0])
    content = paths[0].read_bytes()
    figures = {"rows": table.num_rows, "bytes": len(content)}
    digest = {"sha256": hashlib.sha256(content).hexdigest()}
    manifest |= figures | {"shards": [manifest["shards"][0] | figures | digest]}
    (folder / "_manifest.json").write_text(json.dumps(manifest))


def rewrite_rows(data: Path, dataset: str, change: Change) -> None:
    """The same for a change of rows."""
    schema = by_name(dataset).schema
    rewrite(data, dataset, lambda t: pa.Table.from_pylist(change(t.to_pylist()), schema=schema))


MANIFEST = "corpus/_manifest.json"


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        (flip_a_bit, f"{SHARD}: its sha256 is not the manifest's"),
        (lambda data: (data / SHARD).unlink(), f"{SHARD}: missing"),
        (
            lambda data: (data / "files" / "part-x.parquet").touch(),
            "files/part-x.parquet: no manifest names it (a stray, or a stage to --resume)",
        ),
        (
            lambda data: (data / MANIFEST).unlink(),
            f"{SHARD}: no manifest names it (a stray, or a stage to --resume)",
        ),
        (lambda data: (data / MANIFEST).write_text("{"), "_manifest.json: not JSON"),
        (lambda data: (data / MANIFEST).write_text("{}"), "_manifest.json: not a manifest"),
        (
            lambda data: rewrite(data, "corpus", lambda table: table.drop(["split"])),
            f"{SHARD}: its schema is not that of corpus",
        ),
    ],
)
def test_a_shard_that_is_not_as_committed(
    data: Path,
    quire: Quire,
    capsys: pytest.CaptureFixture[str],
    harm: Callable[[Path], None],
    line: str,
) -> None:
    harm(data)
    assert quire("check", data) == 5
    error = capsys.readouterr().err
    assert line in error and error.count("\n") == 1


def test_a_manifest_with_another_number_of_rows(
    data: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = json.loads((data / MANIFEST).read_text())
    manifest["shards"][0]["rows"] += 1
    (data / MANIFEST).write_text(json.dumps(manifest))
    assert quire("check", data) == 5
    assert capsys.readouterr().err == f"{SHARD}: 8 rows, the manifest says 9\n"


def without(**values: Any) -> Change:
    """Remove the first row that has these values."""

    def change(rows: list[Row]) -> list[Row]:
        rows.remove(first(rows, values))
        return rows

    return change


def changed(column: str, value: Any, **values: Any) -> Change:
    """Put another value into a column of the first row that has these values."""

    def change(rows: list[Row]) -> list[Row]:
        row = first(rows, values)
        assert row[column] != value
        row[column] = value
        return rows

    return change


def first(rows: list[Row], values: Row) -> Row:
    return next(row for row in rows if values.items() <= row.items())


def same_id(rows: list[Row]) -> list[Row]:
    """Two problems by one id."""
    rows[1]["problem_id"] = rows[0]["problem_id"]
    return rows


def is_problem(row: Row) -> bool:
    """Whether a hit is of a problem."""
    return row["dataset"] == "problems"


NO_ID = "0" * 32
# Lines of `quire check`, a dataset, and a change to its rows that leads to these lines alone.
UNSOUND: list[tuple[str, str, Change]] = [
    (
        "signals, corpus and rejects/corpus do not add up: -1 rows apart",
        "signals",
        without(path="twice.py"),
    ),
    (
        "signals, corpus and rejects/corpus do not add up: 1 rows apart\n"
        "clusters and rejects/corpus do not agree: 1 duplicates are not in rejects/corpus",
        "rejects/corpus",
        without(reason="exact_duplicate"),
    ),
    (
        "rejects/corpus: 1 rows name a kept file that is not in corpus\n"
        "clusters and rejects/corpus do not agree: 1 duplicates are not in clusters\n"
        "clusters and rejects/corpus do not agree: 1 duplicates are not in rejects/corpus",
        "rejects/corpus",
        changed("kept_sha256", NO_ID),
    ),
    (
        "clusters and rejects/corpus do not agree: 1 duplicates are not in clusters\n"
        "clusters and corpus do not agree: 1 files represent others than their copies say",
        "clusters",
        without(kind="exact"),
    ),
    (
        "clusters and corpus do not agree: 1 files represent others than their copies say",
        "clusters",
        without(kind="representative"),
    ),
    (
        "clusters and corpus do not agree: 1 files represent others than their copies say",
        "corpus",
        changed("near_copies", 1, near_copies=0),
    ),
    (
        "corpus: 1 files are duplicates of a file that is not there",
        "corpus",
        changed("duplicate_of", NO_ID, path="leak.py"),
    ),
    (
        "signals, corpus and rejects/corpus do not add up: -1 rows apart\n"
        "corpus: 1 files have the content of another, and do not say so\n"
        "corpus, functions and rejects/functions do not add up: 1 files apart\n"
        "corpus, examples and rejects/feed do not add up: 1 rows apart",
        "corpus",
        lambda rows: [*rows, first(rows, {"path": "leak.py"})],
    ),
    (
        "contest_sources and contest_problems do not add up: 1 rows apart",
        "contest_problems",
        without(entry_point="once"),
    ),
    (
        "contest_sources and rejects/contests do not add up: 1 rows apart",
        "rejects/contests",
        without(reason="no_tests"),
    ),
    ("contest_problems: 1 problems have the id of another", "contest_problems", same_id),
    (
        "corpus, functions and rejects/functions do not add up: 1 files apart\n"
        "functions, examples and rejects/feed do not add up: -1 rows apart",
        "functions",
        without(path="leak.py"),
    ),
    (
        "corpus, functions and rejects/functions do not add up: 1 files apart",
        "rejects/functions",
        without(reason="no_docstring"),
    ),
    (
        "functions: 1 rows are duplicates of a function that is not there",
        "functions",
        changed("exact_duplicate_of", NO_ID),
    ),
    (
        "functions: 1 rows are duplicates of a function that is not there",
        "functions",
        changed("near_duplicate_of", NO_ID, exact_duplicate_of=None),
    ),
    (
        "secrets: 1 findings are in files that are not in corpus",
        "secrets",
        changed("sha256", NO_ID),
    ),
    (
        "functions: 1 rows are of files in which `secrets` masks something, and have no masks\n"
        "examples: 1 files are such in which `secrets` masks something, and have no masks",
        "secrets",
        changed("action", "mask"),
    ),
    *(
        (
            "examples: 1 rows hold a secret for which they are to be dropped",
            dataset,
            changed(column, "drop", path="contacts.py"),
        )
        for dataset, column in (("secrets", "action"), ("functions", "secrets_action"))
    ),
    (
        "examples: 1 rows hold a secret for which they are to be dropped",
        "problems",
        changed("secrets_action", "drop", entry_point="twice"),
    ),
    (
        "hits: 1 tasks are not in eval_tasks",
        "eval_tasks",
        without(task_id=TASK["task_id"]),
    ),
    ("removed: 1 texts have no hit", "removed", changed("sha256", NO_ID, dataset="functions")),
    ("removed: 1 texts have no hit", "removed", changed("dataset", "files", dataset="problems")),
    (
        "removed: 1 texts have no hit",
        "hits",
        lambda rows: [row | ({"verdict": "review"} if is_problem(row) else {}) for row in rows],
    ),
    (
        "repositories and files do not add up: 1 rows apart",
        "files",
        without(path="twice.py"),
    ),
    (
        "repositories and rejects/crawl do not add up: 1 rows apart",
        "rejects/crawl",
        without(path="latin.py"),
    ),
    (
        "calls, ci_problems and rejects/ci do not add up: 1 functions apart",
        "rejects/ci",
        without(reason="constant_body"),
    ),
    (
        "tests: 1 problems are not strengthened in strength",
        "strength",
        without(path="leak.py"),
    ),
    (
        "verdicts/verify: 1 problems are neither in problems nor in rejects/verify",
        "rejects/verify",
        without(reason="few_tests"),
    ),
    (
        "problems: 4 problems lack five passed runs of their reference",
        "verdicts/verify",
        lambda rows: [row | {"passed": row["passed"] and row["run"] != 4} for row in rows],
    ),
    (
        "problems: 4 problems lack five passed runs of their reference",
        "verdicts/verify",
        lambda rows: rows + [row for row in rows if row["run"] == 4],
    ),
    (
        "problems: 1 problems have the id of another\n"
        "problems, examples and rejects/feed do not add up: 1 rows apart",
        "problems",
        lambda rows: [*rows, rows[0] | {"duplicates": 0}],
    ),
    (
        "problems and the duplicates of rejects/verify do not add up: 1 rows apart",
        "problems",
        changed("duplicates", 2, duplicates=1),
    ),
    (
        "problems and the duplicates of rejects/verify do not add up: 1 rows apart",
        "rejects/verify",
        changed("reason", "few_tests", reason="duplicate"),
    ),
    (
        "functions, examples and rejects/feed do not add up: 1 rows apart",
        "rejects/feed",
        without(reason="stub"),
    ),
    (
        "corpus, examples and rejects/feed do not add up: 1 rows apart\n"
        "examples and tokens do not add up: -1 documents apart",
        "examples",
        without(source="corpus"),
    ),
    (
        "examples: 1 rows are there twice\nexamples and tokens do not add up: 1 documents apart",
        "examples",
        lambda rows: [*rows, rows[0]],
    ),
    (
        "examples and tokens do not add up: 3 documents apart",
        "tokens",
        lambda rows: [row | {"documents": row["documents"] - 1} for row in rows],
    ),
    (
        "scores and verdicts/evaluate do not add up: 1 samples apart",
        "verdicts/evaluate",
        without(passed=True),
    ),
]


@pytest.mark.parametrize(
    ("line", "dataset", "change"), UNSOUND, ids=[dataset for _, dataset, _ in UNSOUND]
)
def test_a_sum_that_is_not_zero(
    data: Path,
    quire: Quire,
    capsys: pytest.CaptureFixture[str],
    line: str,
    dataset: str,
    change: Change,
) -> None:
    rewrite_rows(data, dataset, change)
    assert quire("check", data) == 5
    assert capsys.readouterr().err == f"{line}\n"


TEMPLATES = [template for _, template in SUMS]
assert LEFT.keys() <= set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_sum_has_its_case(template: str) -> None:
    words = re.escape(template).replace(r"\{\}", "-?[0-9]+")
    lines = [line for said, _, _ in UNSOUND for line in said.split("\n")]
    assert any(re.fullmatch(words, line) for line in lines)


@pytest.mark.parametrize("query", [query for query, _ in SUMS], ids=TEMPLATES)
def test_no_part_of_a_sum_is_zero_for_want_of_rows(whole: Path, ask: Ask, query: str) -> None:
    """A part that is forgotten in a sum makes DATA unsound, for each dataset has rows here."""
    views = {view_name(dataset.name) for dataset in DATASETS} & set(re.findall(r"\w+", query))
    assert views
    for view in views:
        assert ask(whole, f"SELECT count(*) > 0 FROM {view}") == [(True,)], view


def test_whole_data_is_ok_wherever_it_lies(
    whole: Path, data: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in (whole, data):
        assert quire("check", place) == 0
        out, error = capsys.readouterr()
        assert out.startswith("ok, rows: repositories 1, files 9, ci_configs 1, signals 9, ")
        assert not error


def test_every_stage_has_left_a_row(whole: Path, ask: Ask) -> None:
    stages = [(command[0],) for command in commands(whole, whole.parent)]
    assert ask(whole, "SELECT stage FROM runs ORDER BY run") == stages
    written = "SELECT unnest(written).dataset FROM runs"
    assert ask(whole, f"SELECT name FROM datasets WHERE name NOT IN ({written})") == [("runs",)]


def test_what_is_only_rewritten_is_ok(data: Path, quire: Quire) -> None:
    """The changes above are faults by what they change, and not by how they are written."""
    for dataset in {dataset for _, dataset, _ in UNSOUND}:
        rewrite_rows(data, dataset, lambda rows: rows)
    assert quire("check", data) == 0


def test_a_broken_manifest_is_one_line_for_every_command(
    data: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "files" / "_manifest.json").write_text("nothing")
    for command in (["sql", "funnel"], ["corpus"], ["corpus", "--resume"]):
        assert quire(command[0], data, *command[1:]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and "files/_manifest.json: not JSON" in error


def manifest_with(**values: Any) -> Callable[[Path], None]:
    """Put other values into the manifest of `corpus`."""

    def harm(data: Path) -> None:
        manifest = json.loads((data / MANIFEST).read_text())
        (data / MANIFEST).write_text(json.dumps(manifest | values))

    return harm


def damage_an_archive(data: Path) -> None:
    name = hashlib.sha256(b"archive").hexdigest()
    folder = data / "archives" / name[:2]
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"other")


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        (manifest_with(rows=9), f"{MANIFEST}: 9 rows, its shards have 8"),
        (manifest_with(bytes=7), f"{MANIFEST}: 7 bytes, its shards have "),
        (manifest_with(config="0" * 16), f"{MANIFEST}: config {'0' * 16}, its shards have "),
        (manifest_with(version="9.9"), f"{MANIFEST}: version 9.9, its shards have "),
        (damage_an_archive, ": its sha256 is not its name"),
        (
            lambda data: (data / "corpus" / "part-00000 (1).parquet").touch(),
            "corpus/part-00000 (1).parquet: no shard of quire (a copy",
        ),
        (
            lambda data: (data / "corpus" / f"x.{'0' * 32}.tmp").touch(),
            "left by a killed run; the next run of `quire corpus` removes it",
        ),
        (lambda data: (data / "corpus" / "notes.txt").touch(), "notes.txt: no file of quire"),
    ],
)
def test_a_figure_or_a_file_that_is_not_as_committed(
    data: Path,
    quire: Quire,
    capsys: pytest.CaptureFixture[str],
    harm: Callable[[Path], None],
    line: str,
) -> None:
    harm(data)
    assert quire("check", data) == 5
    error = capsys.readouterr().err
    assert line in error and error.count("\n") == 1


def test_files_of_file_managers_are_no_faults(data: Path, quire: Quire) -> None:
    for name in (".DS_Store", "._part-00000.parquet", ".nfs01", "Thumbs.db"):
        (data / "corpus" / name).touch()
    assert quire("check", data) == 0


def test_a_stage_whose_input_is_newer_is_named(
    tmp_path: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    projects = [project(tmp_path / name, [name]) for name in "ab"]
    assert quire("crawl", data, f"dir:{projects[0]}", "--workers=1") == 0
    assert quire("corpus", data, "--workers=1") == 0
    assert quire("functions", data, "--workers=1") == 0
    assert quire("check", data) == 0
    assert quire("crawl", data, f"dir:{projects[1]}", "--resume", "--workers=1") == 0
    capsys.readouterr()
    assert quire("check", data) == 5
    line = "corpus: made of another `files` than is here now; `quire corpus` with --overwrite"
    assert capsys.readouterr().err == f"{line} makes it anew\n"
    assert quire("corpus", data, "--workers=1", "--overwrite") == 0
    capsys.readouterr()
    assert quire("check", data) == 5
    assert "functions: made of another `corpus`" in capsys.readouterr().err


def test_no_data_is_a_line(
    tmp_path: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quire("check", tmp_path) == 2
    assert "no datasets here" in capsys.readouterr().err


REMOVED_TEXTS = (
    "Return the numbers up to the middle",  # of parts.py
    "closer to each other than",  # of leak.py
    "Return n.",  # of once.py
)


def holders(data: Path) -> set[str]:
    """The datasets and other files that hold a text of REMOVED_TEXTS."""
    return {
        path.relative_to(data).parts[0]
        for path, text in texts_of(data)
        if any(removed in text for removed in REMOVED_TEXTS)
    }


def test_a_removal_is_followed_through_every_dataset(
    data: Path, quire: Quire, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No text of what is removed is left anywhere, and nothing else is another."""
    [(once,)] = ask(data, "SELECT git_sha1 FROM files WHERE path = 'once.py'")
    [(leak,)] = ask(data, "SELECT sha256 FROM files WHERE path = 'leak.py'")
    gone = "('parts.py', 'leak.py', 'once.py')"
    others = {
        name: f"SELECT * FROM {view_name(name)} WHERE path NOT IN {gone} ORDER BY ALL"
        for name in ("files", "corpus", "functions", "contest_problems", "examples")
    }
    before = {name: ask(data, query) for name, query in others.items()}
    held = {"files", "corpus", "functions", "problems", "ci_problems", "hits", "examples"}
    held |= {"archives", "tokens", "exports", "contamination.md", "contest_problems"}
    assert held <= holders(data)
    (tmp_path / "list").write_text(f"project:parts.py\n{leak}\nswh:1:cnt:{once}\n")
    assert quire("remove", data, f"--list={tmp_path / 'list'}") == 0
    assert not holders(data)
    assert {name: ask(data, query) for name, query in others.items()} == before
    capsys.readouterr()
    assert quire("check", data) == 5
    said = capsys.readouterr().err
    assert (
        said.startswith("feed: a removal took rows of it, and exports/") and said.count("\n") == 1
    )
    feed = ["--window=256", "--to=text", "--to=sft", "--to=rl", "--to=harbor", "--workers=1"]
    assert quire("feed", data, *feed, "--overwrite") == 0
    assert not holders(data)
    assert quire("check", data) == 0
