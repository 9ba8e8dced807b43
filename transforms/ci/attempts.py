"""Attempts to make a project green: environments and baseline runs, one after another.

An attempt makes the environment of a recipe on a rung of the ladder, runs the tests twice, offline
and each time in a fresh tree, and once more while recording. What an attempt shows decides the next
one; the first that is green is the last.
"""

import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from transforms.ci import causes, hygiene
from transforms.ci.attempt import (
    FAILED,
    GREEN,
    NOT_BUILT,
    PARTLY,
    SECONDS,
    Attempt,
    Checkout,
    Workshop,
)
from transforms.ci.build_orders import (
    BUILD_SECONDS,
    Build,
    build_order,
    way_of,
)
from transforms.ci.causes import Cause
from transforms.ci.driver_results import Malformed, RunResult, read_build, read_runs
from transforms.ci.interpreters import readable_root
from transforms.ci.ladder import Rung
from transforms.ci.locks import lock_of
from transforms.ci.next_attempt import plan
from transforms.ci.project_sandbox import drive
from transforms.ci.project_tree import ProjectTree
from transforms.ci.recipe import Recipe
from transforms.ci.repairs import MOST, Repairs, repaired
from transforms.ci.suite_runs import PLAIN, TEST_SECONDS, TRACE, Suite, suite_order
from transforms.ci.uv import uv_binary

CHANGED = "tracer_changes_tests"
MOST_CHANGED, RECORDINGS = 5, 2  # tests that may be left out because of the recording, and tries
LEAST_SECONDS = 20.0  # that an attempt is begun with
START_SECONDS = 30  # of the sandbox, besides the time of what runs in it
TRACES = "traces/"  # the folder of the tracer's files in an answer
NO_ENVIRONMENT = Cause("install_fails", "no environment")


def attempts(
    workshop: Workshop,
    project: Checkout,
    recipes: Sequence[Recipe],
    earlier: Sequence[Attempt] = (),
) -> Iterator[Attempt]:
    """The attempts, one after another: at most as many, and as long, as the workshop says.

    `earlier` are those that an earlier run made, none of them green.
    """
    end = time.monotonic() + workshop.seconds - sum(attempt.seconds for attempt in earlier)
    done = list(earlier)
    while len(done) < workshop.attempts and end - time.monotonic() > LEAST_SECONDS:
        planned = plan(project, recipes, list(workshop.interpreters), done)
        if planned is None:
            return
        bare = _begun(workshop, project, len(done) + 1, recipes, planned)
        attempt = _attempt(workshop, project, bare, end)
        yield attempt
        done.append(replace(attempt, environment=b"", tree=b"", traces={}))
        if attempt.state == GREEN:
            return


def _begun(
    workshop: Workshop,
    project: Checkout,
    number: int,
    recipes: Sequence[Recipe],
    planned: tuple[Recipe, Rung],
) -> Attempt:
    recipe, rung = planned
    interpreter, index = workshop.interpreters[rung.python], workshop.proxy.socket
    build = Build(recipe, rung, project.tree, interpreter, index, project.version)
    return Attempt(number, recipes.index(recipe) + 1, build, NOT_BUILT)


def _attempt(workshop: Workshop, project: Checkout, attempt: Attempt, end: float) -> Attempt:
    """One attempt, repaired as often as something is known to help."""
    begin, cpu = time.monotonic(), _cpu()
    attempt = _built(workshop, project, attempt, end)
    tests_cpu, repairs = 0.0, 0
    if attempt.state != NOT_BUILT:
        attempt = _tested(workshop, attempt, end)
        tests_cpu += attempt.tests_cpu
    while repairs < MOST and end - time.monotonic() > LEAST_SECONDS:
        repaired_attempt = _repaired(workshop, project, attempt, end)
        if repaired_attempt is None:
            break
        tests_cpu += repaired_attempt.tests_cpu
        repairs += 1
        if repaired_attempt.promise < attempt.promise:
            break
        attempt = repaired_attempt
    spent = _cpu() - cpu - tests_cpu
    return replace(attempt, seconds=time.monotonic() - begin, cpu=spent, tests_cpu=tests_cpu)


