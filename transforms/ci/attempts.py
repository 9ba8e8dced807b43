"""Attempts to make a project green: environments and baseline runs, one after another.

An attempt makes the environment of a recipe on a rung of the ladder, runs the tests twice, offline
and each time in a fresh tree, and once more while recording. What an attempt shows decides the next
one; the first that is green is the last.
"""

import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from transforms.ci import causes, hygiene
from transforms.ci.causes import Cause
from transforms.ci.driver_results import Malformed, RunResult, read_build, read_runs
from transforms.ci.environments import (
    BUILD_SECONDS,
    FROM_TREE,
    Build,
    build_order,
    leaves_files,
    way_of,
)
from transforms.ci.interpreters import readable_root
from transforms.ci.ladder import Rung, ladder
from transforms.ci.locks import lock_of
from transforms.ci.package_proxy import PackageProxy
from transforms.ci.project_sandbox import drive
from transforms.ci.project_tree import ProjectTree
from transforms.ci.recipe import Recipe
from transforms.ci.repairs import MOST, Repairs, repaired
from transforms.ci.suite_runs import PLAIN, TEST_SECONDS, TRACE, Suite, suite_order
from transforms.ci.uv import uv_binary
from transforms.lib.sandbox import Sandbox

MOST_ATTEMPTS, SECONDS = 4, 600.0
LEAST_SECONDS = 20.0  # that an attempt is begun with
START_SECONDS = 30  # of the sandbox, besides the time of what runs in it
TRACES = "traces/"  # the folder of the tracer's files in an answer
NO_ENVIRONMENT = Cause("install_fails", "no environment")
# Rungs after the first attempt; a project that is too old for an interpreter needs its own.
AFTER_OTHERS = ("hygiene", "named", "dated", "today")
AFTER_OLD = ("named", "hygiene", "dated", "today")
GREEN, PARTLY, FAILED, NOT_BUILT = "green", "partly", "failed", "not_built"


@dataclass(frozen=True)
class Project:
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


def attempts(workshop: Workshop, project: Project, recipes: Sequence[Recipe]) -> Iterator[Attempt]:
    """The attempts, one after another: at most as many, and as long, as the workshop says."""
    end = time.monotonic() + workshop.seconds
    done: list[Attempt] = []
    while len(done) < workshop.attempts and end - time.monotonic() > LEAST_SECONDS:
        planned = plan(project, recipes, list(workshop.interpreters), done)
        if planned is None:
            return
        bare = _begun(workshop, project, len(done) + 1, recipes, planned)
        attempt = _attempt(workshop, project, bare, end)
        done.append(attempt)
        yield attempt
        if attempt.state == GREEN:
            return


def best(tried: Sequence[Attempt]) -> Attempt | None:
    """The green attempt, or the one with the most tests that passed; None without one that ran."""
    ran = [attempt for attempt in tried if attempt.state in (GREEN, PARTLY)]
    return max(ran, key=lambda attempt: (*attempt.promise, -attempt.number), default=None)


def plan(
    project: Project, recipes: Sequence[Recipe], available: Sequence[str], done: Sequence[Attempt]
) -> tuple[Recipe, Rung] | None:
    """What is tried next: a recipe on a rung; None if nothing is left.

    The first recipe goes up the ladder. Another recipe has its turn where the cause is one that no
    other interpreter and no other index will mend, and at the last attempt where nothing passed.
    """
    tried = [(attempt.build.recipe, attempt.build.rung) for attempt in done]
    pairs = [
        (recipe, rung)
        for recipe in recipes
        for rung in ladder(
            [recipe.python_named, *(each.python_named for each in recipes)],
            available,
            project.committed,
            project.tree.requires_python,
        )
    ]
    left = [pair for pair in pairs if pair not in tried]
    if not done or not left:
        return left[0] if left else None
    current = _current(done)
    others = _others(left, tried)
    is_last = len(done) + 1 >= MOST_ATTEMPTS and current.state in (FAILED, NOT_BUILT)
    if others and (_is_about(done[-1], causes.OF_RECIPES) or is_last):
        return _first_of(others, _order(done))
    own = [pair for pair in left if pair[0] == current.build.recipe]
    return _first_of(own or others or left, _order(done))


def _is_about(attempt: Attempt, names: Sequence[str]) -> bool:
    return attempt.cause is not None and attempt.cause.name in names


