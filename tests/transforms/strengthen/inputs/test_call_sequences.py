"""Sequences of calls: of the methods and arguments of the seeds, in an order that they allow."""

from transforms.lib.trials.candidate import Candidate
from transforms.strengthen.inputs import Proposals

REFERENCE = """class Stock:
    def __init__(self, size):
        pass

    def add(self, time, value):
        pass

    def last(self):
        pass
"""
STATEMENT = """All timestamps are strictly increasing.

Constraints:

- 1 <= size <= 10
- 1 <= time <= 1000
- 1 <= value <= size
- At most 50 calls will be made to add and last.
"""
SEED = [
    ("Stock", (5,)),
    ("add", (1, 2)),
    ("last", ()),
    ("add", (4, 5)),
    ("add", (9, 1)),
    ("last", ()),
]


def made():
    problem = Candidate(
        "p2", "design", "Stock", "", REFERENCE, ["x"], [], "",
        [(repr((SEED,)), repr([None, None, 2, None, None, 1]))], "exact", None, "",
    )  # fmt: skip
    return Proposals.of(problem, STATEMENT, None)


def test_sequences_keep_the_constraints_of_each_call_and_the_order_of_times():
    found = made()
    inputs = found.more(40) + found.more(40) + found.large(3)
    assert len(inputs) == 83
    for (steps,) in inputs:
        (name, (size,)), *calls = steps
        assert name == "Stock"
        assert 1 <= size <= 10
        assert len(calls) <= 50
        times = [given[0] for method, given in calls if method == "add"]
        assert all(a < b for a, b in zip(times, times[1:], strict=False))
        assert all(1 <= given[1] <= size for method, given in calls if method == "add")
        assert {method for method, _ in calls} <= {"add", "last"}
    assert max(len(steps) for (steps,) in inputs) > 20


def test_the_same_sequences_are_proposed_every_time():
    assert made().more(30) == made().more(30)
