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

from transforms.ci import causes
from transforms.ci.causes import Cause
from transforms.ci.environments import BUILD_SECONDS, FROM_TREE, Build, build_order, way_of
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
        attempt = _attempt(workshop, project, len(done) + 1, planned, end)
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
    rungs = {
        number: ladder(recipe, available, project.committed, project.tree.requires_python)
        for number, recipe in enumerate(recipes)
    }
    pairs = [(recipe, rung) for number, recipe in enumerate(recipes) for rung in rungs[number]]
    left = [pair for pair in pairs if pair not in tried]
    if not done or not left:
        return left[0] if left else None
    current = _current(done)
    others = [pair for pair in left if pair[0] not in [recipe for recipe, _ in tried]]
    is_last = len(done) + 1 >= MOST_ATTEMPTS and current.state in (FAILED, NOT_BUILT)
    about_recipe = done[-1].cause is not None and done[-1].cause.name in causes.OF_RECIPES
    if others and (about_recipe or is_last):
        return _on_rung(others, _promising_rung(done))
    own = [pair for pair in left if pair[0] == current.build.recipe]
    return (own or _without_today(others) or left)[0]


def _current(done: Sequence[Attempt]) -> Attempt:
    """The attempt whose recipe goes on: the best one, the last of equals."""
    return max(done, key=lambda attempt: (*attempt.promise, attempt.number))


def _promising_rung(done: Sequence[Attempt]) -> str:
    """The rung that another recipe begins on: hygiene, or the one where most tests passed."""
    current = _current(done)
    return current.build.rung.name if current.state in (GREEN, PARTLY) else "hygiene"


def _on_rung(pairs: Sequence[tuple[Recipe, Rung]], name: str) -> tuple[Recipe, Rung]:
    first = [pair for pair in pairs if pair[0] == pairs[0][0]]
    return next((pair for pair in first if pair[1].name == name), first[0])


def _without_today(pairs: Sequence[tuple[Recipe, Rung]]) -> list[tuple[Recipe, Rung]]:
    return [pair for pair in pairs if pair[1].name != "today"]


def _attempt(
    workshop: Workshop, project: Project, number: int, planned: tuple[Recipe, Rung], end: float
) -> Attempt:
    """One attempt, repaired as often as something is known to help."""
    recipe, rung = planned
    begin, cpu = time.monotonic(), _cpu()
    build = Build(
        recipe,
        rung,
        project.tree,
        workshop.interpreters[rung.python],
        workshop.proxy.socket,
        project.version,
    )
    attempt = Attempt(number, 0, build, NOT_BUILT)
    attempt = _built(workshop, project, attempt, end)
    tests_cpu = 0.0
    for _ in range(MOST + 1):
        if attempt.state != NOT_BUILT:
            attempt = _tested(workshop, attempt, end)
            tests_cpu += attempt.tests_cpu
        repairs = _next_repairs(attempt, project.tree)
        if repairs is None or end - time.monotonic() < LEAST_SECONDS:
            break
        rebuild = repairs.more != attempt.repairs.more
        repairable = replace(attempt, repairs=repairs)
        if rebuild:
            more = replace(build, more=repairs.more)
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
    return repaired(attempt.repairs, attempt.cause, attempt.log, tree)


def _built(workshop: Workshop, project: Project, attempt: Attempt, end: float) -> Attempt:
    """The attempt with its environment, or with the cause why there is none."""
    seconds = min(BUILD_SECONDS, max(1.0, end - time.monotonic()))
    build, proxy = attempt.build, workshop.proxy
    proxy.used.clear()
    roots = [uv_binary(), readable_root(build.interpreter), proxy.socket]
    order = build_order(build, seconds)
    answer = drive(
        workshop.sandbox,
        order,
        {"tree": project.tar},
        readable=roots,
        seconds=seconds + START_SECONDS,
    )
    if answer.failure:
        cause = Cause(_limit_cause(answer.failure), answer.failure)
        return replace(attempt, state=NOT_BUILT, cause=cause)
    log, cause_found = str(answer.result.get("log", "")), causes.of_build(answer.result)
    if cause_found or "environment" not in answer.files:
        cause = cause_found or Cause("install_fails", "no environment")
        return replace(attempt, state=NOT_BUILT, cause=cause, log=log)
    ways = [step["way"] for step in answer.result["steps"] if step["name"] == "install"]
    return replace(
        attempt,
        state=FAILED,
        cause=None,
        way=way_of(build, ways[0]),
        lock=lock_of(proxy.used, str(answer.result["freeze"])),
        environment=answer.files["environment"],
        tree=answer.files.get("tree", project.tar),
        log=log,
    )


