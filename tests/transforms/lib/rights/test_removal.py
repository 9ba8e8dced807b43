"""A removal from a small DATA: what goes, what stays byte for byte, and kills at every step."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipelines import cli
from tests.conftest import Ask, Quire
from tests.support.inputs import digests, documented, source
from transforms.lib.skeleton.damage import cut_shards
from transforms.lib.skeleton.storage import Storage

SHARED, TOX = source(3), "[testenv]\ncommands = pytest\n"
# Repository: its files by path, and its licence text.
REPOSITORIES = {
    "octo/cat": {"a.py": source(1), "b.py": SHARED, "c.py": source(7) + "X = 1\n", "tox.ini": TOX},
    "octo/dog": {"d.py": source(2), "e.py": SHARED},
    "mine": {
        "tox.ini": TOX,
        "f.py": source(7),
        "g.py": "# (c) Jo <jo@Holder.example>\n" + source(5),
    },
    "theirs": {"h.py": source(6), "LICENSE": "Copyright (c) 2020 Holder <x@holder.example>\n"},
}

STAGES = (["corpus"], ["functions"], ["ci", "--recipes-only"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA of four repositories, crawled to functions."""
    folder = tmp_path_factory.mktemp("whole")
    sources = []
    for repo, files in REPOSITORIES.items():
        for path, text in files.items():
            file = folder / "in" / repo / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(documented([{"content": text}])[0]["content"])
        sources.append(f"{repo}=dir:{folder}/in/{repo}")
    data = folder / "data"
    for stage, *flags in (["crawl", *sources], *STAGES):
        assert cli.main([stage, str(data), *flags, "--workers=1"]) == 0
    return data


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "data"))


@pytest.fixture
def listed(tmp_path: Path) -> Any:
    def write(*lines: str) -> str:
        (tmp_path / "list.txt").write_text("\n".join(lines))
        return f"--list={tmp_path / 'list.txt'}"

    return write


def rows_of(data: Path, dataset: str) -> list[dict[str, Any]]:
    """The rows of all shards in the order of their names."""
    shards = sorted((data / dataset).glob("*.parquet"))
    return [row for shard in shards for row in pq.read_table(shard).to_pylist()]


def test_an_owner(data: Path, quire: Quire, ask: Ask, listed, capsys) -> None:
    datasets = ["repositories", "files", "signals", "corpus", "functions", "rejects/corpus"]
    datasets.append("recipes")
    before = {name: rows_of(data, name) for name in datasets}
    manifests, shards = (
        {p: p.read_bytes() for p in data.rglob(pattern)}
        for pattern in ("_manifest.json", "*.parquet")
    )
    assert quire("remove", data, listed("Octo/"), "--dry-run") == 0
    assert "would take rows: files 5, signals 5" in capsys.readouterr().err
    assert {p: p.read_bytes() for p in manifests} == manifests and not (data / "removals").exists()
    assert quire("remove", data, listed("Octo/", "nobody/")) == 0
    said = capsys.readouterr().err
    assert "files 5" in said and "1 of 2 entries concern no row here: nobody/" in said
    for name in datasets:
        stays = [row for row in before[name] if not row["repo"].startswith("octo/")]
        assert rows_of(data, name) == stays and len(stays) < len(before[name])
    same = {p.relative_to(data) for p, content in shards.items() if p.read_bytes() == content}
    others = {
        "ci_configs",
        "rejects/crawl",
        "rejects/functions",
        "repositories",
        "files",
        "recipes",
        "runs",
    }
    assert {str(path.parent) for path in same} == others, "shards without such rows are the same"
    assert quire("check", data) == 0
    assert len(list((data / "archives").glob("??/*"))) == 2
    assert (data / "removals" / "00001.json").read_text().count("a.py") == 0
    # `mine` had copies that were dropped for files that are gone: they stay as they are.
    orphans = "SELECT path FROM rejects_corpus WHERE kept_sha256 NOT IN (SELECT sha256 FROM corpus)"
    assert ask(data, orphans) == [("f.py",)]
    for shard in (data / "files").glob("*.parquet"):
        written = pq.read_metadata(shard).metadata
        assert {b"quire_version", b"quire_config"} <= written.keys()


