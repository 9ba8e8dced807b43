"""--dry-run: what would be read and written, what is there, and what would become of it."""

import shutil
from pathlib import Path

import pytest

from pipelines import cli
from tests.conftest import Quire, write_files
from tests.support.inputs import digests, project, rows
from transforms.lib.skeleton.shards import commit
from transforms.lib.skeleton.storage import Storage

NEW = "  corpus has not run here yet"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a file of rows, and of DATA with a corpus that was made of it."""
    folder = tmp_path_factory.mktemp("made")
    files = write_files(folder / "in.parquet", rows(10))
    assert cli.main(["corpus", f"{folder}/data", f"--files={files}", "--workers=1"]) == 0
    return folder


@pytest.fixture
def said(quire: Quire, capsys: pytest.CaptureFixture[str]):
    """`said("corpus", data, …)`: the lines of a dry run."""

    def lines(*arguments: object) -> list[str]:
        assert quire(*arguments, "--dry-run") == 0
        return capsys.readouterr().out.splitlines()

    return lines


def test_a_stage_that_has_not_run(made, tmp_path, said):
    files = made / "in.parquet"
    assert said("corpus", tmp_path / "data", f"--files={files}") == [
        f"corpus: 1 units, --dedup near, into {tmp_path}/data",
        f"  reads 1 file: {files.stat().st_size / 1000:.1f} kB",
        "  work: 1 unit, 10 rows",
        "  writes signals, corpus, clusters, rejects/corpus",
        NEW,
    ]
    assert not (tmp_path / "data").exists()


FATES = {
    "": "it would refuse, as it has run here: --resume finishes it, --overwrite starts anew",
    "--overwrite": "--overwrite: what is there stays until the run has ended, then it is replaced",
    "--resume": "--resume: nothing is left to do",
    "--resume --dedup=exact": "it would refuse, as it ran here with other inputs or settings: "
    "--overwrite starts anew",
}


@pytest.mark.parametrize("flags", FATES)
def test_what_becomes_of_what_is_there(made, said, flags):
    before = digests(made / "data")
    lines = said("corpus", made / "data", f"--files={made}/in.parquet", *flags.split())
    assert lines[-1] == f"  {FATES[flags]}"
    assert [line.split(",")[0] for line in lines if "is there:" in line] == [
        "  signals is there: 10 rows",
        "  corpus is there: 7 rows",
        "  clusters is there: 6 rows",
        "  rejects/corpus is there: 3 rows",
    ]
    assert digests(made / "data") == before


def test_what_is_unfinished_or_damaged(made, tmp_path, said):
    data = Path(shutil.copytree(made / "data", tmp_path / "data"))
    run = ("corpus", data, f"--files={made}/in.parquet", "--resume")
    (shard,) = (data / "corpus").glob("part-*")
    shard.unlink()
    assert said(*run)[-1] == "  --resume: it makes anew what 1 damaged shard held"
    (data / "_work" / "corpus").mkdir(parents=True)
    (data / "_work" / "corpus" / "signed-00000.json").write_text("{}")
    assert said(*run)[-1] == "  --resume: it goes on; 1 of 2 steps are done"


def test_a_stage_that_reads_datasets(made, said):
    lines = said("functions", made / "data")
    assert lines[1].startswith("  reads corpus (7 rows, ")
    assert lines[-1] == "  functions has not run here yet"


def test_an_export_that_a_feed_would_remove(made, tmp_path, said):
    data = Path(shutil.copytree(made / "data", tmp_path / "data"))
    commit(Storage(str(data)), "feed", ("examples", "rejects/feed", "exports/text"), "", [])
    lines = said("feed", data, "--tokenizer=none", "--overwrite")
    assert lines[-2].startswith("  removes exports/text: 0 rows, ")


def test_a_build_tells_what_its_stages_would_replace(made, tmp_path, said):
    tree = project(tmp_path / "tree")
    lines = said("build", made / "data", f"dir:{tree}", "--overwrite")
    assert lines[:2] == [f"crawl: 1 source, into {made}/data", f"  dir:{tree}"]
    assert lines[2].startswith("  dir: 1 source, no request, 3 files of ")
    after = lines[lines.index("then corpus: filter and deduplicate files: signals, corpus") + 1 :]
    assert after[1].startswith("  corpus is there: 7 rows")
    assert after[4].startswith("then ")
    assert after[-1] == "--overwrite: each stage replaces what is there when it has ended"


def test_sources_of_contests_and_samples_of_evaluate(tmp_path, said):
    (tmp_path / "a.jsonl").write_text('{"question": "q", "solutions": [], "input_output": {}}\n')
    lines = said("contests", tmp_path / "data", f"apps:{tmp_path}/a.jsonl")
    assert lines[1:3] == ["  apps: 1 source", "  work: 1 unit"]
    (tmp_path / "s.jsonl").write_text('{"task_id": "HumanEval/0", "completion": "    pass"}\n')
    samples = (tmp_path / "s.jsonl", "--ignore-incomplete")
    assert said("evaluate", *samples)[-1] == (
        "nothing stays but the files of results: there is no --data"
    )
    assert said("evaluate", *samples, "--data", tmp_path / "data")[-1] == (
        "  evaluate has not run here yet"
    )
    assert not (tmp_path / "data").exists()