def _current(done: Sequence[Attempt]) -> Attempt:
    """The attempt whose recipe goes on: the best one, the last of equals."""
    return max(done, key=lambda attempt: (*attempt.promise, attempt.number))


def _others(
    left: Sequence[tuple[Recipe, Rung]], tried: Sequence[tuple[Recipe, Rung]]
) -> list[tuple[Recipe, Rung]]:
    """The pairs whose recipe runs something that was not run yet; all of one recipe."""
    known = [(recipe.commands, recipe.script, recipe.cwd) for recipe, _ in tried]
    others = [pair for pair in left if (pair[0].commands, pair[0].script, pair[0].cwd) not in known]
    return [pair for pair in others if pair[0] == others[0][0]]


def _order(done: Sequence[Attempt]) -> tuple[str, ...]:
    """The rungs in the order in which they promise most, after what was seen."""
    current = _current(done)
    if current.state == PARTLY and current.number != done[-1].number:
        return (current.build.rung.name, *AFTER_OTHERS)
    is_old = any(_is_about(attempt, ("old_python",)) for attempt in done)
    return AFTER_OLD if is_old else AFTER_OTHERS


def _first_of(pairs: Sequence[tuple[Recipe, Rung]], order: Sequence[str]) -> tuple[Recipe, Rung]:
    """The pair whose rung comes first in an order."""
    return min(pairs, key=lambda pair: order.index(pair[1].name))


def _begun(
    workshop: Workshop,
    project: Project,
    number: int,
    recipes: Sequence[Recipe],
    planned: tuple[Recipe, Rung],
) -> Attempt:
    recipe, rung = planned
    interpreter, index = workshop.interpreters[rung.python], workshop.proxy.socket
    build = Build(recipe, rung, project.tree, interpreter, index, project.version)
    return Attempt(number, recipes.index(recipe) + 1, build, NOT_BUILT)


def _attempt(workshop: Workshop, project: Project, attempt: Attempt, end: float) -> Attempt:
    """One attempt, repaired as often as something is known to help."""
    begin, cpu = time.monotonic(), _cpu()
    attempt = _built(workshop, project, attempt, end)
    tests_cpu = 0.0
    for _ in range(MOST + 1):
        if attempt.state != NOT_BUILT:
            attempt = _tested(workshop, attempt, end)
            tests_cpu += attempt.tests_cpu
        repairs = _next_repairs(attempt, project.tree)
        if repairs is None or end - time.monotonic() < LEAST_SECONDS:
            break
        repairable = replace(attempt, repairs=repairs)
        more = replace(attempt.build, more=repairs.more, all_extras=repairs.all_extras)
        if more != attempt.build:
            built = _built(workshop, project, replace(repairable, build=more), end)
            if built.state == NOT_BUILT:
                break
            repairable = built
        attempt = repairable
    spent = _cpu() - cpu
    return replace(
        attempt, seconds=time.monotonic() - begin, cpu=spent - tests_cpu, tests_cpu=tests_cpu
    )


def _next_repairs(attempt: Attempt, tree: ProjectTree) -> Repairs | None:
    if attempt.state not in (PARTLY, FAILED) or attempt.cause is None:
        return None
    python = attempt.build.rung.python
    return repaired(attempt.repairs, attempt.cause, attempt.log, tree, python)


def _built(workshop: Workshop, project: Project, attempt: Attempt, end: float) -> Attempt:
    """The attempt with its environment, or with the cause why there is none."""
    seconds = min(BUILD_SECONDS, max(1.0, end - time.monotonic()))
    build, proxy = attempt.build, workshop.proxy
    proxy.used.clear()
    proxy.before, proxy.unbound = build.rung.before, hygiene.UNBOUND
    answer = drive(
        workshop.sandbox,
        build_order(build, seconds),
        {"tree": project.tar},
        readable=[uv_binary(), readable_root(build.interpreter), proxy.socket],
        seconds=seconds + START_SECONDS,
    )
    if answer.failure:
        return replace(attempt, state=NOT_BUILT, cause=_of_failure(answer.failure))
    try:
        result = read_build(answer.result)
    except Malformed as error:
        return replace(attempt, state=NOT_BUILT, cause=Cause("sandbox", str(error)))
    cause = causes.of_build(result)
    if cause or "environment" not in answer.files:
        return replace(attempt, state=NOT_BUILT, cause=cause or NO_ENVIRONMENT, log=result.log)
    way = way_of(build, next(step.way for step in result.steps if step.name == "install"))
    tree = answer.files.get("tree") if leaves_files(build, way) else None
    return replace(
        attempt,
        state=FAILED,
        cause=None,
        way=way,
        lock=lock_of(proxy.used, result.frozen),
        environment=answer.files["environment"],
        tree=tree or project.tar,
        log=result.log,
    )