def test_later_runs_obey(data: Path, quire: Quire, ask: Ask, whole: Path, listed, capsys) -> None:
    assert quire("remove", data, listed("octo/cat", "mine:f.py")) == 0
    after = digests(data)
    for stage, *flags in (["crawl"], *STAGES):
        assert quire(stage, data, *flags, "--resume", "--workers=1") == 0
    assert digests(data) == after, "nothing is left to do, and nothing is another input"
    again = f"octo/cat=dir:{whole.parent}/in/octo/cat"
    mine = f"mine=dir:{whole.parent}/in/mine"
    assert quire("crawl", data, again, mine, "--overwrite", "--workers=1") == 0
    assert quire("corpus", data, "--overwrite", "--workers=1") == 0
    opted = "SELECT repo, path, value FROM rejects_crawl WHERE reason = 'opt_out' ORDER BY 1"
    assert ask(data, opted) == [
        ("mine", "f.py", "mine:f.py"),
        ("octo/cat", None, f"{again}: octo/cat"),
    ]
    assert ask(data, "SELECT path FROM corpus") == [("g.py",)]
    assert len(list((data / "archives").glob("??/*"))) == 2, "those of octo/dog and theirs"
    capsys.readouterr()
    assert quire("check", data) == 5
    assert "functions: made of another `corpus`" in capsys.readouterr().err


def test_a_file_and_a_holder(data: Path, quire: Quire, ask: Ask, listed, capsys) -> None:
    [(shared,)] = ask(data, "SELECT DISTINCT git_sha1 FROM files WHERE path = 'b.py'")
    assert quire("remove", data, listed(f"swh:1:cnt:{shared}", "@holder.example")) == 0
    assert ask(data, "SELECT path FROM files ORDER BY 1") == [
        ("a.py",),
        ("c.py",),
        ("d.py",),
        ("f.py",),
    ]
    assert ask(data, "SELECT repo, kept_files, reason FROM repositories ORDER BY 1") == [
        ("mine", 1, "removal 1 took some files (1) and the archive"),
        ("octo/cat", 2, "removal 1 took some files (1) and the archive"),
        ("octo/dog", 1, "removal 1 took some files (1) and the archive"),
    ]
    assert not list((data / "archives").glob("??/*")), "each held what was removed"
    assert quire("check", data) == 0
    shards = [str(path) for path in (data / "files").glob("*.parquet")]
    assert len(cut_shards(shards)) == 4, "another DATA that reads them has another input"
    log = json.loads((data / "removals" / "00001.json").read_text())
    assert log["found"]["theirs"] == "@holder.example" and len(log["archives"]) == 4
    assert log["rows_by_entry"].keys() == {f"swh:1:cnt:{shared}", "@holder.example"}
    assert quire("remove", data) == 0
    assert "@holder.example, swh:1:cnt:" in capsys.readouterr().out


class Killed(Exception):
    """What stands for a kill -9."""


class Killer:
    """Raises Killed at one of the steps that change something on storage."""

    METHODS = ("put", "move", "delete", "delete_folder", "to_disk")

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.left = -1
        for name in self.METHODS:
            patch.setattr(Storage, name, self._counted(getattr(Storage, name)))

    def _counted(self, method: Any) -> Any:
        def step(*arguments: Any, **named: Any) -> Any:
            if self.left == 0:
                raise Killed
            self.left -= 1
            return method(*arguments, **named)

        return step


def trees(data: Path) -> dict[str, str]:
    return {name: digest for name, digest in digests(data).items() if "_work" not in name}


def test_a_kill_at_any_step(
    whole: Path, data: Path, quire: Quire, listed, monkeypatch, tmp_path, capsys
) -> None:
    flag = listed("octo/", "mine:f.py")
    before = digests(data)
    assert quire("remove", data, flag) == 0
    undisturbed = digests(data)
    monkeypatch.setattr("pipelines.remove.write_catalog", lambda data: None)  # takes its time
    killer, states = Killer(monkeypatch), list[bool]()
    for step in range(0, 200, 6):
        copy = shutil.copytree(whole, tmp_path / f"copy{step}")
        killer.left = step
        try:
            assert quire("remove", copy, flag) == 0
            break
        except Killed:
            killer.left = -1
        there = trees(copy)
        states.append(there == trees(whole))
        if states.count(False) == 1:
            assert quire("check", copy) == 5
            assert "a removal was interrupted" in capsys.readouterr().err
        if not states[-1] and step % 12:  # a stage finishes it, too
            assert quire("corpus", copy, "--resume", "--workers=1") == 0
        assert quire("remove", copy, flag) == 0
        assert digests(copy) == undisturbed
        shutil.rmtree(copy)
    assert states == sorted(states, reverse=True), "as it was, until all of it is to come"
    assert True in states and False in states and before != undisturbed


