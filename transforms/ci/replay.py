"""Makes recorded calls again in the sandbox: a problem is as right as its calls are repeatable."""

import marshal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

from schemas import CI_PROBLEMS
from transforms.ci.case_values import TracedCase
from transforms.ci.traced_problems import Draft
from transforms.ci.traced_values import TracedValue
from transforms.lib.problems.checks import TestCase, check_text
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.problem import problem_digest
from transforms.lib.python.parsing import Rejected
from transforms.lib.sandbox import Limits, Returned, Sandbox

INSIDE = Path(__file__).parent / "inside"
LIMITS = Limits(wall=30.0, output=16 << 20)
# Hash seed, time zone and folder of each replay: a call that depends on one of them is no test.
PLACES: tuple[dict[str, Any], ...] = (
    {},
    {"hash_seed": 1, "time_zone": "<+0545>-05:45", "directory": "elsewhere"},
    {"hash_seed": 4242, "time_zone": "<-0930>09:30"},
)
CHECKED = """
def _quire_checked():
    check({entry})
    return True
"""
MIN_AGREEING = 0.5  # of the calls of a problem: with fewer, the rest agrees by chance
# Versions of a project have the same functions, and a module may have two with the same text.
ALSO_IDENTITY = ("commit", "start_line")
RULE = CompareRule("exact", "trace")


@dataclass(frozen=True)
class Replayed:
    """A row of `ci_problems`, or else the reason and value of its reject."""

    row: dict[str, Any] | None = None
    reason: str = ""
    value: str = ""
    cases: int = 0  # that were replayed
    agreed: int = 0  # of them, whose outcome was the recorded one


@cache
def _inside(name: str) -> str:
    return (INSIDE / name).read_text()


@cache
def _tracer() -> bytes:
    """The code of the tracer, for the interpreter of the sandbox, which is that of this process."""
    return marshal.dumps(compile(_inside("quire_tracer.py"), "quire_tracer", "exec"))


class ReplaySandboxes:
    """A sandbox for each place, started when it is first needed; for one thread."""

    def __init__(self, libraries: Sequence[str] = ()) -> None:
        self.libraries = tuple(libraries)
        self._started: dict[tuple[int, bool], Sandbox] = {}
        self._end = ExitStack()

    def of(self, place: int, level: str) -> Sandbox:
        """The sandbox for a replay, by its number in PLACES; with libraries above standalone."""
        key = place, level != "standalone"
        if key not in self._started:
            libraries = self.libraries if key[1] else ()
            sandbox = Sandbox(libraries=libraries, **PLACES[place])
            self._started[key] = self._end.enter_context(sandbox)
        return self._started[key]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._end.close()
        self._started.clear()


def replay_draft(draft: Draft, sandboxes: ReplaySandboxes) -> Replayed:
    """Replay a draft, and if its calls come out otherwise, the same that imports the project."""
    replayed = _replay(draft, sandboxes)
    if replayed.row is None and draft.in_package and sandboxes.libraries:
        return _replay(draft.in_package, sandboxes)
    return replayed


def _replay(draft: Draft, sandboxes: ReplaySandboxes) -> Replayed:
    """Replay the cases of a draft, in fresh processes, and make its row of those that agree."""
    if draft.columns["level"] != "standalone" and not sandboxes.libraries:
        return Replayed(None, "no_environment", draft.columns["level"])
    program = "\n\n".join([draft.program, draft.harness(), _inside("quire_replay.py")])
    answers: list[dict[int, str]] = []
    why = ""
    for place in range(len(PLACES)):
        sandbox = sandboxes.of(place, draft.columns["level"])
        outcomes, why = _outcomes(sandbox, program, draft)
        answers.append(dict(_agreeing(draft, outcomes)))
        if not answers[-1]:
            break
    first, *others = answers
    same = [n for n in first if all(other.get(n) == first[n] for other in others)]
    count = len(draft.cases)
    if len(same) < MIN_AGREEING * count:
        reason = "does_not_load" if why else "does_not_replay"
        return Replayed(None, reason, why or f"{len(same)} of {count} calls", count)
    kept = replace(draft, cases=tuple(draft.cases[n] for n in same))
    row = problem_row(kept, [first[n] for n in same], count)
    row["test"] = _checked(kept, row, sandboxes.of(0, draft.columns["level"]))
    return Replayed(row, cases=count, agreed=len(same))


