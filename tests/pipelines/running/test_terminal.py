"""What is printed cannot steer a terminal, and no stream that fails changes what a command does."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.running.terminal import harmless, one_line
from tests.conftest import write_files

EVIL = "a\x1b[2J\x1b]0;title\x07b\rc\x9b31m\u202etxt\u2066\x7f\x00d"
CONTROLS = [
    chr(c) for c in [*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), 0x2066, 0x2069]
]


@given(st.text())
def test_harmless_text_has_no_control_character(text):
    shown = harmless(text)
    assert not set(shown) & (set(CONTROLS) - {"\t", "\n"})
    assert shown.encode() and harmless(shown) == shown or not text
    assert "\n" not in one_line(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_other_text_stays(text):
    assert harmless(text) == text


def run(arguments: str, redirection: str = "", **environment: str) -> tuple[int, bytes, bytes]:
    """The exit code, standard output and standard error of a command, in a shell."""
    command = f"{sys.executable} -m pipelines.cli {arguments} {redirection}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        timeout=120,
        env=os.environ | environment,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """DATA with a repository and a path that hold escapes."""
    from pipelines import cli

    folder = tmp_path_factory.mktemp("evil")
    row = {"repo": EVIL, "path": "é日.py", "content": "x = 1\n"}
    files = write_files(folder / "in.parquet", [row])
    assert cli.main(["corpus", str(folder / "data"), f"--files={files}", "--workers=1"]) == 0
    return folder / "data"


def test_tables_and_errors_are_harmless_and_data_stays(data, quire, capsys):
    query = f'SELECT repo, path, 1 AS "{EVIL.replace(chr(0), "")}" FROM signals'
    assert quire("sql", data, query, "--format=table") == 0
    table = capsys.readouterr().out
    assert not set(table) & (set(CONTROLS) - {"\n"})
    assert r"a\x1b[2J\x1b]0;title\x07b\rc" in table
    assert quire("sql", data, "SELECT repo FROM signals", "--format=csv") == 0
    assert EVIL in capsys.readouterr().out
    assert quire("sql", data, f"SELECT '{EVIL}' FROM nix") == 2
    assert quire("check", f"{data}/{EVIL.replace(chr(0), '')}\nquire: ok") == 2
    error = capsys.readouterr().err
    assert not set(error) & (set(CONTROLS) - {"\n"}) and error.count("\n") == 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_encodings_that_lack_a_character(data, encoding, form):
    query = f"'SELECT path FROM signals' --format {form}"
    code, out, error = run(f"sql {data} {query}", PYTHONIOENCODING=encoding)
    assert (code, error) == (0, b"")
    assert b"\\u65e5.py" in out


def test_names_of_files_where_the_locale_is_ascii(data):
    """Python would take the name for bytes that are not UTF-8."""
    ascii_locale = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    (data.parent / "dé").symlink_to(data)
    code, out, _ = run(f"sql {data.parent}/dé \"SELECT 'ü', path FROM signals\"", **ascii_locale)
    assert code == 0
    assert out.splitlines()[1] == rb"\xfc,\xe9\u65e5.py"


@pytest.mark.parametrize(
    ("redirection", "unbuffered"), [(">/dev/full", ""), (">/dev/full", "1"), (">&-", "")]
)
def test_standard_output_that_takes_nothing(data, unbuffered, redirection):
    for arguments in (f"sql {data} funnel --format table", "--version"):
        code, _, error = run(arguments, redirection, PYTHONUNBUFFERED=unbuffered)
        assert code == 1 and error.startswith(b"quire: ") and error.count(b"\n") == 1, arguments
        assert b"standard output" in error
    code, _, error = run("check /nowhere", redirection, PYTHONUNBUFFERED=unbuffered)
    assert code == 2 and error.count(b"\n") == 1


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&1 | true", "<&- >&- 2>&-"])
def test_messages_that_nobody_reads_change_no_exit_code(tmp_path, redirection):
    row = {"repo": "r", "path": "a.py", "content": "x = 1\n"}
    files = write_files(tmp_path / "in.parquet", [row, row])
    corpus = f"corpus {tmp_path}/data --files {files} --workers 1"
    assert run("check /nowhere", redirection)[0] == 2
    assert run(corpus, redirection)[0] == 0
    assert (tmp_path / "data/.lock").read_bytes() == b"", "no message in a file of ours"
    assert run(f"check {tmp_path}/data", ">/dev/null")[0] == 0


def test_a_reader_may_leave(data):
    for query in ("'FROM range(300000)'", "'FROM range(300000)' --format json", "funnel"):
        code, out, error = run(f"sql {data} {query}", "| head -1")
        assert code == 0 and out.count(b"\n") == 1 and error == b""
