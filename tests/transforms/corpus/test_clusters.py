"""Clusters, --dedup-scope and --keep: who represents whom, what is kept, and what is fed of it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.conftest import Ask, Quire, write_files
from tests.support.inputs import documented, source
from transforms.corpus.scope import parted
from transforms.lib.duplicates.minhash import PERMUTATIONS, band_keys

ONE, OTHER, LONE = (source(seed, 30) for seed in range(3))
NEAR, NEARER = ONE.replace("return", "returned =", 1), ONE + "END = 1\n"
# Two releases of a project, a project whose stars make its files the representatives, and a third.
FILES = [
    ("a-1.0", "one.py", ONE, 0),
    ("a-1.0", "near.py", NEAR, 0),
    ("a-1.0", "lone.py", LONE, 0),
    ("a-2.0", "one.py", ONE, 0),
    ("a-2.0", "other.py", OTHER, 0),
    ("b", "copy.py", NEAR, 9),
    ("b", "nearer.py", NEARER, 9),
    ("c", "other.py", OTHER, 5),
    ("c", "again.py", OTHER, 5),
]
PLACE = "repo || '/' || path"


@pytest.fixture
def files(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Parquet of them, a unit of work for each file unless the test wants more in one."""
    group = getattr(request, "param", 1)
    rows = [
        {"repo": repo, "path": path, "content": content, "stars": stars}
        for repo, path, content, stars in FILES
    ]
    monkeypatch.setattr("transforms.lib.skeleton.units.UNIT_BYTES", 1000 * group)
    return write_files(tmp_path / "files.parquet", documented(rows), group)


def members(data: Path, ask: Ask) -> dict[str, set[tuple[str, str]]]:
    """The place of each representative, with place and kind of all that it represents."""
    clusters: dict[str, set[tuple[str, str]]] = {}
    for representative, place, kind in ask(
        data,
        f"""SELECT r.place, {PLACE}, m.kind FROM clusters m JOIN (
            SELECT {PLACE} AS place, sha256, regexp_replace(repo, '-.*', '') AS project
            FROM clusters WHERE kind = 'representative') r ON m.representative = r.sha256
            AND (m.kind <> 'representative' OR {PLACE} = r.place)""",
    ):
        clusters.setdefault(representative, set()).add((place, kind))
    return clusters


WHOLE = {
    "b/nearer.py": {
        ("b/nearer.py", "representative"),
        ("b/copy.py", "near"),
        ("a-1.0/near.py", "near"),  # a copy of a near duplicate is one, too
        ("a-1.0/one.py", "near"),
        ("a-2.0/one.py", "near"),
    },
    "c/again.py": {
        ("c/again.py", "representative"),
        ("c/other.py", "exact"),
        ("a-2.0/other.py", "exact"),
    },
}


@pytest.mark.parametrize("files", [1, 100], indirect=True)
def test_every_member_of_a_group_and_no_other_file(
    files: Path, tmp_path: Path, quire: Quire, ask: Ask
) -> None:
    data = tmp_path / "data"
    assert quire("corpus", data, "--files", files, "--workers=1") == 0
    assert members(data, ask) == WHOLE
    assert ask(data, f"SELECT {PLACE} FROM clusters WHERE kept ORDER BY 1") == [
        ("b/nearer.py",),
        ("c/again.py",),
    ]
    assert ask(data, "SELECT DISTINCT kind = 'near', similarity = 1 FROM clusters ORDER BY 1") == [
        (False, True),
        (True, False),
    ]
    said = "SELECT sha256, round(similarity, 4) FROM clusters WHERE NOT kept EXCEPT ALL {}"
    rejected = "SELECT sha256, round(value::DOUBLE, 4) FROM rejects_corpus"
    assert not ask(data, said.format(rejected))
    assert ask(data, "SELECT DISTINCT duplicate_of, similarity FROM corpus") == [(None, None)]
    assert quire("check", data) == 0


