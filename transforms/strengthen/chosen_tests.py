"""Which of the inputs become tests: a greedy cover of targets and branches, then variety."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from transforms.lib.python.literals import literal, literal_text
from transforms.lib.python.parsing import Rejected
from transforms.lib.sandbox import Outcome, Returned
from transforms.lib.trials.candidate import Candidate
from transforms.strengthen.input_search import TRIVIAL, WRONG, InputPool

MOST_TESTS = 40  # of a problem, those of its source included
FEWEST_MADE = 8  # that may be made where the source has as many already
FILL_TO = 24  # tests of a problem: variety fills up what targets and branches leave
TIMES_KILLED = 3  # how many tests shall kill a target, where so many do
LARGE_TESTS = 2  # so that cost is tested
TEST_CHARACTERS = 20_000  # of input and output of one test
MADE_CHARACTERS = 80_000  # of all made tests of a problem
STEPS_OF_A_TEST = 500_000  # of the slowest right solution
STEPS_OF_ALL_TESTS = 3_000_000  # all must end within the CPU seconds of one sample


@dataclass(frozen=True)
class MadeTest:
    """An input that became a test, by its number in the pool; `why` is the column of `tests`."""

    number: int
    input: str
    output: str
    why: str


@dataclass
class ChosenTests:
    """The tests that are chosen so far, and what is left of the limits."""

    problem: Candidate
    pool: InputPool
    room: int
    characters: int = MADE_CHARACTERS
    steps: int = STEPS_OF_ALL_TESTS
    made: list[MadeTest] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)

    def take(self, number: int, why: str) -> bool:
        """Make the input a test if that is within the limits; an input is looked at once."""
        if number in self.taken or len(self.made) >= self.room:
            return False
        self.taken.add(number)
        texts = self._texts(number)
        if texts is None or self.pool.steps[number] > min(self.steps, STEPS_OF_A_TEST):
            return False
        size = sum(map(len, texts))
        if size > min(TEST_CHARACTERS, self.characters):
            return False
        self.made.append(MadeTest(number, *texts, why))
        self.characters -= size
        self.steps -= self.pool.steps[number]
        return True

    def _texts(self, number: int) -> tuple[str, str] | None:
        """Input and output as they stand in `tests`; None if one of them is no literal."""
        value, outcome = self.pool.inputs[number], self.pool.outcomes[number]
        if not isinstance(outcome, Returned):
            return None
        if self.problem.is_program:
            return value, outcome.value
        try:
            return _literal(value), _literal(outcome.value)
        except Rejected:
            return None

    @property
    def free(self) -> list[int]:
        """The numbers of inputs that are neither tests of the source nor looked at."""
        return [n for n in range(self.pool.seeds, len(self.pool.inputs)) if n not in self.taken]


def _literal(value: object) -> str:
    """The literal of a value; Rejected if it does not read back as the same value."""
    text = literal_text(value)
    literal(text)
    return text


def _answer_key(outcome: Outcome) -> str:
    """A text that is the same for equal answers, in every process."""
    try:
        return literal_text(outcome.value) if isinstance(outcome, Returned) else str(outcome)
    except Rejected:
        return ""


def choose_tests(problem: Candidate, pool: InputPool) -> list[MadeTest]:
    """The made tests of a problem, in the order of their choice."""
    room = max(MOST_TESTS - pool.seeds, FEWEST_MADE)
    selection = ChosenTests(problem, pool, room)
    _cover_targets(selection)
    _cover_branches(selection)
    _take_large(selection)
    _fill_up(selection)
    return selection.made


def _cover_targets(selection: ChosenTests) -> None:
    """Kill every target that can be killed: once each, then up to TIMES_KILLED times."""
    pool = selection.pool
    killed_by = defaultdict[int, set[str]](set)
    for target, killers in pool.kills.items():
        for number in killers:
            killed_by[number].add(target)
    seeds = range(pool.seeds)
    times = Counter(target for number in seeds for target in killed_by[number])
    for wanted in range(1, TIMES_KILLED + 1):

        def gain(number: int, wanted: int = wanted) -> int:
            return sum(times[target] < wanted for target in killed_by[number])

        for number in _greedy(selection, [n for n in selection.free if killed_by[n]], gain):
            gained = [target for target in killed_by[number] if times[target] < wanted]
            if selection.take(number, _why(gained)):
                times.update(killed_by[number])


def _greedy(
    selection: ChosenTests, numbers: Iterable[int], gain: Callable[[int], int]
) -> Iterator[int]:
    """The numbers in the order of their gain, which is counted anew after each one; none without.

    Of equal ones the input with the shorter text is first, then the earlier one.
    """
    sizes = {number: len(repr(selection.pool.inputs[number])) for number in numbers}
    while sizes:
        best = max(sizes, key=lambda number: (gain(number), -sizes[number], -number))
        if not gain(best):
            return
        del sizes[best]
        yield best


def _why(targets: Iterable[str]) -> str:
    """The most telling kind of the targets: trivial programs first, then wrong ones."""
    kinds = {next((k for k in (TRIVIAL, WRONG) if t.startswith(k)), "mutant") for t in targets}
    return min(kinds, key=[TRIVIAL, WRONG, "mutant"].index).strip()


def _cover_branches(selection: ChosenTests) -> None:
    pool = selection.pool
    shown = [*range(pool.seeds), *(test.number for test in selection.made)]
    reached = {branch for number in shown for branch in pool.branches[number]}
    new = [number for number in selection.free if pool.branches[number] - reached]

    def gain(number: int) -> int:
        return len(pool.branches[number] - reached)

    for number in _greedy(selection, new, gain):
        if selection.take(number, "branch"):
            reached.update(pool.branches[number])


def _take_large(selection: ChosenTests) -> None:
    """Of the inputs near the limits, those that cost most."""
    pool = selection.pool
    dearest = sorted(pool.large, key=lambda number: (-pool.steps[number], number))
    taken = 0
    for number in dearest:
        taken += taken < LARGE_TESTS and selection.take(number, "large")


def _fill_up(selection: ChosenTests) -> None:
    """Fill up to FILL_TO tests: in turn one input of each answer, rare answers first."""
    pool = selection.pool
    by_answer = defaultdict[str, list[int]](list)
    for number in selection.free:
        by_answer[_answer_key(pool.outcomes[number])].append(number)
    queues = sorted(by_answer.values(), key=lambda numbers: (len(numbers), numbers[0]))
    while any(queues) and pool.seeds + len(selection.made) < FILL_TO:
        for queue in filter(None, queues):
            if pool.seeds + len(selection.made) >= FILL_TO:
                return
            selection.take(queue.pop(0), "variety")
        if len(selection.made) >= selection.room:
            return
