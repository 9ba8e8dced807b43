"""One round of trials of a problem: the calls that the host makes, one after the other."""

from collections.abc import Sequence
from math import inf
from typing import Any

from transforms.lib.sandbox.inside.program import Caught
from transforms.lib.trials.compare_values import AnswerRule
from transforms.strengthen.inside.agreement import (
    OPAQUE,
    RETURNED,
    TOO_SLOW,
    Answer,
    Judge,
    packed,
    plain,
    raised,
)
from transforms.strengthen.inside.counted_runs import CountedRuns, Run
from transforms.strengthen.inside.programs import Harness, Program
from transforms.strengthen.inside.target import (
    Target,
    all_mutants,
    other_targets,
    trivial_targets,
)

STEP_LIMIT = 2_000_000  # of a right solution on a seed
INPUT_STEPS = 500_000  # on another input: dearer ones make no tests (STEPS_OF_A_TEST)
# Of all right solutions on all inputs that are not seeds: those that come after are not reached.
ROUND_STEPS = 2_000_000
LATER_SHARE = 2  # the part that a round without seeds has of these steps, and of TARGETS_STEPS
LOADING_STEPS = 20_000_000  # of all targets together, before they are called
# After so many inputs that the reference does not end on, others have so many times the steps of
# the slowest valid one: where the constraints of a problem are not known, many are endless.
MOST_ENDLESS, ENDLESS_FACTOR, ENDLESS_GRACE = 4, 10, 10_000
# Of a further solution on one input, by the steps of the reference, and on all that are no seeds:
# it says nothing of those that come after.
SOLUTION_FACTOR, SOLUTION_GRACE, SOLUTION_STEPS = 100, 100_000, 2_000_000
# What a target may take before it is too slow, by the steps of the slowest right solution.
STEP_FACTOR, STEP_GRACE = 20, 2_000
# Of the reference's answer to an input that is no seed: the literal of a larger one is longer than
# a test may be (TEST_CHARACTERS).
ANSWER_BYTES = 40_000
FEWEST_TARGETS = 20  # where a program takes many steps before it is called
KEPT_KILLS = 4  # of the inputs that are not seeds
# Of all targets: each has an even share of them, and what those before it have left. A target that
# has too few for the seeds is not judged.
TARGETS_STEPS = 4_000_000
# Of a target on inputs that are not seeds; and on others of its kind once it is killed.
OTHERS_STEPS, KILLED_STEPS = 1_000_000, 100_000