def _repaired(
    workshop: Workshop, project: Checkout, attempt: Attempt, end: float
) -> Attempt | None:
    """The attempt again with what it was found to lack; None if nothing is known to help."""
    repairs = _next_repairs(attempt, project.tree)
    if repairs is None:
        return None
    again = replace(attempt, repairs=repairs)
    build = replace(attempt.build, more=repairs.more, all_extras=repairs.all_extras)
    if build != attempt.build:
        again = _built(workshop, project, replace(again, build=build), end)
    return None if again.state == NOT_BUILT else _tested(workshop, again, end)


def _next_repairs(attempt: Attempt, tree: ProjectTree) -> Repairs | None:
    if attempt.state not in (PARTLY, FAILED) or attempt.cause is None:
        return None
    python = attempt.build.rung.python
    is_installed = attempt.build.recipe.project != "none"
    return repaired(attempt.repairs, attempt.cause, attempt.log, tree, python, is_installed)


def _built(workshop: Workshop, project: Checkout, attempt: Attempt, end: float) -> Attempt:
    """The attempt with its environment, or with the cause why there is none."""
    seconds = min(BUILD_SECONDS, max(1.0, end - time.monotonic()))
    build, proxy = attempt.build, workshop.proxy
    proxy.used.clear()
    rung = build.rung
    proxy.before = rung.before
    proxy.unbound = hygiene.UNBOUND_WITH_HYGIENE if rung.hygiene else hygiene.UNBOUND
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
    way = way_of(build, next((step.way for step in result.steps if step.name == "install"), 0))
    return replace(
        attempt,
        state=FAILED,
        cause=None,
        way=way,
        lock=lock_of(proxy.used, result.frozen),
        environment=answer.files["environment"],
        tree=answer.files.get("tree", project.tar),
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
    if len(others) < 2:
        return replace(attempt, state=GREEN, cause=Cause(CHANGED, "no recorded run"))
    changed = _differing(first.tests, others[1].tests)
    changes = Cause(CHANGED, changed[0]) if changed else None
    return replace(attempt, state=GREEN, cause=changes, unstable=changed, traces=driven.traces)


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """The tests with another outcome, or without one."""
    names = one.keys() | other.keys()
    return tuple(sorted(name for name in names if one.get(name) != other.get(name)))


def recorded(
    workshop: Workshop, project: Checkout, attempt: Attempt, seconds: float = SECONDS
) -> Attempt:
    """An attempt with traces of the tests that pass every time; the others are left out by name.

    A few that pass no longer while they are recorded are left out, too: they look at what is
    imported, or at the time. With more of them the cause is `tracer_changes_tests`. Where its
    environment is gone, since an earlier run made the attempt, it is made again.
    """
    end = time.monotonic() + seconds
    if not attempt.environment:
        again = _built(workshop, project, attempt, end)
        if again.state == NOT_BUILT:
            return replace(attempt, cause=again.cause)
        attempt = replace(again, state=attempt.state, cause=attempt.cause)
    if attempt.cause and attempt.cause.name == CHANGED:
        if len(attempt.unstable) > MOST_CHANGED:
            return attempt
        attempt = replace(attempt, cause=None)
    for _ in range(RECORDINGS):
        suite, left = replace(attempt.suite, left_out=attempt.left_out), end - time.monotonic()
        driven = _driven(workshop, attempt, suite, [PLAIN, TRACE], max(1.0, left))
        if driven.cause or len(driven.runs) < 2:
            return replace(attempt, cause=driven.cause or Cause("timeout", "no second run"))
        plain, traced = (set(run.names("passed")) for run in driven.runs)
        lost = sorted((set(attempt.names("passed")) & plain) - traced)
        if not lost:
            return replace(attempt, traces=driven.traces)
        if len(lost) > MOST_CHANGED:
            break
        attempt = replace(attempt, unstable=(*attempt.unstable, *lost))
    return replace(attempt, cause=Cause(CHANGED, lost[0]))


def _cpu() -> float:
    """The CPU seconds of this process and of those that it waited for."""
    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