def test_what_is_in_the_way(data: Path, quire: Quire, listed, capsys) -> None:
    from pipelines.running.run_stage import lock

    with lock(Storage(str(data))):
        assert quire("remove", data, listed("octo/")) == 2
    assert capsys.readouterr().err.endswith("another quire command is at work here\n")
    (data / "_work" / "corpus").mkdir(parents=True)
    (data / "_work" / "corpus" / "signed-00000.json").write_text("{}")
    assert quire("remove", data, listed("octo/")) == 2
    assert "corpus is unfinished here; `quire corpus` with --resume" in capsys.readouterr().err
    assert quire("remove", data, listed("oc to")) == 2
    assert "--list" in (error := capsys.readouterr().err) and "line 1: oc to: no owner" in error
    shutil.rmtree(data / "_work")
    (data / "removals").mkdir()
    (data / "removals" / "00002.json").write_text("{}")
    for command in (["remove", data, listed("octo/")], ["corpus", data, "--resume"]):
        assert quire(*command) == 2
        assert "removals/00002.json: not removal 1 of the log" in capsys.readouterr().err
    assert quire("check", data) == 5
    (data / "removals" / "00002.json").rename(data / "removals" / "notes.txt")
    capsys.readouterr()
    assert quire("check", data) == 5
    assert "removals/notes.txt: no file of the log" in capsys.readouterr().err


def test_a_mended_shard(data: Path, quire: Quire, ask: Ask, listed) -> None:
    assert quire("remove", data, listed("octo/dog")) == 0
    query = "SELECT repo, path, sha256 FROM corpus ORDER BY ALL"
    kept = ask(data, query)
    (data / "signals" / "part-00000.parquet").unlink()
    assert quire("corpus", data, "--resume", "--workers=1") == 0
    assert set(kept) <= set(ask(data, query))
    assert not ask(data, "SELECT * FROM signals WHERE repo = 'octo/dog'")


def test_what_stays_of_duplicates_is_counted(data: Path, quire: Quire, listed, capsys) -> None:
    assert quire("remove", data, listed("octo/")) == 0  # f.py is a copy of what goes
    manifest = data / "rejects" / "corpus" / "_manifest.json"
    sound = manifest.read_text()
    assert json.loads(sound)["removed"]["left"] == 1 and quire("check", data) == 0
    manifest.write_text(sound.replace('"left": 1', '"left": 2'))
    assert quire("check", data) == 5
    assert "rejects/corpus: -1 rows name a kept file" in capsys.readouterr().err
    manifest.write_text(sound)
    (data / "files" / "part-copy.parquet").write_bytes(b"of what goes")
    (data / "archives" / f"ab.{'c' * 32}.tmp").write_bytes(b"of what goes")
    assert quire("remove", data, listed("mine:f.py")) == 0
    assert json.loads(manifest.read_text())["removed"]["left"] == 0 and quire("check", data) == 0
    assert not [path for path in data.rglob("*") if path.suffix == ".tmp" or "copy" in path.name]


def test_a_configuration_by_its_digest(data: Path, quire: Quire, ask: Ask, listed) -> None:
    [(content,)] = ask(data, "SELECT DISTINCT content FROM ci_configs")
    before = ask(data, "SELECT path FROM files ORDER BY ALL")
    assert quire("remove", data, listed(hashlib.sha256(content.encode()).hexdigest())) == 0
    assert not ask(data, "SELECT repo FROM ci_configs")
    assert not ask(data, "SELECT repo FROM recipes"), "ci ran by it"
    assert ask(data, "SELECT path FROM files ORDER BY ALL") == before and quire("check", data) == 0


def test_an_empty_list(data: Path, quire: Quire, listed, capsys) -> None:
    assert quire("remove", data, listed("# nobody")) == 0
    assert capsys.readouterr().err == "remove: the list is empty\n"
    assert not (data / "removals").exists()


def test_all_of_it(data: Path, quire: Quire, listed, capsys) -> None:
    assert quire("remove", data, listed("octo/", "mine", "theirs")) == 0
    assert not list((data / "archives").glob("??/*"))
    after = digests(data)
    assert quire("crawl", data, "--resume") == 3, "no source gave a file"
    for stage, *flags in STAGES:
        assert quire(stage, data, *flags, "--resume") == 0
    assert digests(data) == after and quire("check", data) == 0
    assert "ok, rows: repositories 0, files 0" in capsys.readouterr().out