@pytest.mark.parametrize("files", [3], indirect=True)
def test_keep_all_drops_no_duplicate_and_feeds_none(
    files: Path, tmp_path: Path, quire: Quire, ask: Ask
) -> None:
    data = tmp_path / "data"
    assert quire("corpus", data, "--files", files, "--keep=all", "--workers=1") == 0
    assert members(data, ask) == WHOLE
    assert ask(data, "SELECT count(*), count(*) FILTER (kept) FROM clusters") == [(8, 8)]
    assert ask(data, "SELECT count(*) FROM rejects_corpus") == [(0,)]
    marked = f"SELECT {PLACE}, duplicate_of, similarity FROM corpus WHERE duplicate_of IS NOT NULL"
    named = f"SELECT {PLACE}, representative, similarity FROM clusters"
    named += " WHERE kind <> 'representative'"
    assert len(ask(data, marked)) == 6
    assert sorted(ask(data, marked)) == sorted(ask(data, named))
    represented = "SELECT exact_copies, near_copies, count(*) FROM corpus GROUP BY ALL ORDER BY ALL"
    assert ask(data, represented) == [(0, 0, 7), (0, 4, 1), (2, 0, 1)]
    feed_and_check(data, quire, ask)
    fed = ask(data, f"SELECT {PLACE} FROM examples WHERE source = 'corpus' ORDER BY 1")
    assert fed == [("a-1.0/lone.py",), ("b/nearer.py",), ("c/again.py",)]


def test_no_project_loses_a_file_to_another(
    files: Path, tmp_path: Path, quire: Quire, ask: Ask
) -> None:
    data = tmp_path / "data"
    run = ["corpus", data, "--files", files, "--dedup-scope=repo", "--workers=1"]
    assert quire(*run) == 0
    assert members(data, ask) == {
        "a-1.0/near.py": {
            ("a-1.0/near.py", "representative"),
            ("a-1.0/one.py", "near"),
            ("a-2.0/one.py", "near"),
        },
        "b/nearer.py": {("b/nearer.py", "representative"), ("b/copy.py", "near")},
        "c/again.py": {("c/again.py", "representative"), ("c/other.py", "exact")},
    }
    # What another project keeps is not fed twice.
    assert ask(data, f"SELECT {PLACE}, duplicate_of = sha256 FROM corpus ORDER BY 1") == [
        ("a-1.0/lone.py", None),
        ("a-1.0/near.py", None),  # b/copy.py, which has its content, was dropped
        ("a-2.0/other.py", True),
        ("b/nearer.py", None),
        ("c/again.py", None),
    ]
    feed_and_check(data, quire, ask)
    assert ask(data, "SELECT count(*) FROM examples WHERE source = 'corpus'") == [(4,)]


def feed_and_check(data: Path, quire: Quire, ask: Ask) -> None:
    """Feed what there is: all sums hold, and no text is there twice."""
    assert quire("functions", data, "--workers=1") == 0
    assert quire("contests", data, "doctest:", "--workers=1") == 0
    assert quire("feed", data, "--tokenizer=none", "--split=all", "--workers=1") == 0
    assert quire("check", data) == 0
    repeated = "SELECT count(*) - count(DISTINCT prompt || completion) FROM examples"
    assert ask(data, repeated) == [(0,)]
    assert ask(data, "SELECT count(*) FROM rejects_functions WHERE kept_sha256 IS NULL") == [(0,)]


def test_scope_and_keep_are_settings_of_a_run(files: Path, tmp_path: Path, quire: Quire) -> None:
    run = ["corpus", tmp_path / "data", "--files", files, "--dedup=exact", "--workers=1"]
    assert quire(*run) == 0
    for flags in (["--dedup-scope=repo"], ["--keep=all"]):
        assert quire(*run, *flags, "--resume") == 2


def test_signatures_of_two_projects_have_nothing_in_common() -> None:
    one = np.random.default_rng(1).integers(0, 2**32, PERMUTATIONS, np.uint32)
    repos = pa.chunked_array([["a-1.0", "a-2.0", "b", "owner/a"]])
    signature = parted(np.stack([one] * 4), repos)
    keys = band_keys(signature).astype(np.uint32)
    sketches = signature.astype(np.uint8)
    for left, right in ((0, 1), (0, 2), (0, 3), (2, 3)):
        same = (left, right) == (0, 1)
        assert (keys[left] == keys[right]).any() == same
        assert ((sketches[left] == sketches[right]).mean() > 0.5) == same
