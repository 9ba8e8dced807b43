"""The rules of the presets at their limits, and a run with each that SQL judges."""

import numpy as np
import pyarrow as pa
import pytest

from schemas.quality import QUALITY
from tests.conftest import write_files
from tests.support.inputs import source
from transforms.corpus import PRESET_LEVELS
from transforms.corpus.presets import PRESETS, reject
from transforms.corpus.signals import Asked

NOBODY = {
    "python": "3",
    "function_lines": 0.2,
    "no_variables": False,
    "pass_lines": 0.05,
    "import_lines": 0.3,
    "simple_functions": 0.1,
    "no_logic": 0.5,
    "print_lines": 0.4,
    "duplicate_lines": 0.7,
    "duplicate_5grams": 0.8,
    "duplicate_6grams": 0.7,
    "duplicate_10grams": 0.6,
}


def reason_of(preset: str, **signals: object) -> tuple[str, str] | None:
    columns = {name: pa.array([value]) for name, value in (NOBODY | signals).items()}
    return reject(preset, columns, np.zeros(1, np.uint64)).get(0)


def test_every_preset_has_its_level() -> None:
    assert list(PRESETS) == list(PRESET_LEVELS)


@pytest.mark.parametrize(
    ("signal", "value", "reason"),
    [
        ("python", "2", ("not_python3", "2")),
        ("python", "none", ("not_python3", "none")),
        ("function_lines", 0.21, ("many_functions", "0.21")),
        ("no_variables", True, ("no_variables", "true")),
        ("pass_lines", 0.06, ("many_passes", "0.06")),
        ("import_lines", 0.31, ("many_imports", "0.31")),
        ("simple_functions", 0.11, ("many_simple_functions", "0.11")),
        ("no_logic", 0.51, ("no_logic", "0.51")),
        ("print_lines", 0.41, ("many_prints", "0.41")),
        ("duplicate_lines", 0.71, ("duplicate_lines", "0.71")),
        ("duplicate_5grams", 0.81, ("duplicate_5grams", "0.81")),
        ("duplicate_6grams", 0.71, ("duplicate_6grams", "0.71")),
        ("duplicate_10grams", 0.61, ("duplicate_10grams", "0.61")),
    ],
)
def test_rules_of_opencoder(signal: str, value: object, reason: tuple[str, str]) -> None:
    assert reason_of("opencoder") is None
    assert reason_of("opencoder", **{signal: value}) == reason
    assert reason_of("codex", **{signal: value}) is None


def test_null_drops_nothing() -> None:
    columns = {name: pa.nulls(1, pa.array([value]).type) for name, value in NOBODY.items()}
    assert reject("opencoder", columns, np.zeros(1, np.uint64)) == {}


def test_a_share_is_by_digest() -> None:
    columns = {
        name: pa.array([value] * 1000) for name, value in (NOBODY | {"no_logic": 1.0}).items()
    }
    assert len(reject("opencoder", columns, np.arange(1000, dtype=np.uint64))) == 800


def test_the_first_rule_gives_the_reason() -> None:
    assert reason_of("opencoder", print_lines=1.0, import_lines=1.0) == ("many_imports", "1")


GPL = "# SPDX-License-Identifier: GPL-2.0-only\n"
FILES = {
    "good.py": "def scaled(values: list, by: int):\n    found = []\n    for value in values:\n"
    "        found.append(value * by)\n    found.sort()\n    return found\n",
    "py2.py": "import a\nvalues = a.all()\nprint values\n",
    "imports.py": "import a\nimport b\nx = a.b(b.c)\n",
    "lines.py": "x = 1\n" * 30,
    "bad.py": "import os, sys, json\nl = 1\ndef f(a, b, c):\n    try:\n        g\n    except: pass\n",
    "gpl.py": GPL + source(7),
    "empty.py": "",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    rows = [
        {"repo": "r", "path": path, "content": text, "licence_spdx": "MIT"}
        for path, text in FILES.items()
    ]
    return write_files(tmp_path_factory.mktemp("presets") / "files.parquet", rows)


REJECTS = "SELECT path, reason FROM rejects_corpus ORDER BY path"


def test_signals_drop_nothing(files, tmp_path, quire, ask, capsys) -> None:
    """With `codex` the signals are columns alone, and those that were not asked for are null."""
    assert quire("corpus", tmp_path, "--files", files, "--workers=1") == 0
    assert ask(tmp_path, REJECTS) == [("empty.py", "empty")]
    rows = "SELECT path FROM {} WHERE licence_conflict AND licence_file = 'GPL-2.0-only'"
    assert ask(tmp_path, rows.format("signals")) == ask(tmp_path, rows.format("corpus"))
    assert ask(tmp_path, rows.format("corpus")) == [("gpl.py",)]
    shares = "SELECT duplicate_lines, annotated_parameters, import_lines FROM corpus WHERE path = "
    assert ask(tmp_path, f"{shares}'good.py'") == [(0, 1, 0)]
    assert ask(tmp_path, f"{shares}'lines.py'") == [(1, None, 0)]
    assert ask(tmp_path, "SELECT count(python), count(ruff_score) FROM corpus") == [(0, 0)]
    assert quire("sql", tmp_path, "permissive", "--format=csv") == 0
    assert "MIT,silver,6" in capsys.readouterr().out


def test_opencoder(files, tmp_path, quire, ask) -> None:
    run = ["corpus", tmp_path, "--files", files, "--workers=1"]
    assert quire(*run, "--filters=opencoder") == 0
    assert ask(tmp_path, REJECTS) == [
        ("bad.py", "many_passes"),
        ("empty.py", "empty"),
        ("gpl.py", "many_functions"),
        ("imports.py", "many_imports"),
        ("lines.py", "duplicate_lines"),
        ("py2.py", "not_python3"),
    ]
    assert ask(tmp_path, "SELECT path, python, no_variables FROM corpus") == [
        ("good.py", "3", False)
    ]
    assert quire("check", tmp_path) == 0
    assert quire(*run, "--resume") == 2  # with other filters
    assert quire(*run, "--filters=opencoder", "--resume") == 0


def test_swallow(files, tmp_path, quire, ask) -> None:
    """The signals of --signals ruff, and drops by their score."""
    data = tmp_path / "data"
    assert quire("corpus", data, "--files", files, "--workers=1", "--filters=swallow") == 0
    assert ask(data, REJECTS) == [
        ("bad.py", "low_score"),
        ("empty.py", "empty"),
        ("py2.py", "not_python3"),
    ]
    (value,) = ask(data, "SELECT value::DOUBLE FROM rejects_corpus WHERE reason = 'low_score'")
    assert ask(data, "SELECT ruff_score FROM signals WHERE path = 'bad.py'")[0] == pytest.approx(
        value, abs=1e-4
    )


def test_the_default_is_codex() -> None:
    assert Asked() == Asked("lexical", "codex")


def test_without_signals(files, tmp_path, quire, ask) -> None:
    """The same rows, with nothing told of their quality."""
    for level in ("none", "lexical"):
        run = ("corpus", tmp_path / level, "--files", files, "--workers=1")
        assert quire(*run, f"--signals={level}") == 0
    names = [name for name, _, _ in QUALITY]
    told = f"SELECT count(coalesce({', '.join(f'{name}::TEXT' for name in names)})) FROM signals"
    others = f"SELECT * EXCLUDE ({', '.join(names)}) FROM corpus"
    bare, full = (tmp_path / level for level in ("none", "lexical"))
    assert ask(bare, others) == ask(full, others) != []
    assert ask(bare, told) == [(0,)] != ask(full, told)
