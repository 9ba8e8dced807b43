"""What is decided of one problem, from runs of its programs in the sandbox."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from transforms.lib.python.parsing import Rejected
from transforms.lib.sandbox.verdicts import run_columns, storable
from transforms.verify.candidate import Candidate, Unfit
from transforms.verify.comparison import Rule
from transforms.verify.environments import RUNS, Sandboxes, order
from transforms.verify.rules import rules_of, written
from transforms.verify.trials import NEVER_BEGUN, Trial, tightest, try_program
from transforms.verify.trivial import hollow_programs

LEAST_TESTS = 2
MOST_SOLUTIONS = 8  # further ones, and wrong ones, that are tried


@dataclass
class Decision:
    """Why a problem is none (null if it is one), what its row says besides, and its verdicts."""

    problem_id: str
    reason: str | None = None
    value: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    verdicts: list[dict[str, Any]] = field(default_factory=list)

    def without_verdicts(self) -> dict[str, Any]:
        """What a later step needs of it."""
        return asdict(self) | {"verdicts": []}


def decide(problem: Candidate, sandboxes: Sandboxes, samples: Sequence[str] | None) -> Decision:
    """Try a problem; `samples` are completions of its prompt, None if there are none of any."""
    trying = Trying(problem, sandboxes)
    found = Decision(problem.problem_id, verdicts=trying.verdicts)
    try:
        found.columns = trying.tried(samples)
    except Unfit as error:
        found.reason, found.value = error.reason, storable(error.value)
    return found


@dataclass
class Trying:
    """The runs of one problem."""

    problem: Candidate
    sandboxes: Sandboxes
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def tried(self, samples: Sequence[str] | None) -> dict[str, Any]:
        """The columns that are found by trying; Unfit where it is no problem."""
        self.rules = rules_of(self.problem)
        held = self._references()
        enough_tests(self.problem)
        self._trivial()
        agreeing = self._solutions()
        self._wrong_solutions()
        columns = self._samples(samples)
        rule = tightest(self.problem, self.rules, [*held, *agreeing])
        if rule is None:
            raise Unfit("solutions_disagree", "under no one rule do all agree")
        return written(self.problem, rule) | {"agreeing": len(agreeing)} | columns

    def _try(self, program: str, name: str, number: int = 0, run: int = 0) -> Trial:
        """Run a program, and put its verdict down."""
        problem, rule = self.problem, self.rules[-1]
        tests = order(len(problem.tests), problem.problem_id, run)
        trial = try_program(self.sandboxes.of(run), problem, program, tests)
        passed = self._passes(trial)
        why = "" if passed else trial.why(problem, rule)
        self.verdicts.append(
            {
                "problem_id": problem.problem_id,
                "program": name,
                "number": number,
                "run": run,
                "tests": len(tests),
                "tests_passed": trial.passed_tests(problem, rule),
                "passed": passed,
            }
            | run_columns(trial.ending, passed, why)
        )
        return trial

    def _passes(self, trial: Trial) -> bool:
        return tightest(self.problem, self.rules, [trial]) is not None

    def _references(self) -> list[Trial]:
        """The runs of the reference, each in an environment of its own."""
        held: list[Trial] = []
        for run in range(len(RUNS)):
            trial = self._try(self.problem.reference, "reference", run=run)
            if not self._passes(trial):
                why = trial.why(self.problem, self.rules[-1])
                raise Unfit("unstable" if held else _failure(trial), f"run {run}: {why}")
            held.append(trial)
        return held

    def _trivial(self) -> None:
        problem = self.problem
        try:
            hollow = hollow_programs(problem.reference, problem.entry_point, problem.is_program)
        except Rejected as error:
            raise Unfit("reference_does_not_load", str(error)) from error
        for name, program in hollow.items():
            if self._passes(self._try(program, name)):
                raise Unfit("trivial_passes", name)

    def _solutions(self) -> list[Trial]:
        """Runs of further solutions that agree. One that gives no answer says nothing; one that
        gives another answer says that there are several, or that one of the two is wrong."""
        agreeing = []
        for number, program in enumerate(self.problem.solutions[1 : 1 + MOST_SOLUTIONS], 1):
            trial = self._try(program, "solution", number)
            if self._passes(trial):
                agreeing.append(trial)
            elif trial.answers_else(self.problem, self.rules[-1]) is not None:
                why = trial.why(self.problem, self.rules[-1])
                raise Unfit("solutions_disagree", f"solution {number}: {why}")
        return agreeing

    def _wrong_solutions(self) -> None:
        for number, program in enumerate(self.problem.wrong_solutions[:MOST_SOLUTIONS]):
            if self._passes(self._try(program, "wrong", number)):
                raise Unfit("wrong_solution_passes", f"wrong solution {number}")

    def _samples(self, samples: Sequence[str] | None) -> dict[str, Any]:
        """The counts of samples; Unfit if none passes (section 4.3)."""
        if samples is None:
            return {"samples": None, "samples_passed": None}
        programs = (self.problem.prompt + completion for completion in samples)
        trials = [self._try(program, "sample", n) for n, program in enumerate(programs)]
        passed = sum(map(self._passes, trials))
        if not passed:
            raise Unfit("no_sample_passes" if samples else "no_samples", str(len(samples)))
        return {"samples": len(samples), "samples_passed": passed}


def _failure(trial: Trial) -> str:
    """The reason why a reference that fails at once is none."""
    if trial.ending.limit:
        return "reference_limit"
    never = trial.failed is not None and trial.failed.type in NEVER_BEGUN
    return "reference_does_not_load" if never else "reference_fails"


def enough_tests(problem: Candidate) -> None:
    """Unfit for fewer than two tests, or where all expect the same: one constant would do."""
    seen = list(observed(problem))
    if len(seen) < LEAST_TESTS:
        raise Unfit("few_tests", str(len(seen)))
    if len(set(map(repr, seen))) < LEAST_TESTS:
        raise Unfit("same_output", repr(seen[0])[:80])


def observed(problem: Candidate) -> Iterator[Any]:
    """What is looked at: the result of each test; where a test takes several steps, that of each
    step that has one."""
    for value in problem.expected:
        if problem.has_steps and isinstance(value, list):
            yield from (step for step in value if step is not None)
        else:
            yield value
