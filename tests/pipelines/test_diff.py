"""diff: two runs of the same input, other settings, a new version, an older quire, wrong folders."""

import json
import re
import shutil

import pyarrow.parquet as pq
import pytest

from pipelines import cli
from schemas import DATASETS
from schemas.keys import KEYS, WITHOUT_KEYS, compared_columns
from tests.conftest import write_files
from tests.support.inputs import source

ADDRESS = "john.miller" + "@" + "mailhost.org"


def rows(commit="1.0"):
    """Files of a project: one to keep, a near duplicate of it, and one of imports."""
    text = "".join(f"a{n} = call_{n}(b{n}, {n * n})\n" for n in range(40))
    files = {
        "kept.py": text,
        "near.py": text + "last = 1\n",
        "imports.py": "import os\nimport sys\nx = 1\n",
    }
    return [
        {"repo": "r", "path": path, "commit": commit, "content": content, "licence_spdx": "MIT"}
        for path, content in files.items()
    ]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """DATA of the same files: twice alike, with other filters, of exact duplicates, and newer."""
    folder = tmp_path_factory.mktemp("diff")
    files = write_files(folder / "in.parquet", rows())
    newer = rows("2.0")
    newer[0]["content"] += "more = 2\n"
    newest = write_files(folder / "newer.parquet", newer)
    for name, given, flags in (
        ("one", files, []),
        ("again", files, []),
        ("filtered", files, ["--filters=opencoder"]),
        ("exact", files, ["--dedup=exact"]),
        ("newer", newest, ["--dedup=exact"]),
    ):
        run = ["corpus", str(folder / name), f"--files={given}", "--workers=1", *flags]
        assert cli.main(run) == 0
    return {path.name: path for path in folder.iterdir() if path.is_dir()}


@pytest.fixture
def compared(runs, quire, capsys):
    """What `diff --json` says of two of these runs."""

    def difference(one, other, *flags):
        capsys.readouterr()
        assert quire("diff", runs[one], runs[other], "--json", *flags) == 0
        return json.loads(capsys.readouterr().out)

    return difference


def dataset(found, name):
    [each] = [each for each in found["datasets"] if each["name"] == name]
    return each


def test_every_dataset_has_a_key_or_a_reason_to_have_none():
    for each in DATASETS:
        assert (each.name in KEYS) != (each.name in WITHOUT_KEYS)
        assert set(KEYS.get(each.name, ())) <= set(each.schema.names)
        if each.name in KEYS:
            assert not {"content", "seconds"} & set(compared_columns(each.name, each.schema.names))


def test_two_runs_of_the_same_input_do_not_differ(runs, quire, capsys):
    assert quire("diff", runs["one"], runs["again"], "--fail-on-difference") == 0
    out = capsys.readouterr().out
    assert "no difference: 4 datasets" in out and "moved" not in out


def test_a_folder_that_duckdb_cannot_read_by_name(runs, quire, capsys, tmp_path):
    copy = shutil.copytree(runs["exact"], tmp_path / "[copy]")
    assert quire("diff", copy, runs["exact"], "--fail-on-difference") == 0
    assert quire("diff", copy, runs["one"], "--fail-on-difference") == 5
    assert "near_duplicate" in capsys.readouterr().out


def test_what_moved_between_kept_and_dropped_is_counted_by_reason(compared):
    there, back = compared("exact", "one"), compared("one", "exact")
    assert not there["same"]
    [move] = there["moves"]
    assert (move["stage"], move["was"], move["now"], move["rows"]) == (
        *("corpus", "kept", "near_duplicate"),
        1,
    )
    [example] = move["examples"]
    assert {example["path"], example["instead"]} in (
        {"near.py", "r/kept.py"},
        {"kept.py", "r/near.py"},
    )
    [other] = back["moves"]
    assert (other["was"], other["now"]) == ("near_duplicate", "kept")
    assert dataset(there, "corpus")["only"] == [1, 0]
    assert dataset(there, "corpus")["columns"]["near_copies"] == 1
    assert [each["what"] for each in there["runs"]] == ["--dedup", "config"]


def test_a_filter_more(compared):
    found = compared("one", "filtered")
    assert {("kept", "many_imports")} == {(each["was"], each["now"]) for each in found["moves"]}
    changed = dataset(found, "signals")["examples"]["changed"]
    assert {"a": None, "b": "many_imports"} in [each["changed"].get("reason") for each in changed]


