"""What --resume refuses, and how it names the difference."""

import argparse
from pathlib import Path

import pytest

from pipelines.running.earlier_runs import prepare
from pipelines.running.job import Job, Stage
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.skeleton import shards
from transforms.lib.skeleton.storage import Storage

SCHEMES = {"shingle": "words-1"}
NEWER = {"shingle": "words-2"}


def job(schemes: dict[str, str]) -> Job:
    """A job without units whose rows depend on these schemes."""
    return Job(("corpus",), "new", (), lambda *_: None, "", schemes=schemes)


def options(**flags: bool) -> argparse.Namespace:
    return argparse.Namespace(**{"overwrite": False, "resume": False, "renew": False} | flags)


def committed_before(folder: Path, schemes: dict[str, str], config: str = "old") -> Stage:
    """A stage whose dataset an earlier run has committed."""
    data = Storage(str(folder))
    data.put_json(shards.origin_file("corpus"), {"schemes": schemes})
    shards.commit(data, "corpus", ("corpus",), config, [])
    return Stage("corpus", data, ("corpus",), "new")


@pytest.mark.parametrize(
    ("earlier", "now", "words"),
    [
        (SCHEMES, NEWER, "the shingle scheme words-1, and this is words-2"),
        ({}, NEWER, "an older quire, which did not keep the names of its schemes"),
        (SCHEMES, SCHEMES, "other inputs or settings"),
        ({}, {}, "other inputs or settings"),
    ],
)
def test_resume_names_what_differs(
    tmp_path: Path, earlier: dict[str, str], now: dict[str, str], words: str
) -> None:
    stage = committed_before(tmp_path, earlier)
    with pytest.raises(UsageError) as error:
        prepare(stage, job(now), options(resume=True))
    assert str(error.value) == (
        f"{tmp_path}: corpus ran here with {words}; `quire corpus` with --overwrite starts anew"
    )
    assert prepare(stage, job(now), options(resume=True, renew=True))
    assert prepare(stage, job(now), options(overwrite=True))
    assert shards.read_manifest(stage.data, "corpus"), "what is replaced stays until the commit"


def test_resume_names_another_version_and_other_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = committed_before(tmp_path / "version", SCHEMES)
    monkeypatch.setattr("pipelines.running.earlier_runs.VERSION", "9.9")
    with pytest.raises(UsageError, match=f"with quire {VERSION}, and this is 9.9; `quire corpus`"):
        prepare(stage, job(SCHEMES), options(resume=True))
    same = committed_before(tmp_path / "columns", SCHEMES, "new")
    assert not prepare(same, job(SCHEMES), options(resume=True))
    monkeypatch.setattr("pipelines.running.earlier_runs.has_schema", lambda *_: False)
    with pytest.raises(UsageError, match="with other columns of corpus"):
        prepare(same, job(SCHEMES), options(resume=True))


def test_a_run_that_was_interrupted_while_it_replaced_is_resumed_with_its_own_settings(
    tmp_path: Path,
) -> None:
    stage = committed_before(tmp_path, SCHEMES)
    stage.start(job(SCHEMES))
    assert stage.replaced_by() == "new"
    assert prepare(stage, job(SCHEMES), options(resume=True))
    back = Stage("corpus", stage.data, ("corpus",), "old")
    with pytest.raises(UsageError, match="other inputs or settings, and was interrupted"):
        prepare(back, job(SCHEMES), options(resume=True))
