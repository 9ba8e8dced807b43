"""The notebook: a program that runs, marimo takes it as its own, and its figures are DATA's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import cli
from tests.support.written_datasets import put_dataset

ROOT = Path(__file__).parents[3]
MARIMO = (sys.executable, "-m", "marimo")
LICENCE = "<b>bold</b> AND MIT"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook") / "da'ta"
    put_dataset(folder, "corpus", [{"repo": "r", "licence_spdx": LICENCE}] * 3)
    put_dataset(folder, "rejects/corpus", [{"reason": "few_alphanumeric", "value": "0.2"}] * 7)
    put_dataset(folder, "secrets", [{"kind": "key", "confidence": "high", "action": "none"}])
    put_dataset(folder, "runs", [{"run": 1, "stage": "corpus", "wall_seconds": 2.5}])
    assert cli.main(["report", str(folder), "--notebook"]) == 0
    return folder


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, as somebody who has quire installed."""
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_it_runs_as_a_program_and_tells_of_wrong_sql(data, tmp_path) -> None:
    done = run(sys.executable, data / "notebook.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    edited = tmp_path / "edited.py"
    edited.write_text((data / "notebook.py").read_text().replace("FROM datasets", "FROM nowhere"))
    done = run(sys.executable, edited, cwd=tmp_path)
    assert done.returncode == 1 and "nowhere" in done.stderr


def test_marimo_takes_it_and_shows_the_figures(data, tmp_path) -> None:
    moved = Path(shutil.copytree(data, tmp_path / "moved"))
    checked = run(*MARIMO, "check", "--strict", moved / "notebook.py", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    page = tmp_path / "page.html"
    shown = run(*MARIMO, "export", "html", moved / "notebook.py", "-o", page, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    text = page.read_text()
    for figure in ("few_alphanumeric", "key, high, none", "Where the time went"):
        assert figure in text, figure
    assert str(moved) in text and str(data) not in text
    assert LICENCE not in text and "&lt;b&gt;bold" in text.replace("\\u0026", "&")


def test_it_is_written_where_asked_and_never_over_an_edited_one(
    data, tmp_path, quire, capsys
) -> None:
    file = tmp_path / "my notebook.py"
    assert quire("report", data, "--notebook", file) == 0
    assert f"marimo edit '{file}'" in capsys.readouterr().err
    assert repr(str(data)) in file.read_text()
    assert quire("report", data, "--notebook", file) == 0
    file.write_text(file.read_text().replace("LIMIT 30", "LIMIT 3"))
    assert quire("report", data, "--notebook", file) == 2
    assert "--overwrite replaces it" in capsys.readouterr().err
    assert quire("report", data, "--notebook", file, "--overwrite") == 0
    assert "LIMIT 30" in file.read_text()


def test_a_notebook_of_a_url_needs_a_place_on_this_machine(quire, capsys, tmp_path, data) -> None:
    url = f"file://{str(data)}"
    assert quire("report", url, "--notebook") == 2
    assert "name a file on this machine" in capsys.readouterr().err
    assert quire("report", url, "--notebook", tmp_path / "n.py") == 0
