"""One problem to its made tests and to the row that says what all its tests tell apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.lib.sandbox.verdict_columns import storable_line
from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.environments import Sandboxes
from transforms.strengthen.chosen_tests import MadeTest, choose_tests
from transforms.strengthen.confirmation import confirm_tests
from transforms.strengthen.input_search import TRIVIAL, WRONG, InputPool, search
from transforms.strengthen.inputs.drafts import NoInputs
from transforms.strengthen.inputs.proposals import Proposals
from transforms.strengthen.right_solutions import Solutions, sort_solutions

Row = dict[str, Any]
STRENGTHENED, NOTHING_NEW, SEVERAL_ANSWERS = "strengthened", "nothing_new", "several_answers"
# Where right solutions disagree on more of the inputs, several answers are right, or inputs are
# proposed that the statement excludes: no test is made.
MOST_DISAGREED = 0.2
SAME_COLUMNS = ("problem_id", "source", "repo", "path", "kind")


@dataclass(frozen=True)
class Strengthened:
    """The rows of `tests` of a problem, and its row of `strength`."""

    tests: list[Row]
    strength: Row


def strengthen_problem(row: Mapping[str, Any], sandboxes: Sandboxes) -> Strengthened:
    """Make tests for a row of `contest_problems` or `ci_problems`."""
    problem = Candidate.of(row)
    of_problem = {name: row[name] for name in SAME_COLUMNS}
    try:
        tests, strength = _strengthened(problem, row, sandboxes)
    except Unfit as error:
        return Strengthened([], of_problem | _without_figures(problem, error))
    return Strengthened(tests, of_problem | strength)


def _strengthened(
    problem: Candidate, row: Mapping[str, Any], sandboxes: Sandboxes
) -> tuple[list[Row], Row]:
    solutions = sort_solutions(problem, sandboxes)
    proposals, outcome = _proposals(problem, row)
    pool = search(sandboxes.of_problem(problem), problem, solutions, proposals)
    made: list[MadeTest] = []
    if proposals and pool.disagreed > MOST_DISAGREED * max(1, pool.proposed):
        outcome = {"outcome": SEVERAL_ANSWERS}
    elif proposals:
        chosen = choose_tests(problem, pool)
        single = any(not pool.agreeing[test.number] for test in chosen)
        made = confirm_tests(problem, solutions, chosen, sandboxes, is_single=single)
        outcome = {"outcome": STRENGTHENED if made else NOTHING_NEW}
    tests = [_test_row(problem, pool, number, test) for number, test in enumerate(made)]
    read = _constraint_columns(proposals)
    return tests, outcome | read | _figures(pool, solutions, made)


def _proposals(problem: Candidate, row: Mapping[str, Any]) -> tuple[Proposals | None, Row]:
    """What proposes inputs; or None, and the columns that say why there is nothing."""
    try:
        return Proposals.of(problem, row["statement"] or "", row["signature"]), {}
    except NoInputs as error:
        return None, _outcome(error)


def _outcome(error: Unfit | NoInputs) -> Row:
    return {"outcome": error.reason, "value": storable_line(error.value)}


def _constraint_columns(proposals: Proposals | None) -> Row:
    if proposals is None:
        return {"constraints": [], "unread": []}
    constraints = proposals.constraints
    read, unread = ([*map(storable_line, each)] for each in (constraints.read, constraints.unread))
    return {"constraints": read, "unread": unread}


def _without_figures(problem: Candidate, error: Unfit) -> Row:
    """The columns of a problem whose programs could not be tried: no counts are known."""
    return _outcome(error) | {"seeds": len(problem.tests), "tests": len(problem.tests)}


def _oracle(pool: InputPool, test: MadeTest) -> str:
    return "agreeing" if pool.agreeing[test.number] else "single"


def _test_row(problem: Candidate, pool: InputPool, number: int, test: MadeTest) -> Row:
    killed = [target for target, killers in pool.kills.items() if test.number in killers]
    return {
        "problem_id": problem.problem_id,
        "number": number,
        "input": test.input,
        "output": test.output,
        "oracle": _oracle(pool, test),
        "why": test.why,
        "kills": killed,
        "steps": pool.steps[test.number],
    }


def _figures(pool: InputPool, solutions: Solutions, made: Sequence[MadeTest]) -> Row:
    """The counts of `strength`."""
    before = frozenset(range(pool.seeds))
    after = before | {test.number for test in made}
    trivial, wrong, mutants = _by_kind(pool)
    unknown = set(pool.survivors) if pool.is_thorough else set()
    survivors = [name for name in mutants if not pool.kills[name] & after]
    wrong_trivial = [name for name in trivial if name not in unknown]
    return {
        "seeds": pool.seeds,
        "tests": len(after),
        "inputs": len(pool.inputs),
        "oracle": _worst(_oracle(pool, test) for test in made),
        "mutants": len(mutants),
        "equivalent": sum(name in unknown for name in mutants),
        "killed_before": _killed(pool, mutants, before),
        "killed_after": _killed(pool, mutants, after),
        "trivial": len(wrong_trivial),
        "trivial_pass_before": len(wrong_trivial) - _killed(pool, wrong_trivial, before),
        "trivial_pass_after": len(wrong_trivial) - _killed(pool, wrong_trivial, after),
        "wrong": len(wrong),
        "wrong_fail_before": _killed(pool, wrong, before),
        "wrong_fail_after": _killed(pool, wrong, after),
        "right": len(solutions.right),
        "right_pass_after": len(solutions.right),
        "survivors": [name for name in survivors if name not in unknown],
        "steps": sum(pool.steps[number] for number in after),
    }


def _by_kind(pool: InputPool) -> tuple[list[str], list[str], list[str]]:
    """The names of trivial programs, of wrong solutions and of mutants."""
    trivial = [name for name in pool.kills if name.startswith(TRIVIAL)]
    wrong = [name for name in pool.kills if name.startswith(WRONG)]
    mutants = [name for name in pool.kills if not name.startswith((TRIVIAL, WRONG))]
    return trivial, wrong, mutants


def _killed(pool: InputPool, targets: Iterable[str], tests: frozenset[int]) -> int:
    return sum(bool(pool.kills[target] & tests) for target in targets)


def _worst(oracles: Iterable[str]) -> str | None:
    return max(oracles, default=None)  # "single" is after "agreeing"
