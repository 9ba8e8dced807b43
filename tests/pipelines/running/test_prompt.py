"""The prompt of `quire sql DATA`, typed into through a terminal."""

import codecs
import os
import pty
import re
import select
import stat
import subprocess
import sys
import time

import pytest

from tests.support.inputs import project

PROMPT, MORE = "quire> ", "  ...> "
SECONDS = 60.0  # to wait for a prompt
ENDLESS = "SELECT count(*) FROM range(1_000_000_000_000) WHERE hash(range) = 1;"


# Makes the terminal that it has as standard input its own, so that Ctrl-C reaches it.
BEGIN = """import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Typed:
    """A command in a terminal of its own, and what it prints."""

    def __init__(self, *arguments, **environment):
        self.terminal, side = pty.openpty()
        command = [sys.executable, "-c", BEGIN, sys.executable, "-m", "pipelines.cli"]
        self.process = subprocess.Popen(
            [*command, *map(str, arguments)],
            stdin=side,
            stdout=side,
            stderr=side,
            env=os.environ | environment,
        )
        os.close(side)

    def reads(self, end):
        """What is printed until `end`, or until nothing more comes."""
        printed, until = "", time.monotonic() + SECONDS
        # A read may end within a character: the pseudo-terminal hands over what has come.
        decoder = codecs.getincrementaldecoder("utf-8")()
        while not printed.endswith(end):
            assert time.monotonic() < until, printed
            if select.select([self.terminal], [], [], 1)[0]:
                try:
                    printed += decoder.decode(os.read(self.terminal, 65536))
                except OSError:  # so Linux tells that the other side is closed
                    break
        return printed.replace("\r\n", "\n")

    def types(self, text, end=PROMPT):
        """What is printed after a line is typed."""
        os.write(self.terminal, text.encode())
        return self.reads(end)

    def ends(self):
        """The exit code."""
        assert self.reads("\0") is not None
        os.close(self.terminal)
        return self.process.wait(SECONDS)


@pytest.fixture
def data(tmp_path, quire):
    assert (
        quire("crawl", tmp_path / "data", f"dir:{project(tmp_path / 'tree')}", "--workers=1") == 0
    )
    return tmp_path / "data"


@pytest.fixture
def opened(data, tmp_path):
    """The prompt, with its history below the folder `state`."""

    def prompt():
        typed = Typed("sql", data, TERM="dumb", XDG_STATE_HOME=str(tmp_path / "state"))
        assert typed.reads(PROMPT).startswith("Ask in SQL")
        return typed

    return prompt


def cells(printed):
    """The cells of printed tables, row by row."""
    lines = [line for line in printed.split("\n") if line.startswith(("│", "┃"))]
    return [[cell.strip() for cell in re.split("[│┃]", line)[1:-1]] for line in lines]


def test_a_session(opened, tmp_path):
    typed = opened()
    assert typed.types("SELECT 'a;' AS x\n", MORE)
    assert cells(typed.types(", 2 AS y;\n")) == [["x", "y"], ["a;", "2"]]
    assert ["files", "3", "crawl"] in cells(typed.types(".tables\n"))
    assert ["repo", "string", "project name, without its version"] in cells(
        typed.types(".describe files\n")
    )
    assert ["crawl", "kept in files", "3"] in cells(typed.types("funnel\n"))
    assert any(row[0] == "why FILE" for row in cells(typed.types(".queries\n")))
    assert [
        row[place] for row in cells(typed.types("why pkg/a.py\n"))[1:] for place in (0, 2, 3)
    ] == ["tree/pkg/a.py", "crawl", "kept"]
    for wrong, words in (
        ("SELEKT 1;\n", "syntax error"),
        ("SELECT nix FROM files;\n", "nix"),
        ("funel\n", "is it funnel?"),
        ("why\n", "takes 1 argument"),
        (".nix\n", "no command .nix; see .help"),
        (".describe nix\n", "no dataset 'nix'"),
        ("COPY files TO 'x';\n", "only SELECT is allowed"),
    ):
        said = [line for line in typed.types(wrong).split("\n") if line.startswith("quire: ")]
        assert len(said) == 1 and words in said[0]
    assert "Ctrl-C abandons" in typed.types("\n.help\n", f"names.\n{PROMPT}".replace("\n", "\r\n"))
    assert cells(typed.types("SELECT count(*) AS n FROM reposi\t;\n")) == [["n"], ["1"]]
    assert typed.types("\x04", "\0") and typed.ends() == 0


def test_ctrl_c_abandons_a_line_and_a_query(opened):
    typed = opened()
    assert typed.types("SELECT 1\n", MORE)
    time.sleep(1)  # Python misses a signal between its prompt and its waiting for a key
    assert typed.types("\x03")
    assert cells(typed.types("SELECT 2 AS two;\n")) == [["two"], ["2"]]
    os.write(typed.terminal, f"{ENDLESS}\n".encode())
    time.sleep(1)
    typed.types("\x03")
    assert cells(typed.types("SELECT 3 AS three;\n")) == [["three"], ["3"]]
    typed.types(".quit\n", "\0")
    assert typed.ends() == 0


def test_the_history_is_kept_for_this_user_alone(opened, tmp_path):
    for query in ("SELECT 41 + 1 AS first;", "SELECT 43 AS second;"):
        typed = opened()
        typed.types(f"{query}\n")
        typed.types("\x04", "\0")
        assert typed.ends() == 0
    file = tmp_path / "state" / "quire" / "sql_history"
    assert file.read_text().splitlines() == ["SELECT 41 + 1 AS first;", "SELECT 43 AS second;"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    typed = opened()
    assert ["42"] in cells(typed.types("\x1b[A\x1b[A\n"))  # two lines up
    typed.types("\x04", "\0")
    assert typed.ends() == 0
