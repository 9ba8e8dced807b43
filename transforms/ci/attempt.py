"""An attempt to make a project green, what it is made with, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from transforms.ci.build_orders import FROM_TREE, Build
from transforms.ci.causes import Cause
from transforms.ci.package_proxy import PackageProxy
from transforms.ci.project_tree import ProjectTree
from transforms.ci.repairs import Repairs
from transforms.ci.suite_runs import Suite
from transforms.lib.sandbox import Sandbox

MOST_ATTEMPTS, SECONDS = 4, 600.0
GREEN, PARTLY, FAILED, NOT_BUILT = "green", "partly", "failed", "not_built"


@dataclass(frozen=True)
class Checkout:
    """A project at a commit: its tree as texts for the recipes, and as a tar to be tested.

    `version` is its own where it is known, and `committed` the day of the commit, or of the newest
    file of a release.
    """

    tree: ProjectTree
    tar: bytes
    version: str | None = None
    committed: date | None = None


@dataclass(frozen=True)
class Workshop:
    """What attempts are made with: a sandbox, the index, and the interpreters by their versions."""

    sandbox: Sandbox
    proxy: PackageProxy
    interpreters: Mapping[str, str]
    attempts: int = MOST_ATTEMPTS
    seconds: float = SECONDS


@dataclass(frozen=True)
class Attempt:
    """One attempt and what came of it.

    `tests` are the outcomes of the tests in the first run: passed, failed or skipped; `unstable`
    those that passed once and failed once. `environment` and `tree` are tars, and `traces` the
    files of the tracer by name, if it is green.
    """

    number: int
    rank: int
    build: Build
    state: str
    cause: Cause | None = None
    way: str | None = None
    repairs: Repairs = Repairs()
    tests: Mapping[str, str] = field(default_factory=dict)
    unstable: tuple[str, ...] = ()
    lock: Sequence[Mapping[str, Any]] = ()
    environment: bytes = b""
    tree: bytes = b""
    traces: Mapping[str, bytes] = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0
    cpu: float = 0.0
    tests_cpu: float = 0.0

    def names(self, outcome: str) -> list[str]:
        """The tests of an outcome, by name."""
        return sorted(name for name, each in self.tests.items() if each == outcome)

    @property
    def promise(self) -> tuple[bool, int]:
        """How good it is: larger is better."""
        return self.state == GREEN, len(self.names("passed"))

    @property
    def share(self) -> float:
        """Which share of the tests passed, of those that did or failed."""
        passed = len(self.names("passed"))
        return passed / max(1, passed + len(self.names("failed")))

    @property
    def left_out(self) -> tuple[str, ...]:
        """The tests that a recording has to leave out."""
        return tuple(sorted({*self.names("failed"), *self.unstable}))

    @property
    def suite(self) -> Suite:
        """How its tests are run."""
        build, folders = self.build, self.repairs.folders
        if self.way == FROM_TREE:
            folders = (*folders, *source_folders(build.tree))
        return Suite(
            build.recipe,
            build.tree,
            build.rung.python,
            build.version,
            tuple(dict.fromkeys(folders)),
            self.repairs.terminal,
            self.repairs.uncaptured,
        )


def source_folders(tree: ProjectTree) -> list[str]:
    """The folders of a tree that its packages are imported from."""
    return [name for name in ("src", "lib", "python") if tree.exists(name)] + ["."]
