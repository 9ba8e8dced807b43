"""The search for inputs that tell right programs from wrong ones, in rounds (after EvalPlus).

The first round runs every target on the tests of the source and on new inputs. Each later round
runs what has survived on more inputs, made of those that told something apart before, until a
round finds nothing after ENOUGH_INPUTS. How many there are follows from counted steps, never from
a clock, so that every machine finds the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.lib.sandbox import Outcome, Sandbox
from transforms.lib.trials.candidate import Candidate
from transforms.strengthen.inputs.proposals import Proposals
from transforms.strengthen.right_solutions import Solutions
from transforms.strengthen.targets import Tried, try_targets

FIRST_INPUTS = 160  # proposed in the first round
ROUND_INPUTS = 360  # at most in each later one
MOST_INPUTS = 2000  # of all rounds
MOST_ROUNDS = 8  # after the first one
FEWEST_INPUTS = 25  # a round of fewer is not worth its start
LARGE_INPUTS = 4  # near the upper limits, in the last round
# Loop rounds and calls, of all programs on all inputs, after the first round: about a second.
STEPS = 2_500_000
STEPS_OF_A_CALL = 20  # what a call costs besides its own steps
# A target that this many inputs do not tell from right is possibly the same program.
ENOUGH_INPUTS = 500

TRIVIAL, WRONG = "trivial ", "wrong "  # how the names of these targets begin; others are mutants
# But for right solutions that fail in a round alone, where their steps are counted: they are no
# targets of the search.
FAILING = "failing "


@dataclass
class InputPool:
    """The valid inputs that were tried, the first `seeds` of them the tests of the source.

    outcomes, agreeing, steps, branches: of each input, as in Tried; kills: the numbers of the
    inputs that a target fails; disagreed: how many inputs the right solutions disagree on;
    unreached: how many the reference had no steps left for;
    exhausted: whether there are no further inputs; large: the numbers of inputs near the limits.
    """

    seeds: int
    agreed_only: bool = False  # whether a second solution must give the answer
    inputs: list[Any] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    agreeing: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    branches: list[frozenset[int]] = field(default_factory=list)
    kills: dict[str, set[int]] = field(default_factory=dict)
    proposed: int = 0
    disagreed: int = 0
    unreached: int = 0
    exhausted: bool = False
    large: list[int] = field(default_factory=list)

    def add(self, inputs: Sequence[Any], tried: Tried) -> list[int]:
        """Take in a round; returns the numbers of its inputs that told a survivor from right."""
        survived = self.survivors
        numbers = dict[int, int]()
        self.disagreed += sum(tried.disagreed)
        self.unreached += tried.outcomes.count(None)
        for at, (value, outcome, valid) in enumerate(
            zip(inputs, tried.outcomes, tried.valid, strict=True)
        ):
            is_seed = len(self.inputs) < self.seeds
            doubtful = self.agreed_only and not tried.agreeing[at] and not is_seed
            if valid and outcome is not None and not doubtful:
                numbers[at] = len(self.inputs)
                self.inputs.append(value)
                self.outcomes.append(outcome)
                self.agreeing.append(tried.agreeing[at])
                self.steps.append(tried.steps[at])
                self.branches.append(tried.branches[at])
        for target in tried.targets:
            if target.startswith(FAILING):
                continue
            killers = {numbers[at] for at in tried.kills.get(target, ()) if at in numbers}
            self.kills.setdefault(target, set()).update(killers)
        for target in tried.unjudged:
            self.kills.pop(target, None)
        return sorted({number for target in survived for number in self.kills.get(target, ())})

    @property
    def survivors(self) -> list[str]:
        """The targets that no input tells from right."""
        return [target for target, killers in self.kills.items() if not killers]

    @property
    def is_thorough(self) -> bool:
        """Whether a survivor is possibly the same program as the one that it was made of."""
        all_tried = self.exhausted and not self.unreached
        return all_tried or len(self.inputs) >= ENOUGH_INPUTS


def search(
    sandbox: Sandbox, problem: Candidate, solutions: Solutions, proposals: Proposals | None
) -> InputPool:
    """All rounds; without proposals the tests of the source alone. Raises Unfit."""
    seeds = list(problem.arguments) if not problem.is_program else [i for i, _ in problem.tests]
    pool = InputPool(len(seeds), _is_doubtful(problem, proposals))
    inputs = seeds + _proposed(pool, proposals, FIRST_INPUTS, ())
    new = _round(sandbox, problem, solutions, pool, inputs, None)
    budget = STEPS
    for _ in range(MOST_ROUNDS if proposals else 0):
        cost = _cost_of_an_input(pool, solutions)
        count = min(ROUND_INPUTS, MOST_INPUTS - len(pool.inputs), int(budget / cost))
        if count < FEWEST_INPUTS or not pool.survivors or not (new or not pool.is_thorough):
            break
        budget -= int(count * cost)
        inputs = _proposed(pool, proposals, count, [pool.inputs[number] for number in new])
        if not inputs:
            break
        new = _round(sandbox, problem, solutions, pool, inputs, frozenset(pool.survivors))
    if proposals:
        _try_large(sandbox, problem, solutions, pool, proposals)
    return pool


def _is_doubtful(problem: Candidate, proposals: Proposals | None) -> bool:
    """Whether the statement says of inputs what is not understood, and other solutions may know."""
    return bool(proposals and proposals.constraints.doubtful and len(problem.solutions) > 1)


def _proposed(
    pool: InputPool, proposals: Proposals | None, count: int, parents: Sequence[Any]
) -> list[Any]:
    if proposals is None:
        return []  # not exhausted: nothing is known of other inputs
    inputs = proposals.more(count, parents)
    pool.proposed += len(inputs)
    pool.exhausted = not inputs
    return inputs


def _round(
    sandbox: Sandbox,
    problem: Candidate,
    solutions: Solutions,
    pool: InputPool,
    inputs: Sequence[Any],
    only: frozenset[str] | None,
) -> list[int]:
    seeds = pool.seeds if only is None else 0
    tried = try_targets(
        sandbox,
        problem,
        solutions.rule,
        inputs,
        seeds,
        solutions=solutions.right,
        wrong=solutions.wrong,
        only=only,
    )
    return pool.add(inputs, tried)


def _cost_of_an_input(pool: InputPool, solutions: Solutions) -> float:
    """The steps that one more input takes, of all programs that run on it."""
    programs = 1 + len(solutions.right) + len(pool.survivors)
    mean = sum(pool.steps) / max(1, len(pool.steps))
    return programs * (mean + STEPS_OF_A_CALL)


def _try_large(
    sandbox: Sandbox,
    problem: Candidate,
    solutions: Solutions,
    pool: InputPool,
    proposals: Proposals,
) -> None:
    inputs = proposals.large(LARGE_INPUTS)
    if inputs:
        before = len(pool.inputs)
        _round(sandbox, problem, solutions, pool, inputs, frozenset(pool.survivors))
        pool.large = list(range(before, len(pool.inputs)))
