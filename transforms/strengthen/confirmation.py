"""The made tests once more, as verify runs them: those that do not hold there are left out."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from transforms.lib.sandbox import Sandbox
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.compare_values import AnswerRule
from transforms.lib.trials.environments import REFERENCE_RUNS, Sandboxes
from transforms.lib.trials.trial import try_program
from transforms.strengthen.chosen_tests import MadeTest
from transforms.strengthen.right_solutions import Solutions

FAR_RUNS = (2,)  # another hash seed, time zone and folder than those in which tests are made


def confirm_tests(
    problem: Candidate,
    solutions: Solutions,
    made: Sequence[MadeTest],
    sandboxes: Sandboxes,
    *,
    is_single: bool,
) -> list[MadeTest]:
    """The made tests that the reference passes in other environments, and every right solution.

    `is_single` says that the reference alone gave some answers: then all environments are tried.
    """
    kept = list(made)
    for run in range(len(REFERENCE_RUNS)) if is_single else FAR_RUNS:
        sandbox = sandboxes.of_problem(problem, run)
        kept = _passed(sandbox, problem, problem.reference, solutions.rule, kept)
    sandbox = sandboxes.of_problem(problem)
    for program in solutions.right:
        kept = _passed(sandbox, problem, program, solutions.rule, kept)
    return kept


def _passed(
    sandbox: Sandbox,
    problem: Candidate,
    program: str,
    rule: AnswerRule,
    made: Iterable[MadeTest],
) -> list[MadeTest]:
    """The tests that a program passes; those that make it hit a limit are left out one by one."""
    tests = list(made)
    while tests:
        tried = replace(problem, tests=[(test.input, test.output) for test in tests])
        trial = try_program(sandbox, tried, program, range(len(tests)))
        if trial.ending.limit is None:
            return [test for at, test in enumerate(tests) if trial.agrees(tried, at, rule)]
        # A limit ends the run: the test that has no outcome yet is to blame, or else the last.
        del tests[min(len(trial.outcomes), len(tests) - 1)]
    return tests