class Round:
    """The programs and inputs of a round, and what is known of each input."""

    def __init__(self, order: dict[str, Any], inputs: Sequence[Any]) -> None:
        self._order = order
        self._only = None if order["only"] is None else frozenset(order["only"])
        self._done = frozenset(order["done"])
        self._is_program = order["is_program"]
        self._judge = Judge(AnswerRule(*order["rule"]), self._is_program)
        harness = None if self._is_program else Harness(order["harness"], order["called"])
        texts = [order["reference"], *order["solutions"], *order["wrong"]]
        self._runs = CountedRuns(inputs, harness, any("random" in text for text in texts))
        self._seeds = range(order["seeds"])
        self._part = 1 if order["seeds"] else LATER_SHARE
        count = len(inputs)
        self.expected: list[Any] = [None] * count
        self._packed: list[bytes | None] = [None] * count
        self._valid = [False] * count
        self._steps = [0] * count
        self._taken = self._endless = 0  # steps of the reference, and inputs that it did not end on
        self._right: dict[str, Program] = {}
        self._failing: dict[int, str] = {}
        self._targets: list[Target] = []
        self._targets_taken = 0  # steps of all targets so far
        self._loading_steps = 0  # of the reference
        self._fails = False  # whether the reference has no answer to some seed
        self._reference_run: Run | None = None

    def reference(self, numbers: Sequence[int]) -> list[tuple[Answer, int, list[int]] | None]:
        """The answer, steps and branches of the reference on inputs of these numbers.

        None for one that is not reached.
        """
        if self._reference_run is None:
            self._reference_run = self._runs.of(Program(self._order["reference"], True).codes())
            self._loading_steps = self._runs.loading_steps
        return [self._of_reference(number) for number in numbers]

    def _of_reference(self, number: int) -> tuple[Answer, int, list[int]] | None:
        assert self._reference_run is not None
        limit = STEP_LIMIT if number in self._seeds else self._limit()
        if not limit or self._fails:
            return None
        answer, steps = self._reference_run(number, limit)
        if number not in self._seeds:
            self._taken += steps
            self._endless += answer[0] == TOO_SLOW
        if answer[0] == RETURNED:
            answer = plain(answer[1])
            if number not in self._seeds and len(packed(answer) or b"") > ANSWER_BYTES:
                answer = OPAQUE, "too large"
        self._fails |= number in self._seeds and answer[0] != RETURNED
        if answer[0] == RETURNED:
            self.expected[number] = answer[1]
            self._packed[number] = packed(answer[1])
            self._valid[number], self._steps[number] = True, steps
        return answer, steps, sorted(self._runs.counter.reached)

    def _limit(self) -> int:
        """The steps that the reference has on an input that is no seed."""
        own_share = ROUND_STEPS // self._part // (1 + len(self._order["solutions"]))
        left = min(INPUT_STEPS, own_share - self._taken)
        if self._endless < MOST_ENDLESS:
            return max(left, 0)
        return max(min(left, ENDLESS_FACTOR * max(self._steps) + ENDLESS_GRACE), 0)

    def solution(self, number: int) -> list[tuple[str, int]] | None:
        """How a further solution answers each input, with its steps; None if it fails a seed.

        It "agrees", "disagrees" or is "silent"; one that does not agree on the seeds is no right
        solution but a target.
        """
        text = self._order["solutions"][number]
        with Caught() as caught:
            program = Program(text)
        if caught.error is not None:
            self._failing[number] = text
            return None
        run = self._runs.of(program.codes())
        found = [("silent", 0)] * len(self._valid)
        left = SOLUTION_STEPS
        for at in self._run_numbers():
            if at in self._seeds:
                found[at], _ = self._compared(run, at, STEP_LIMIT)
            elif left > 0:
                found[at], taken = self._compared(run, at, left)
                left -= taken
            if at in self._seeds and found[at][0] != "agrees":
                self._failing[number] = text
                return None
        for at, (word, steps) in enumerate(found):
            self._valid[at] &= word != "disagrees"
            self._steps[at] = max(self._steps[at], steps)
        self._right[f"solution {number + 1}"] = program
        return found

    def _run_numbers(self) -> list[int]:
        return [at for at, valid in enumerate(self._valid) if valid]

    def _compared(self, run: Run, at: int, most: int) -> tuple[tuple[str, int], int]:
        """What a further solution says of an input, with its steps; and all that it took."""
        limit = min(most, STEP_LIMIT, SOLUTION_FACTOR * self._steps[at] + SOLUTION_GRACE)
        answer, steps = run(at, limit)
        if answer[0] != RETURNED:
            return ("silent", 0), steps
        agrees = self._judge.agrees(self.expected[at], self._packed[at], answer)
        return ("agrees" if agrees else "disagrees", steps), steps

    def targets(self) -> list[str]:
        """The names of all targets, in the order in which they are tried.

        There are none where the reference gives no answer to a seed: the problem is given up.
        """
        if self._fails:
            return []
        order = self._order
        reference = Program(order["reference"])
        protected = frozenset(order["protected"])
        found = [
            *all_mutants(reference, self._right, protected, order["first_line"]),
            *trivial_targets(reference, order["entry_point"], self._is_program),
            *other_targets("wrong", dict(enumerate(order["wrong"]))),
            *other_targets("failing", {at + 1: text for at, text in self._failing.items()}),
        ]
        by_name = {target.name: target for target in found[:: self._stride(len(found))]}
        self._targets = [each for name, each in by_name.items() if self._is_wanted(name)]
        in_order = sorted(self._run_numbers(), key=lambda at: (self._steps[at], at))
        self._seeds_in_order = [at for at in in_order if at in self._seeds]
        self._others_in_order = [at for at in in_order if at not in self._seeds]
        return [target.name for target in self._targets]

    def _stride(self, count: int) -> int:
        """How many targets there are for each one that is tried, if programs are slow to load."""
        most = max(FEWEST_TARGETS, LOADING_STEPS // max(self._loading_steps, 1))
        return max(1, -(-count // most))

    def _is_wanted(self, name: str) -> bool:
        return (self._only is None or name in self._only) and name not in self._done

    def target(self, number: int) -> list[int] | None:
        """The inputs that tell a target from the reference, the quickest first.

        Seeds that do; where no seed does, the first KEPT_KILLS of the other inputs. None if there
        is no such target, or if it has too few steps for the seeds.
        """
        if number >= len(self._targets):
            return None
        with Caught() as caught:
            codes = self._targets[number].codes()
        run = self._runs.of(codes) if caught.error is None else _silent(caught.error)
        shares = TARGETS_STEPS // self._part * (number + 1) // len(self._targets)
        kills, are_all = self._kills(run, self._seeds_in_order, shares - self._targets_taken)
        if kills or not are_all:
            return kills or None
        most_steps = min(OTHERS_STEPS, shares - self._targets_taken)
        return self._kills(run, self._others_in_order, most_steps, KEPT_KILLS)[0]

    def _kills(
        self, run: Run, numbers: Sequence[int], left: int, most: float = inf
    ) -> tuple[list[int], bool]:
        """Up to `most` of the inputs of these numbers that tell a target from right.

        And whether the steps that are `left` to the target were enough.
        """
        kills: list[int] = []
        for at in numbers:
            if len(kills) >= most:
                break
            slow = self._too_many(at)
            answer, steps = run(at, min(left, slow))
            self._targets_taken += steps
            left -= steps
            if answer[0] == TOO_SLOW and left + steps < slow:
                return kills, False
            if not self._judge.agrees(self.expected[at], self._packed[at], answer):
                left = left if kills else min(left, KILLED_STEPS)
                kills.append(at)
        return kills, True

    def _too_many(self, at: int) -> int:
        """The steps on an input after which a target is too slow to be right."""
        most = self._steps[at]
        return min(STEP_FACTOR * most + STEP_GRACE, 2 * most + STEP_LIMIT)


def _silent(error: BaseException) -> Run:
    """The run of a program that cannot be compiled."""
    answer = raised(error)
    return lambda number, steps: (answer, 0)


class Driver:
    """Takes the host's calls: `begin`, `inputs`, and then methods of a Round by their names."""

    def __init__(self) -> None:
        self._order: dict[str, Any] = {}
        self._inputs: list[Any] = []
        self._round: Round | None = None

    def __call__(self, what: str, *given: Any) -> Any:
        """The result of one call; inputs come in several, as no message may be too large."""
        if what == "begin":
            (self._order,) = given
            return None
        if what == "inputs":
            self._inputs += given[0]
            return None
        if self._round is None:
            self._round = Round(self._order, self._inputs)
        return getattr(self._round, what)(*given)
