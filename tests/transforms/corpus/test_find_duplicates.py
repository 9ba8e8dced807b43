"""The corpus against brute force: which files represent which; and no content is shuffled."""

import hashlib
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import execution

from tests.conftest import Ask, Quire, write_files
from tests.support.inputs import digests
from tests.support.plain_duplicates import slow_order, slow_shingles
from transforms.corpus import bucket_reports, component_sizes, representatives
from transforms.lib.duplicates import candidates
from transforms.lib.duplicates.near_duplicates import MARGIN
from transforms.lib.skeleton.spill import Spill

VOCABULARY = [f"name_{i}" for i in range(5000)]
CHANGES = (0, 0, 1, 2, 4, 7, 10, 12, 14, 16, 20, 30, 60)  # words of 300: Jaccard 1.0 to 0.2


def source(words: list[str]) -> str:
    """Words as lines of code that pass every filter."""
    lines = [" ".join(words[i : i + 8]) for i in range(0, len(words), 8)]
    return "\n".join(lines) + "\n"


def families(seed: int, count: int) -> list[dict[str, Any]]:
    """Files in families: each is a mutated copy of the last one of its family: chains arise."""
    rng = random.Random(seed)
    last: dict[int, list[str]] = {}
    rows = []
    for number in range(count):
        family = rng.randrange(count // 6)
        words = list(last.get(family) or rng.choices(VOCABULARY, k=300))
        for _ in range(rng.choice(CHANGES)):
            words[rng.randrange(len(words))] = rng.choice(VOCABULARY)
        last[family] = words
        rows.append(
            {
                "repo": f"project{rng.randrange(40)}",
                "path": f"file{number}.py",
                "commit": rng.choice(["1.0", "2.0", None]),
                "content": source(words),
                "licence_spdx": rng.choice(["MIT", "GPL-3.0-only", None]),
                "stars": rng.choice([None, 5, 70]),
            }
        )
    return rows


def described(row: dict[str, Any]) -> dict[str, Any]:
    content = row["content"]
    return row | {"sha256": hashlib.sha256(content.encode()).digest(), "characters": len(content)}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return families(5, 420)


@pytest.fixture(scope="module")
def built(rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA of a near run over small row groups, so that duplicates meet across units."""
    folder = tmp_path_factory.mktemp("corpus")
    files = write_files(folder / "files.parquet", rows, row_group_size=40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("transforms.lib.skeleton.units.UNIT_BYTES", 60_000)
        from pipelines import cli

        assert cli.main(["corpus", str(folder / "data"), "--files", str(files), "--workers=1"]) == 0
    return folder / "data"


def test_exact_duplicates_are_those_of_brute_force(
    rows: list[dict[str, Any]], built: Path, ask: Ask
) -> None:
    groups = defaultdict(list)
    for row in map(described, rows):
        groups[row["sha256"]].append(row)
    duplicates = {
        row["path"] for group in groups.values() for row in sorted(group, key=slow_order)[1:]
    }
    dropped = ask(built, "SELECT path FROM rejects_corpus WHERE reason = 'exact_duplicate'")
    assert duplicates and {path for (path,) in dropped} == duplicates


def test_near_duplicates_are_verified_and_no_file_is_dropped_by_a_chain(
    rows: list[dict[str, Any]], built: Path, ask: Ask
) -> None:
    """Brute force over exact Jaccard; only the estimate of a pair far from 0.7 may be off."""
    by_path = {row["path"]: described(row) for row in rows}
    sets = {path: slow_shingles(row["content"]) for path, row in by_path.items()}
    kept = {path for (path,) in ask(built, "SELECT path FROM corpus")}
    by_digest = {by_path[path]["sha256"].hex(): path for path in kept}
    dropped = ask(
        built,
        "SELECT path, kept_sha256, value::DOUBLE FROM rejects_corpus WHERE reason = 'near_duplicate'",
    )
    assert len(dropped) > 50

    def jaccard(left: str, right: str) -> float:
        return len(sets[left] & sets[right]) / len(sets[left] | sets[right])

    for path, digest, value in dropped:
        representative = by_digest[digest]
        assert jaccard(path, representative) >= 0.7
        assert abs(jaccard(path, representative) - value) < MARGIN
        assert slow_order(by_path[representative]) < slow_order(by_path[path])
    ordered = sorted(kept, key=lambda path: slow_order(by_path[path]))
    missed = sum(
        any(jaccard(other, path) >= 0.75 for other in ordered[:i]) for i, path in enumerate(ordered)
    )
    assert missed <= 0.02 * len(dropped)


def test_copies_of_a_near_duplicate_name_a_file_of_the_corpus(built: Path, ask: Ask) -> None:
    reasons = ask(
        built,
        """SELECT reason, count(*), count(c.sha256) FROM rejects_corpus r
           LEFT JOIN (SELECT DISTINCT sha256 FROM corpus) c ON c.sha256 = r.kept_sha256
           GROUP BY reason ORDER BY reason""",
    )
    assert [reason for reason, _, _ in reasons] == ["exact_duplicate", "near_duplicate"]
    assert all(count == named for _, count, named in reasons)
    represented = ask(built, "SELECT sum(exact_copies + near_copies) FROM corpus")
    assert represented[0][0] == sum(count for _, count, _ in reasons)


def test_split_and_signals(rows: list[dict[str, Any]], built: Path, ask: Ask) -> None:
    splits = dict(ask(built, "SELECT DISTINCT repo, split FROM corpus"))
    for repo, split in splits.items():
        validation = int(hashlib.sha256(repo.encode()).hexdigest(), 16) % 100 == 0
        assert split == ("validation" if validation else "train")
    units = ask(built, "SELECT count(DISTINCT unit), count(*), count(signature) FROM signals")
    assert units[0][0] >= 5 and units[0][1:] == (len(rows), len(rows))


def test_content_is_as_it_was(rows: list[dict[str, Any]], built: Path, ask: Ask) -> None:
    contents = {row["path"]: row["content"] for row in rows}
    for path, content, sha256 in ask(built, "SELECT path, content, sha256 FROM corpus"):
        assert content == contents[path]
        assert sha256 == hashlib.sha256(content.encode()).hexdigest()


def test_exact_preset_keeps_near_duplicates(
    rows: list[dict[str, Any]], tmp_path: Path, quire: Quire, ask: Ask
) -> None:
    files = write_files(tmp_path / "files.parquet", rows)
    data = tmp_path / "data"
    assert quire("corpus", data, "--files", files, "--dedup=exact", "--workers=1") == 0
    assert ask(data, "SELECT count(*) FROM corpus") == [(len({row["content"] for row in rows}),)]
    assert ask(data, "SELECT count(signature) FROM signals") == [(0,)]


def test_no_byte_of_content_is_shuffled(
    rows: list[dict[str, Any]], tmp_path: Path, quire: Quire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Record every GroupByKey of a whole run: no line of any file is in it."""
    recorded = []
    append = execution.GroupingBuffer.append

    def record(buffer: execution.GroupingBuffer, elements: bytes) -> None:
        recorded.append(bytes(elements))
        append(buffer, elements)

    monkeypatch.setattr(execution.GroupingBuffer, "append", record)
    monkeypatch.setattr(representatives, "COMPRESSED", pa.ipc.IpcWriteOptions())
    monkeypatch.setattr(Spill, "write", lambda _spill, _name, values: iter(values))
    files = write_files(tmp_path / "files.parquet", rows)
    assert quire("corpus", tmp_path / "data", "--files", files, "--workers=1") == 0
    shuffled = b"".join(recorded)
    assert b"file7.py" in shuffled  # the winners' order is shuffled
    assert not re.search(rb"name_\d+ name_\d+", shuffled)


def test_components_found_in_rounds_are_the_same(
    rows: list[dict[str, Any]],
    built: Path,
    tmp_path: Path,
    quire: Quire,
    capfd: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As above 30 million files, where no worker holds all edges."""
    monkeypatch.setattr(candidates, "ONE_WORKER_PARTITIONS", 0)
    monkeypatch.setattr("transforms.lib.skeleton.units.UNIT_BYTES", 60_000)
    files = write_files(tmp_path / "files.parquet", rows, row_group_size=40)
    run = ["corpus", tmp_path / "data", "--files", files, "--workers=1"]
    assert quire(*run, "--rounds=1") == 1
    assert "not complete after 1 rounds; go on with --resume --rounds 2" in capfd.readouterr().err
    assert quire(*run, "--resume") == 0
    assert digests(tmp_path / "data") == digests(built)


def test_large_components_are_decided_in_rounds_and_the_same(
    rows: list[dict[str, Any]],
    built: Path,
    tmp_path: Path,
    quire: Quire,
    capfd: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As above 250,000 files in one component; with one round the last worker gets too many."""
    monkeypatch.setattr(component_sizes, "MOST_FILES", 4)
    monkeypatch.setattr("transforms.lib.skeleton.units.UNIT_BYTES", 60_000)
    monkeypatch.setattr(bucket_reports, "HELD_BYTES", 10_000)
    files = write_files(tmp_path / "files.parquet", rows, row_group_size=40)
    run = ["corpus", tmp_path / "data", "--files", files, "--workers=1"]
    assert quire(*run, "--rounds=1") == 1
    said = "more than 4 files that are much alike are not decided after 1 rounds; go on with"
    assert f"{said} --resume --rounds 2" in capfd.readouterr().err
    assert quire(*run, "--resume", "--rounds=3") == 0
    assert digests(tmp_path / "data") == digests(built)