def _limit_cause(failure: str) -> str:
    return {"wall": "timeout", "cpu": "timeout", "output": "output"}.get(failure, "sandbox")


def _tested(workshop: Workshop, attempt: Attempt, end: float) -> Attempt:
    """The attempt with the outcomes of its tests; with traces too, if it is green."""
    left = max(1.0, end - time.monotonic())
    return _judged(attempt, *_driven(workshop, attempt, attempt.suite, [PLAIN, PLAIN, TRACE], left))


def _driven(
    workshop: Workshop, attempt: Attempt, suite: Suite, runs: Sequence[str], left: float
) -> tuple[list[dict[str, Any]], Mapping[str, bytes], str | None]:
    """The runs of a suite, the files that left, and why the driver failed, if it did."""
    order = suite_order(suite, runs, min(TEST_SECONDS, left))
    answer = drive(
        workshop.sandbox,
        order,
        {"tree": attempt.tree, "environment": attempt.environment},
        readable=[readable_root(attempt.build.interpreter)],
        seconds=min(TEST_SECONDS, left) * len(runs) + START_SECONDS,
    )
    return list(answer.result.get("runs", [])), answer.files, answer.failure


def _judged(
    attempt: Attempt,
    runs: Sequence[dict[str, Any]],
    files: Mapping[str, bytes],
    failure: str | None,
) -> Attempt:
    if failure or not runs:
        cause = Cause(_limit_cause(failure or ""), failure or "no run")
        return replace(attempt, state=FAILED, cause=cause, tests={}, traces={})
    first = runs[0]
    spent = sum(command["cpu"] for run in runs for command in run["commands"])
    cause = causes.of_run(first)
    attempt = replace(
        attempt, tests=first["tests"], log=first["log"], tests_cpu=spent, traces={}, cause=cause
    )
    if cause:
        state = PARTLY if "passed" in first["tests"].values() else FAILED
        return replace(attempt, state=state)
    unstable = _differing(first["tests"], runs[1]["tests"]) if len(runs) > 1 else ()
    if unstable or len(runs) < 2 or causes.of_run(runs[1]):
        shown = unstable[0] if unstable else "the second run fails"
        return replace(attempt, state=PARTLY, cause=Cause("not_stable", shown), unstable=unstable)
    changed = _differing(first["tests"], runs[2]["tests"]) if len(runs) > 2 else ("",)
    if changed:
        cause = Cause("tracer_changes_tests", changed[0])
    return replace(attempt, state=GREEN, cause=cause, traces=files)


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """The tests with another outcome, or without one."""
    names = one.keys() | other.keys()
    return tuple(sorted(name for name in names if one.get(name) != other.get(name)))


def recorded(workshop: Workshop, attempt: Attempt, seconds: float = SECONDS) -> Attempt:
    """A partly green attempt with traces of the tests that pass; the others are left out by name.

    Its cause is `tracer_changes_tests` if a test passes no longer while it is recorded.
    """
    suite = replace(attempt.suite, left_out=attempt.left_out)
    runs, files, failure = _driven(workshop, attempt, suite, [PLAIN, TRACE], seconds / 2)
    if failure or len(runs) < 2:
        return replace(attempt, cause=Cause(_limit_cause(failure or ""), failure or "no run"))
    passed = [
        {name for name, outcome in run["tests"].items() if outcome == "passed"} for run in runs
    ]
    lost = sorted((set(attempt.names("passed")) & passed[0]) - passed[1])
    cause = Cause("tracer_changes_tests", lost[0]) if lost else attempt.cause
    return replace(attempt, traces=files, cause=cause)


def _cpu() -> float:
    """The CPU seconds of this process and of those that it waited for."""
    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
