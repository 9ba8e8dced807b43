"""What is decided about one problem, from runs of its programs in the sandbox."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from transforms.lib.python.parsing import Rejected
from transforms.lib.sandbox import Calls, Raised
from transforms.lib.sandbox.verdict_columns import run_columns, storable_line
from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.compare_values import AnswerRule
from transforms.lib.trials.environments import REFERENCE_RUNS, Sandboxes, order_of_tests
from transforms.lib.trials.rules_to_try import rule_columns, rules_to_try
from transforms.lib.trials.trial import LOAD_ERRORS, Trial, tightest_rule, try_program
from transforms.lib.trials.trivial_programs import trivial_programs
from transforms.lib.trials.whole_program import whole_program
from transforms.verify.forged_objects import FORGED, forged_program
from transforms.verify.made_tests import NOTHING_MADE, Made
from transforms.verify.own_test import (
    check_printed,
    check_program,
    has_passed,
    own_test,
    printed_by,
    why_not,
)
from transforms.verify.weakness import KillFigures

MIN_TESTS = 2  # one test is passed by a constant
ROUNDS = 2  # in which made tests that fail are dropped one by one; after these all are
MAX_SOLUTIONS = 8  # of the further solutions, and of the wrong ones, that are tried


@dataclass
class Decision:
    """The decision on one problem.

    `reason` and `value` say why it is rejected; `reason` is None for a problem that holds, whose
    row then gets the `columns`, and of its made tests those whose numbers are in `made_tests`.
    `verdicts` are the rows of `verdicts/verify`.
    """

    problem_id: str
    reason: str | None = None
    value: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    made_tests: list[int] = field(default_factory=list)
    verdicts: list[dict[str, Any]] = field(default_factory=list)

    def without_verdicts(self) -> dict[str, Any]:
        """The decision as a dict, without the verdicts, which no later step needs."""
        return asdict(self) | {"verdicts": []}


def decide(
    problem: Candidate,
    sandboxes: Sandboxes,
    samples: Sequence[str] | None,
    made: Made = NOTHING_MADE,
) -> Decision:
    """The decision on a problem, after its programs were run.

    `samples` are programs that answer its prompt; None if the run of the stage has none at all.
    `made` are its made tests, which are the last ones of the problem's.
    """
    trials = ProblemTrials(problem, sandboxes, made)
    decision = Decision(problem.problem_id, verdicts=trials.verdicts)
    try:
        decision.columns = trials.verified_columns(samples)
    except Unfit as error:
        decision.reason, decision.value = error.reason, storable_line(error.value)
    decision.made_tests = trials.kept
    return decision


@dataclass
class ProblemTrials:
    """The trials of one problem, and their verdicts.

    `kept` are the numbers of the made tests that the problem still has, after those of its source.
    """

    problem: Candidate
    sandboxes: Sandboxes
    made: Made = NOTHING_MADE
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    rules: list[AnswerRule] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    test: str = ""

    def verified_columns(self, samples: Sequence[str] | None) -> dict[str, Any]:
        """The columns that verification adds to the problem's row; raises Unfit to reject it."""
        self.rules = rules_to_try(self.problem)
        self.kept = list(range(len(self.made.tests)))
        references = self._try_reference()
        check_tests(self.problem)
        strength = self._strength_columns()
        self._try_trivial_programs()
        self._try_own_test(references[0])
        agreeing = self._try_solutions()
        self._try_wrong_solutions()
        columns = self._try_samples(samples)
        rule = tightest_rule(self.problem, self.rules, [*references, *agreeing])
        if rule is None:
            raise Unfit("solutions_disagree", "under no one rule do all agree")
        tests = {"test": self.test, "n_tests": len(self.problem.tests)}
        agreed = {"agreeing": len(agreeing)}
        return rule_columns(self.problem, rule) | tests | agreed | columns | strength

    def _try(self, program: str, kind: str, number: int = 0, run: int = 0) -> Trial:
        """Run a program and add its verdict; `kind` and `number` name it in the verdict."""
        problem, rule = self.problem, self.rules[-1]
        tests = order_of_tests(len(problem.tests), problem.problem_id, run)
        trial = try_program(self.sandboxes.of_problem(problem, run), problem, program, tests)
        passed = self._passes(trial)
        why = "" if passed else trial.why(problem, rule)
        self._add_verdict(kind, number, run, trial.passed_tests(problem, rule), passed)
        self.verdicts[-1] |= run_columns(trial.ending, passed, why)
        return trial

    def _add_verdict(self, kind: str, number: int, run: int, tests: int, passed: bool) -> None:
        """Add a verdict without the columns of its run; `tests` is how many passed."""
        self.verdicts.append(
            {
                "problem_id": self.problem.problem_id,
                "program": kind,
                "number": number,
                "run": run,
                "tests": len(self.problem.tests),
                "tests_passed": tests,
                "passed": passed,
            }
        )

    def _passes(self, trial: Trial) -> bool:
        return tightest_rule(self.problem, self.rules, [trial]) is not None

    def _try_reference(self) -> list[Trial]:
        """The trials of the reference, each in an environment of its own; all must pass.

        Made tests that one of them fails are dropped, and all is tried anew without these.
        """
        for attempt in range(ROUNDS + 1):
            trials: list[Trial] = []
            for run in range(len(REFERENCE_RUNS)):
                trials.append(self._try(self.problem.reference, "reference", attempt, run))
                if not self._passes(trials[-1]):
                    break
            else:
                return trials
            if not self._drop_failed_tests(trials[-1], is_last=attempt == ROUNDS - 1):
                break
        if message := missing_module(trials[-1]):
            raise Unfit("needs_library", f"{message} (--libraries lends it)")
        why = f"run {len(trials) - 1}: {trials[-1].why(self.problem, self.rules[-1])}"
        raise Unfit("unstable" if len(trials) > 1 else _reference_failure(trials[-1]), why)

    def _drop_failed_tests(self, trial: Trial, is_last: bool) -> bool:
        """Drop the made tests that a trial failed; whether the reference may hold without them.

        All are dropped the last time, and where a limit was hit: that can be the fault of any.
        """
        problem, rule = self.problem, self.rules[-1]
        seeds = len(problem.tests) - len(self.kept)
        failed = {n for n in range(len(problem.tests)) if not trial.agrees(problem, n, rule)}
        if trial.ending.limit or (is_last and failed):
            failed = set(range(seeds, len(problem.tests)))
        if not self.kept or not failed or min(failed) < seeds:
            return False
        self.kept = [n for at, n in enumerate(self.kept, seeds) if at not in failed]
        tests = [test for at, test in enumerate(problem.tests) if at not in failed]
        self.problem = replace(problem, tests=tests)
        return True

    def _strength_columns(self) -> dict[str, Any]:
        """What was made for the problem, and its figures; raises Unfit if its tests are weak."""
        strength, dropped = self.made.strength, len(self.made.tests) - len(self.kept)
        if strength is None:
            return {}
        figures = KillFigures.of(strength, self.made.lost(self.kept))
        if figures:
            figures.check()
        return {
            "made_tests": len(self.kept),
            "unstable_tests": dropped,
            "oracle": strength["oracle"] if self.kept else None,
            "strength": strength["outcome"],
            "mutants": figures.mutants if figures else None,
            "killed": figures.rate if figures else None,
        }

    def _try_own_test(self, reference: Trial) -> None:
        """Make the text `test`; reject the problem if the reference fails it, or nothing does."""
        problem = self.problem
        self.test = own_test(problem) or ""
        sandbox = self.sandboxes.of_problem(problem)
        if problem.is_program:
            printed = printed_by(reference, problem)
            passing = check_printed(sandbox, self.test, printed)
            idle = check_printed(sandbox, self.test, dict.fromkeys(printed, ""))
        else:
            passing = check_program(sandbox, problem, self.test, problem.reference)
            idle = check_program(sandbox, problem, self.test, self._trivial_programs()["pass"])
        if not self._add_check("test", passing):
            raise Unfit("test_fails", why_not(passing))
        if self._add_check("test_pass", idle):
            raise Unfit("trivial_passes", "pass, by the text of test")

    def _add_check(self, kind: str, calls: Calls) -> bool:
        """Add the verdict of a check; whether it passed."""
        passed = has_passed(calls)
        self._add_verdict(kind, 0, 0, len(self.problem.tests) if passed else 0, passed)
        self.verdicts[-1] |= run_columns(calls.ending, passed, "" if passed else why_not(calls))
        return passed

    def _trivial_programs(self) -> dict[str, str]:
        problem = self.problem
        try:
            return trivial_programs(problem.reference, problem.entry_point, problem.is_program)
        except Rejected as error:
            raise Unfit("reference_does_not_load", str(error)) from error

    def _try_trivial_programs(self) -> None:
        """Reject the problem if a program that solves nothing passes."""
        programs = self._trivial_programs()
        if forged := forged_program(self.problem):
            programs |= {FORGED: forged}
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
        programs = (whole_program(self.problem, each) for each in samples)
        trials = [self._try(program, "sample", n) for n, program in enumerate(programs)]
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


def missing_module(trial: Trial) -> str | None:
    """What a program said of a module that is not there, when it was loaded or in a test.

    None if it missed none. Bodies import what they need, so a program may load without it.
    """
    raised = [trial.failed, *(trial.outcomes[test] for test in sorted(trial.outcomes))]
    missed = (x for x in raised if isinstance(x, Raised) and x.type == "ModuleNotFoundError")
    return next((error.message for error in missed), None)


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
