"""The sandboxes that tests run in: of every tier, opened by root and by an ordinary user."""

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from transforms.lib.errors import PipelineError
from transforms.lib.sandbox import Sandbox
from transforms.lib.sandbox.tiers import TIERS

SECRET = "a-secret-of-the-environment"
ORDINARY = 12345  # a user id without a name
USERS = ("root", "ordinary") if os.getuid() == 0 else ("ordinary",)
TIERS_AND_USERS = [(tier.NAME, user) for tier in TIERS for user in USERS]


def show_to_all(folder: Path, mode: int = 0o755) -> None:
    """Let every user go to a folder of pytest's, which are closed, below the one for all users."""
    top = Path(tempfile.gettempdir())
    for each in (folder, *folder.parents):
        if each == top or top not in each.parents:
            break
        each.chmod(mode)


@dataclass
class OtherUsersSandbox:
    """A sandbox in a process of an ordinary user; it has the methods of Sandbox."""

    tier: str
    process: subprocess.Popen = field(repr=False)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: object, **named: object) -> Any:
            pickle.dump((method, arguments, named), self.process.stdin)
            self.process.stdin.flush()
            return pickle.load(self.process.stdout)

        return call


@pytest.fixture(scope="session")
def opened() -> Iterator[Callable[[str, str], Any]]:
    """`opened(tier, user)`: a sandbox, the same one for every test."""
    os.environ["QUIRE_SECRET"] = SECRET
    sandboxes: dict[tuple[str, str], Any] = {}

    def open_one(tier: str, user: str) -> Any:
        if (tier, user) not in sandboxes:
            here = user == "root" or os.getuid()
            sandboxes[tier, user] = Sandbox(tier) if here else open_as_ordinary_user(tier)
        return sandboxes[tier, user]

    yield open_one
    for sandbox in sandboxes.values():
        if isinstance(sandbox, OtherUsersSandbox):
            # Closing the pipe is not enough: a fork of this process may hold it, too.
            pickle.dump(None, sandbox.process.stdin)
            sandbox.process.stdin.close()
            sandbox.process.wait(timeout=30)
            sandbox.process.stdout.close()
        else:
            sandbox.close()


def open_as_ordinary_user(tier: str) -> OtherUsersSandbox:
    script = Path(__file__).with_name("ordinary.py")
    command = [sys.executable, str(script), str(ORDINARY), tier]
    pipe = subprocess.PIPE
    made = OtherUsersSandbox(tier, subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd="/"))
    assert made.stdio("", "").exit_code == 0  # it has started
    return made


@pytest.fixture(params=TIERS_AND_USERS, ids="-".join)
def sandbox(request: pytest.FixtureRequest, opened: Callable[[str, str], Any]) -> Any:
    """A sandbox of each tier and user; the test fails if a package of the tier is missing."""
    tier, user = request.param
    try:
        return opened(tier, user)
    except PipelineError as error:
        if "not installed" in str(error):
            pytest.fail(str(error))
        pytest.skip(f"this host refuses the tier: {error}")


@pytest.fixture(params=[tier.NAME for tier in TIERS])
def any_sandbox(request: pytest.FixtureRequest, opened: Callable[[str, str], Any]) -> Any:
    """A sandbox of each tier, for tests that do not depend on who opened it."""
    try:
        return opened(request.param, USERS[0])
    except PipelineError as error:
        pytest.fail(str(error)) if shutil.which("bwrap") is None else pytest.skip(str(error))