def _of_failure(failure: str) -> Cause:
    """The cause where the driver itself did not come to its end."""
    causes_of_limits = {"wall": "timeout", "cpu": "timeout", "output": "output"}
    return Cause(causes_of_limits.get(failure, "sandbox"), failure)


@dataclass(frozen=True)
class _Driven:
    """The runs of a suite, and the files of the tracer; or the cause why there is none."""

    runs: Sequence[RunResult] = ()
    traces: Mapping[str, bytes] = field(default_factory=dict)
    cause: Cause | None = None


def _driven(
    workshop: Workshop, attempt: Attempt, suite: Suite, runs: Sequence[str], left: float
) -> _Driven:
    seconds = max(1.0, min(TEST_SECONDS, left))
    answer = drive(
        workshop.sandbox,
        suite_order(suite, runs, seconds),
        {"tree": attempt.tree, "environment": attempt.environment},
        readable=[readable_root(attempt.build.interpreter)],
        seconds=max(1.0, min(seconds * len(runs), left)) + START_SECONDS,
    )
    if answer.failure:
        return _Driven(cause=_of_failure(answer.failure))
    try:
        done = read_runs(answer.result)
    except Malformed as error:
        return _Driven(cause=Cause("sandbox", str(error)))
    traces = {
        name.removeprefix(TRACES): content
        for name, content in answer.files.items()
        if name.startswith(TRACES)
    }
    return _Driven(done, traces, None if done else Cause("sandbox", "no run"))


def _tested(workshop: Workshop, attempt: Attempt, end: float) -> Attempt:
    """The attempt with the outcomes of its tests; with traces too, if it is green."""
    left = end - time.monotonic()
    driven = _driven(workshop, attempt, attempt.suite, [PLAIN, PLAIN, TRACE], left)
    if driven.cause:
        return replace(attempt, state=FAILED, cause=driven.cause, tests={}, traces={})
    first = driven.runs[0]
    cause, spent = causes.of_run(first), sum(run.cpu for run in driven.runs)
    attempt = replace(
        attempt, tests=first.tests, log=first.log, tests_cpu=spent, cause=cause, traces={}
    )
    if cause:
        return replace(attempt, state=PARTLY if first.names("passed") else FAILED)
    return _judged(attempt, driven)


def _judged(attempt: Attempt, driven: _Driven) -> Attempt:
    """An attempt whose first run is green, by its further runs."""
    first, *others = driven.runs
    unstable = _differing(first.tests, others[0].tests) if others else ()
    if unstable or not others or causes.of_run(others[0]):
        shown = Cause("not_stable", unstable[0] if unstable else "the second run is not green")
        state = PARTLY if first.names("passed") else FAILED
        return replace(attempt, state=state, cause=shown, unstable=unstable)
    changed = _differing(first.tests, others[1].tests) if len(others) > 1 else ("",)
    changes = Cause("tracer_changes_tests", changed[0]) if changed else None
    return replace(attempt, state=GREEN, cause=changes, traces=driven.traces)


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """The tests with another outcome, or without one."""
    names = one.keys() | other.keys()
    return tuple(sorted(name for name in names if one.get(name) != other.get(name)))


def recorded(workshop: Workshop, attempt: Attempt, seconds: float = SECONDS) -> Attempt:
    """A partly green attempt with traces of the tests that pass; the others are left out by name.

    Its cause is `tracer_changes_tests` if a test passes no longer while it is recorded.
    """
    suite = replace(attempt.suite, left_out=attempt.left_out)
    driven = _driven(workshop, attempt, suite, [PLAIN, TRACE], seconds)
    if driven.cause or len(driven.runs) < 2:
        return replace(attempt, cause=driven.cause or Cause("timeout", "no second run"))
    plain, traced = (set(run.names("passed")) for run in driven.runs)
    lost = sorted((set(attempt.names("passed")) & plain) - traced)
    cause = Cause("tracer_changes_tests", lost[0]) if lost else attempt.cause
    return replace(attempt, traces=driven.traces, cause=cause)


def _cpu() -> float:
    """The CPU seconds of this process and of those that it waited for."""
    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
