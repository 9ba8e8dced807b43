"""The solutions of a problem, sorted by its own tests, and the rule under which these pass."""

from dataclasses import dataclass

from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.compare_values import AnswerRule
from transforms.lib.trials.environments import Sandboxes
from transforms.lib.trials.rules_to_try import rules_to_try
from transforms.lib.trials.trial import tightest_rule, try_program

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
    sandbox = sandboxes.of_problem(problem)
    rules = rules_to_try(problem)
    order = range(len(problem.tests))
    trials = [try_program(sandbox, problem, problem.reference, order)]
    rule = tightest_rule(problem, rules, trials)
    if rule is None:
        raise Unfit("reference_fails", trials[0].why(problem, rules[-1]))
    right, wrong = list[str](), list(problem.wrong_solutions)
    for program in problem.solutions[1:]:
        if len(right) == MAX_SOLUTIONS:
            break
        trial = try_program(sandbox, problem, program, order)
        if common := tightest_rule(problem, rules, [*trials, trial]):
            rule = common
            trials.append(trial)
            right.append(program)
        else:
            wrong.append(program)
    return Solutions(rule, tuple(right), tuple(wrong[:MAX_WRONG]))
