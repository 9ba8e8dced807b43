"""What is decided about one problem, from runs of its programs in the sandbox."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from transforms.lib.problems.lent_environment import NotLent
from transforms.lib.python.parsing import Rejected
from transforms.lib.sandbox import Sandbox
from transforms.lib.sandbox.verdict_columns import run_columns, storable_line
from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.compare_values import AnswerRule
from transforms.lib.trials.environments import REFERENCE_RUNS, Sandboxes, order_of_tests
from transforms.lib.trials.rules_to_try import rule_columns, rules_to_try
from transforms.lib.trials.trial import LOAD_ERRORS, Trial, tightest_rule, try_program
from transforms.lib.trials.trivial_programs import trivial_programs

MIN_TESTS = 2  # one test is passed by a constant
MAX_SOLUTIONS = 8  # of the further solutions, and of the wrong ones, that are tried


@dataclass
class Decision:
    """The decision on one problem.

    `reason` and `value` say why it is rejected; `reason` is None for a problem that holds, whose
    row then gets the `columns`. `verdicts` are the rows of `verdicts/verify`.
    """

    problem_id: str
    reason: str | None = None
    value: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    verdicts: list[dict[str, Any]] = field(default_factory=list)

    def without_verdicts(self) -> dict[str, Any]:
        """The decision as a dict, without the verdicts, which no later step needs."""
        return asdict(self) | {"verdicts": []}


def decide(problem: Candidate, sandboxes: Sandboxes, samples: Sequence[str] | None) -> Decision:
    """The decision on a problem, after its programs were run.

    `samples` are programs that answer its prompt; None if the run of the stage has none at all.
    """
    trials = ProblemTrials(problem, sandboxes)
    decision = Decision(problem.problem_id, verdicts=trials.verdicts)
    try:
        decision.columns = trials.verified_columns(samples)
    except Unfit as error:
        decision.reason, decision.value = error.reason, storable_line(error.value)
    return decision


@dataclass
class ProblemTrials:
    """The trials of one problem, and their verdicts."""

    problem: Candidate
    sandboxes: Sandboxes
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    rules: list[AnswerRule] = field(default_factory=list)

    def verified_columns(self, samples: Sequence[str] | None) -> dict[str, Any]:
        """The columns that verification adds to the problem's row; raises Unfit to reject it."""
        self.rules = rules_to_try(self.problem)
        references = self._try_reference()
        check_tests(self.problem)
        self._try_trivial_programs()
        agreeing = self._try_solutions()
        self._try_wrong_solutions()
        columns = self._try_samples(samples)
        rule = tightest_rule(self.problem, self.rules, [*references, *agreeing])
        if rule is None:
            raise Unfit("solutions_disagree", "under no one rule do all agree")
        return rule_columns(self.problem, rule) | {"agreeing": len(agreeing)} | columns

    def _try(self, program: str, kind: str, number: int = 0, run: int = 0) -> Trial:
        """Run a program and add its verdict; `kind` and `number` name it in the verdict."""
        problem, rule = self.problem, self.rules[-1]
        tests = order_of_tests(len(problem.tests), problem.problem_id, run)
        trial = try_program(self._sandbox(run), problem, program, tests)
        passed = self._passes(trial)
        why = "" if passed else trial.why(problem, rule)
        self.verdicts.append(
            {
                "problem_id": problem.problem_id,
                "program": kind,
                "number": number,
                "run": run,
                "tests": len(tests),
                "tests_passed": trial.passed_tests(problem, rule),
                "passed": passed,
            }
            | run_columns(trial.ending, passed, why)
        )
        return trial

    def _sandbox(self, run: int) -> Sandbox:
        try:
            return self.sandboxes.of(run, self.problem.lent)
        except NotLent as error:
            raise Unfit("no_environment", str(error)) from error

    def _passes(self, trial: Trial) -> bool:
        return tightest_rule(self.problem, self.rules, [trial]) is not None

    def _try_reference(self) -> list[Trial]:
        """The trials of the reference, each in an environment of its own; all must pass."""
        trials: list[Trial] = []
        for run in range(len(REFERENCE_RUNS)):
            trial = self._try(self.problem.reference, "reference", run=run)
            if not self._passes(trial):
                why = trial.why(self.problem, self.rules[-1])
                reason = "unstable" if trials else _reference_failure(trial)
                raise Unfit(reason, f"run {run}: {why}")
            trials.append(trial)
        return trials

    def _try_trivial_programs(self) -> None:
        """Reject the problem if a program that solves nothing passes."""
        problem = self.problem
        try:
            programs = trivial_programs(problem.reference, problem.entry_point, problem.is_program)
        except Rejected as error:
            raise Unfit("reference_does_not_load", str(error)) from error
        for kind, program in programs.items():
            if self._passes(self._try(program, kind)):
                raise Unfit("trivial_passes", kind)

    def _try_solutions(self) -> list[Trial]:
        """The trials of further solutions that pass.

        A solution without an answer is ignored. One with another answer shows that there are
        several right answers, or that one of the two solutions is wrong: the problem is rejected.
        """
        agreeing = []
        for number, program in enumerate(self.problem.solutions[1 : 1 + MAX_SOLUTIONS], 1):
            trial = self._try(program, "solution", number)
            if self._passes(trial):
                agreeing.append(trial)
            elif trial.first_wrong_answer(self.problem, self.rules[-1]) is not None:
                why = trial.why(self.problem, self.rules[-1])
                raise Unfit("solutions_disagree", f"solution {number}: {why}")
        return agreeing

    def _try_wrong_solutions(self) -> None:
        """Reject the problem if a solution passes that its source marks as wrong."""
        for number, program in enumerate(self.problem.wrong_solutions[:MAX_SOLUTIONS]):
            if self._passes(self._try(program, "wrong", number)):
                raise Unfit("wrong_solution_passes", f"wrong solution {number}")

    def _try_samples(self, samples: Sequence[str] | None) -> dict[str, Any]:
        """How many samples there are and how many pass; one must (Codex section 4.3)."""
        if samples is None:
            return {"samples": None, "samples_passed": None}
        trials = [self._try(program, "sample", n) for n, program in enumerate(samples)]
        passed = sum(map(self._passes, trials))
        if not passed:
            raise Unfit("no_sample_passes" if samples else "no_samples", str(len(samples)))
        return {"samples": len(samples), "samples_passed": passed}


def _reference_failure(trial: Trial) -> str:
    """The reason of the reject if the reference fails in its first run."""
    if trial.ending.limit:
        return "reference_limit"
    loads = trial.failed is None or trial.failed.type not in LOAD_ERRORS
    return "reference_fails" if loads else "reference_does_not_load"


def check_tests(problem: Candidate) -> None:
    """Raise Unfit if the tests look at fewer than MIN_TESTS results, or if all are the same."""
    results = list(expected_results(problem))
    if len(results) < MIN_TESTS:
        raise Unfit("few_tests", str(len(results)))
    if len(set(map(repr, results))) < MIN_TESTS:
        raise Unfit("same_output", repr(results[0])[:80])


def expected_results(problem: Candidate) -> Iterator[Any]:
    """The results that the tests look at: one a test, or one for each of its steps that has one."""
    for value in problem.expected:
        if problem.has_steps and isinstance(value, list):
            yield from (step for step in value if step is not None)
        else:
            yield value