def _outcomes(sandbox: Sandbox, program: str, draft: Draft) -> tuple[list[Any], str]:
    """What came of each call, and why the program did not load, if it did not."""
    entry = f"lambda *order: _quire_replay({draft.entry_point}, *order)"
    calls = [("", _tracer()), *((case.written(draft.names.name),) for case in draft.cases)]
    done = sandbox.calls(program, entry, calls, LIMITS)
    values = [each.value if isinstance(each, Returned) else None for each in done.outcomes[1:]]
    return values, str(done.failed) if done.failed else ""


def _agreeing(draft: Draft, outcomes: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """The number of each case whose outcome was the recorded one, with the harness's answer."""
    for number, (case, seen) in enumerate(zip(draft.cases, outcomes, strict=False)):
        if type(seen) is list and len(seen) == 4 and _agrees(draft, case, *seen[1:]):
            yield number, repr(seen[0])


def _agrees(draft: Draft, case: TracedCase, outcome: Any, value: Any, after: Any) -> bool:
    """Whether a call came out as it was recorded; what the sandbox sends is read strictly."""

    def name(module: str, qualname: str) -> str:
        own = module == "program" or module in draft.modules
        return f"{'' if own else module}:{qualname}"

    def same(text: Any, recorded: TracedValue) -> bool:
        if type(text) is not str:
            return False
        if text == recorded.text:
            return True
        try:
            return TracedValue(text).canonical(name) == recorded.canonical(name)
        except Rejected:
            return False

    if case.exception:
        if type(outcome) is not str or ":" not in outcome:
            return False
        if name(*outcome.split(":", 1)) != name(*case.exception.split(":", 1)):
            return False
    elif (
        case.result is None
        or outcome != ("generator" if case.is_generator else "return")
        or not same(value, case.result)
    ):
        return False
    afters = [argument.after or argument.value for argument in case.arguments]
    return (
        type(after) is list
        and len(after) == len(afters)
        and all(
            argument.prefix == "**" or same(text, expected)
            for text, expected, argument in zip(after, afters, case.arguments, strict=True)
        )
    )


def problem_row(draft: Draft, answers: Sequence[str], recorded: int) -> dict[str, Any]:
    """The row of `ci_problems` of a draft whose cases have these answers of its harness."""
    harness = draft.harness() if draft.has_harness else None
    cases = []
    for case, answer in zip(draft.cases, answers, strict=True):
        written = case.written(draft.names.name)
        if harness:
            cases.append(TestCase(repr((written,)), answer, case.test or "trace"))
        else:
            assert case.result is not None
            comma = "," if len(case.arguments) == 1 else ""
            cases.append(TestCase(f"({written}{comma})", case.result.text, case.test or "trace"))
    row: dict[str, Any] = (
        dict.fromkeys(CI_PROBLEMS.schema.names)
        | dict(draft.columns)
        | {
            "harness": harness,
            "tests": [vars(case) for case in cases],
            "compare": RULE.compare,
            "compare_origin": RULE.origin,
            "n_tests": len(cases),
            "unused_tests": recorded - len(cases),
            "outputs": len({case.outcome_key for case in draft.cases}),
            "traced_tests": sorted({case.test for case in draft.cases if case.test}),
        }
    )
    row["test"] = check_text(cases, RULE, harness, "function")
    return row | {"problem_id": problem_digest(row, ALSO_IDENTITY)}


def _checked(draft: Draft, row: Mapping[str, Any], sandbox: Sandbox) -> str:
    """The text of `check(candidate)` that the reference passes: the readable one where it does."""
    text = draft.check()
    program = "\n\n".join([draft.program, text, CHECKED.format(entry=draft.entry_point)])
    done = sandbox.calls(program, "_quire_checked", [()], LIMITS)
    return text if done.outcomes == (Returned(True),) else row["test"]
