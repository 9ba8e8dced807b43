"""Programs that read standard input, and commands in the tree of a project."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.lib.sandbox.conftest import show_to_all
from transforms.lib.sandbox import Limits, Raised


@pytest.mark.parametrize(
    ("program", "stdin", "stdout"),
    [
        ("print(int(input()) * 2)", "21\n", "42\n"),
        ("import sys\nfor line in sys.stdin: print(line[::-1].strip())", "ab\ncd", "ba\ndc\n"),
        ("import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read().upper())", "é", "é"),
        ("import os\nprint(len(open(0).read()))", "x" * 500_000, "500000\n"),
        ("if __name__ == '__main__': print('main')", "", "main\n"),
        (
            "import threading\nthreading.Thread(target=lambda: print('thread')).start()",
            "",
            "thread\n",
        ),
        ("import atexit\natexit.register(print, 'exit')", "", "exit\n"),
        ("import sys\nprint('x')\nsys.exit()", "", "x\n"),
        ("print('x')\nexit()", "", "x\n"),
        ("print('x')\nquit(0)", "", "x\n"),
        (
            "import sys\nsys.setrecursionlimit(10**6)\ndef f(n): return n and 1 + f(n - 1)\nprint(f(50_000))",
            "",
            "50000\n",
        ),
        (
            "import resource\nresource.setrlimit(resource.RLIMIT_STACK, (2**26, 2**26))\nprint('stack')",
            "",
            "stack\n",
        ),
        ("print('\\ud83d\\ude00'.encode('utf-16', 'surrogatepass').decode('utf-16'))", "", "😀\n"),
        ("import sys\nprint(sys.argv, len(sys.stdin.readlines()))", "\n\n", "['program.py'] 2\n"),
    ],
)
def test_output(any_sandbox: Any, program: str, stdin: str, stdout: str) -> None:
    got = any_sandbox.stdio(program, stdin)
    assert (got.stdout, got.exit_code, got.failed) == (stdout, 0, None)


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("raise SystemExit(3)", 3),
        ("import sys; sys.exit('why')", 1),
        ("raise SystemExit(True)", 1),
    ],
)
def test_exit_codes(any_sandbox: Any, program: str, code: int) -> None:
    assert any_sandbox.stdio(program, "").exit_code == code


def test_exceptions(any_sandbox: Any) -> None:
    got = any_sandbox.stdio("print('before')\nprint(1 / 0)", "")
    assert (got.stdout, got.exit_code) == ("before\n", None)
    assert got.failed == Raised("ZeroDivisionError", "division by zero")
    assert any_sandbox.stdio("input()", "").failed == Raised("EOFError", "EOF when reading a line")


def test_too_much_output(sandbox: Any) -> None:
    got = sandbox.stdio("while True: print('x' * 1000)", "", Limits(wall=10.0, output=50_000))
    assert got.ending.limit == "output"
    assert len(got.stdout) == 50_000
    assert got.failed is not None


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with a test, a link, an executable, and a FIFO, at which a copy could hang."""
    tree = tmp_path / "tree"
    (tree / "tests").mkdir(parents=True)
    (tree / "tests" / "test_it.py").write_text(
        "import unittest\nclass T(unittest.TestCase):\n    def test(self): pass\n"
    )
    (tree / "run.sh").write_text('#!/bin/sh\nsh -c ": > made"; ls\n')
    (tree / "run.sh").chmod(0o755)
    (tree / "link").symlink_to("run.sh")
    os.mkfifo(tree / "fifo")
    show_to_all(tmp_path)
    return tree


def test_a_command_works_on_a_copy(sandbox: Any, tree: Path) -> None:
    for _ in range(2):
        got = sandbox.command(["./link"], str(tree))
        assert got.output.split() == [b"link", b"made", b"run.sh", b"tests"]
        assert (got.ending.exit_code, got.failed) == (0, None)
    assert not (tree / "made").exists()


def test_a_command_s_exit_code_output_and_variables(sandbox: Any, tree: Path) -> None:
    script = "echo $ONE $SECRET; echo two >&2; exit 5"
    got = sandbox.command(["sh", "-c", script], str(tree), variables={"ONE": "1"})
    assert (got.output, got.ending.exit_code) == (b"1\ntwo\n", 5)
    missing = sandbox.command(["no-such-command"], str(tree))
    assert missing.failed.type == "SandboxError"
    assert "no-such-command" in missing.failed.message


def test_a_command_leaves_nothing(sandbox: Any, tree: Path) -> None:
    script = "(setsid sh -c 'sleep 1000' &) ; (nohup sleep 1000 &) ; sleep 1000 & echo done"
    got = sandbox.command(["sh", "-c", script], str(tree))
    assert (got.output, got.ending.exit_code) == (b"done\n", 0)
    bomb = sandbox.command(
        ["sh", "-c", "b() { b | b & }; b & exec sleep 1000"],
        str(tree),
        limits=Limits(wall=1.0, processes=50),
    )
    assert bomb.ending.limit == "wall"


def test_a_command_reaches_neither_home_nor_network(sandbox: Any, tree: Path) -> None:
    script = (
        "cat /etc/shadow /proc/*/environ | grep -a -i secret; cat ../../../*/secret; : > ../escaped; "
        "exec 3<> /dev/tcp/127.0.0.1/22"
    )
    got = sandbox.command(["bash", "-c", script], str(tree), variables={"LC_ALL": "C"})
    assert got.ending.exit_code != 0
    assert b"a-secret" not in got.output
    assert not list(tree.parent.glob("escaped"))


def test_a_command_with_an_environment(any_sandbox: Any, tree: Path, tmp_path: Path) -> None:
    """A virtual environment of the system's Python, which every user can run."""
    environment = tmp_path / "venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to("/usr/bin/python3")
    (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
    packages = environment / "lib" / "python{}.{}".format(*sys_version()) / "site-packages"
    packages.mkdir(parents=True)
    (packages / "installed.py").write_text("print('installed')")
    command = ["python", "-c", "import installed, unittest; unittest.main('tests.test_it')"]
    got = any_sandbox.command(command, str(tree), environment=str(environment))
    assert b"installed\n" in got.output
    assert b"Ran 1 test" in got.output
    assert got.ending.exit_code == 0


def sys_version() -> tuple[int, int]:
    """The version of the system's Python."""
    name = os.path.basename(os.path.realpath("/usr/bin/python3"))
    major, _, minor = name.removeprefix("python").partition(".")
    return (int(major), int(minor)) if minor else sys.version_info[:2]
