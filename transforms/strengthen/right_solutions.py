"""The solutions of a problem, sorted by its own tests, and the rule under which these pass."""

from dataclasses import dataclass

from transforms.lib.problems.lent_environment import NotLent
from transforms.lib.sandbox import Sandbox
from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.compare_values import AnswerRule
from transforms.lib.trials.environments import Sandboxes
from transforms.lib.trials.rules_to_try import rules_to_try
from transforms.lib.trials.trial import Trial, tightest_rule, try_program

MAX_SOLUTIONS = 4  # further right solutions that must agree on an input
MAX_WRONG = 24  # wrong programs that tests are chosen to fail


@dataclass(frozen=True)
class Solutions:
    """The programs of a problem: further right ones, wrong ones, and the rule that fits the right.

    `wrong` are the solutions that the source marks as wrong, and those that fail its tests.
    """

    rule: AnswerRule
    right: tuple[str, ...]
    wrong: tuple[str, ...]


def sort_solutions(problem: Candidate, sandboxes: Sandboxes) -> Solutions:
    """Run every solution on the tests of the source.

    Raises Unfit if the reference fails them, or if the problem cannot be run at all.
    """
    sandbox = sandbox_of(problem, sandboxes)
    rules = rules_to_try(problem)
    order = range(len(problem.tests))
    reference = try_program(sandbox, problem, problem.reference, order)
    if tightest_rule(problem, rules, [reference]) is None:
        raise Unfit("reference_fails", reference.why(problem, rules[-1]))
    trials, right, wrong = [reference], list[str](), list(problem.wrong_solutions)
    for program in problem.solutions[1:]:
        if len(right) == MAX_SOLUTIONS:
            break
        trial = try_program(sandbox, problem, program, order)
        fits = tightest_rule(problem, rules, [*trials, trial]) is not None
        trials += [trial] if fits else []
        (right if fits else wrong).append(program)
    return Solutions(_rule(problem, rules, trials), tuple(right), tuple(wrong[:MAX_WRONG]))


def sandbox_of(problem: Candidate, sandboxes: Sandboxes, run: int = 0) -> Sandbox:
    """The sandbox of a run, with what the problem is lent; raises Unfit if that is not there."""
    try:
        return sandboxes.of(run, problem.lent)
    except NotLent as error:
        raise Unfit("no_environment", str(error)) from error


def _rule(problem: Candidate, rules: list[AnswerRule], trials: list[Trial]) -> AnswerRule:
    return tightest_rule(problem, rules, trials) or rules[-1]