def test_examples_are_as_many_as_asked_for(compared):
    found = compared("exact", "one", "--examples=0")
    assert [move["examples"] for move in found["moves"]] == [[]]
    assert dataset(found, "corpus")["examples"] == {"only_a": [], "changed": []}


def test_files_of_a_new_version_are_the_same_rows(compared):
    found = compared("exact", "newer")
    corpus = dataset(found, "corpus")
    assert (corpus["only"], corpus["changed"], found["moves"]) == ([0, 0], 1, [])
    [example] = corpus["examples"]["changed"]
    assert (example["path"], example["commit"]) == ("kept.py", "1.0 → 2.0")
    assert {"sha256", "size"} <= example["changed"].keys() and "content" not in example["changed"]


def test_rows_of_the_same_key_are_counted(tmp_path, quire, capsys):
    for name, count in (("three", 3), ("two", 2)):
        twins = [r | {"content": source(n)} for n, r in enumerate(rows()[:1] * count)]
        files = write_files(tmp_path / f"{name}.parquet", twins)
        assert quire("corpus", tmp_path / name, f"--files={files}", "--workers=1") == 0
    capsys.readouterr()
    assert quire("diff", tmp_path / "three", tmp_path / "two", "--json") == 0
    assert sum(dataset(json.loads(capsys.readouterr().out), "signals")["only"]) == 1


def test_tables_for_people(runs, quire, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert quire("diff", runs["exact"], runs["one"], "--fail-on-difference") == 5
    out = capsys.readouterr().out
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines()]
    assert ["rejects/corpus", "0", "1", "0", "1", "0", ""] in lines
    assert any(line[:4] == ["corpus", "kept", "near_duplicate", "1"] for line in lines if line)
    assert "kept instead: r/" in out


def test_a_run_of_an_older_quire(runs, quire, capsys, tmp_path):
    older = shutil.copytree(runs["one"], tmp_path / "older")
    shutil.rmtree(older / "clusters")
    for shard in (older / "signals").glob("part-*"):
        pq.write_table(pq.read_table(shard).drop_columns(["lines"]), shard)
    manifest = older / "signals" / "_manifest.json"
    manifest.write_text(re.sub('"[0-9a-f]{64}"', f'"{64 * "0"}"', manifest.read_text()))
    assert quire("diff", older, runs["one"]) == 0
    out = capsys.readouterr().out
    assert "signals: lines are not compared: an older quire wrote one of the runs" in out
    assert "only B has: clusters" in out and "no difference" not in out


def test_what_was_made_of_another_corpus_is_said(runs, quire, capsys, tmp_path):
    one, other = (shutil.copytree(runs["one"], tmp_path / name) for name in ("one", "other"))
    assert quire("functions", one, "--workers=1") == 0
    shutil.copytree(one / "functions", other / "functions")
    shutil.rmtree(other / "corpus")
    shutil.copytree(runs["newer"] / "corpus", other / "corpus")
    capsys.readouterr()
    assert quire("diff", one, other) == 0
    out = capsys.readouterr().out
    said = "made before what is here now of corpus: functions; `quire check` says more"
    assert f"\nB: {said}\n" in out and "A: made" not in out
    assert quire("diff", one, other, "--json") == 0
    older = json.loads(capsys.readouterr().out)["older"]
    assert older == [{"side": "b", "of": "corpus", "datasets": ["functions"]}]


def test_values_of_secrets_are_not_shown(tmp_path, quire, capsys):
    for name, licence in (("one", "MIT"), ("two", f"by {ADDRESS}")):
        files = write_files(tmp_path / f"{name}.parquet", [rows()[0] | {"licence_spdx": licence}])
        assert quire("corpus", tmp_path / name, f"--files={files}", "--workers=1") == 0
    for flags in ([], ["--json"]):
        assert quire("diff", tmp_path / "one", tmp_path / "two", *flags) == 0
        out = capsys.readouterr().out
        assert "licence_spdx" in out and ADDRESS not in out


@pytest.mark.parametrize(
    ("other", "words"), [("nowhere", "no committed dataset here"), ("file", "DATA is a folder")]
)
def test_what_is_no_run_is_one_line(runs, quire, capsys, tmp_path, other, words):
    (tmp_path / "file").write_text("")
    assert quire("diff", runs["one"], tmp_path / other) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and words in error
