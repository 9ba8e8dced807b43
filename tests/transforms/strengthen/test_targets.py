"""Rounds of trials: what inputs tell from right, and what cannot disturb that."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.support.contest_rows import IN_PLACE, STEPS, problem
from transforms.lib.sandbox import Opaque, Raised, Returned, Sandbox
from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.compare_values import AnswerRule
from transforms.strengthen.targets import Tried, try_targets

LARGEST = """    best = 0
    for value in x:
        if value > best:
            best = value
    return best
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


def tried(
    sandbox: Sandbox, candidate: Candidate, *inputs: Any, rule: str = "exact", **more: Any
) -> Tried:
    """A round on the tests of a problem and on more inputs, of one argument each."""
    own = [given for given, _ in candidate.tests] if candidate.is_program else candidate.arguments
    others = inputs if candidate.is_program else [(given,) for given in inputs]
    return try_targets(sandbox, candidate, AnswerRule.of(rule), [*own, *others], len(own), **more)


def function(body: str, *pairs: tuple[object, object], **more: Any) -> Candidate:
    return Candidate.of(problem("f", body, pairs, **more))


def program(text: str, *pairs: tuple[str, str], **more: Any) -> Candidate:
    tests = [{"input": given, "output": output} for given, output in pairs]
    own = {"kind": "stdio", "entry_point": None, "head": "", "tests": tests}
    return Candidate.of(problem("", text, [], **(own | more)))


def test_a_round_of_a_function(sandbox: Sandbox) -> None:
    candidate = function(LARGEST, ([1, 2], 2), ([5, 3], 5))
    right, failing = "def f(x):\n    return max([*x, 0])\n", "def f(x):\n    return x[0]\n"
    found = tried(
        sandbox, candidate, [], [-5, -2], None, solutions=[right, failing], wrong=["f = max"]
    )
    assert found.outcomes[:4] == (Returned(2), Returned(5), Returned(0), Returned(0))
    assert found.outcomes[4] == Raised("TypeError", "'NoneType' object is not iterable")
    assert found.valid == (True, True, True, True, False)
    assert found.disagreed == (False,) * 5 and found.agreeing == (1, 1, 1, 1, 0)
    assert found.steps == (3, 3, 1, 3, 1)  # a call, and a round for each value
    assert found.branches[:3] == (frozenset({0, 1}), frozenset({0, 1, 2}), frozenset())
    assert found.kills["boundary 2:11 0 to 1"] == {2, 3}  # no seed tells it from right
    assert found.kills["relation 4:19 > to >="] == set()
    assert found.kills["relation 4:19 > to <="] == {0, 1}
    assert found.kills["trivial max"] == {2, 3}
    assert found.kills["trivial length"] == {1}
    assert found.kills["wrong 0"] == {2, 3}
    assert found.kills["failing 2"] == {0}
    assert found.kills["solution 1 function 2:11 max to min"] == {0, 1}
    assert found.targets == tuple(found.kills) and found.unjudged == ()


def test_only_some_targets(sandbox: Sandbox) -> None:
    candidate = function(LARGEST, ([1, 2], 2))
    only = frozenset({"trivial max", "boundary 2:11 0 to 1"})
    found = tried(sandbox, candidate, [-1], only=only)
    assert found.kills == {"boundary 2:11 0 to 1": {1}, "trivial max": {1}}


def test_a_right_solution_that_disagrees_makes_an_input_invalid(sandbox: Sandbox) -> None:
    candidate = function(LARGEST, ([1, 2], 2))
    found = tried(sandbox, candidate, [-1], [7], solutions=["def f(x): return max(x)"])
    assert found.valid == (True, False, True) and found.disagreed == (False, True, False)
    assert 1 not in frozenset().union(*found.kills.values())


def test_a_target_is_killed_by_a_rule(sandbox: Sandbox) -> None:
    candidate = function("    return sorted(x)\n", ([2, 1], [2, 1]))
    found = tried(sandbox, candidate, rule="unordered")
    assert found.kills["function 2:11 sorted reversed"] == set()
    assert found.kills["trivial first_argument"] == set() and found.kills["trivial max"] == {0}


def test_arguments_are_new_for_every_call(sandbox: Sandbox) -> None:
    body = "    x.append(len(x))\n    return x\n"
    found = tried(sandbox, function(body, ([], [0]), harness=IN_PLACE), [5], [{2: 3}, [1]])
    assert found.outcomes[1:] == (Returned([5, 1]), Returned([{2: 3}, [1], 2]))
    assert found.kills["dropped 2:4 Expr"] == {0}


def test_a_round_of_a_class(sandbox: Sandbox) -> None:
    body = "    def __init__(self):\n        self.n = 0\n    def add(self, k):\n        self.n += k\n        return self.n\n"
    steps = [("F", ()), ("add", (1,))]
    row = problem(
        *("F", body, [((steps,), [None, 1])]), kind="design", head="class F:\n", harness=STEPS
    )
    found = tried(sandbox, Candidate.of(row), [*steps, ("add", (2,)), ("add", (2,))])
    assert found.outcomes[1] == Returned([None, 1, 3, 5])
    assert found.kills["trivial last_argument"] == {1}
    assert found.kills["trivial calls"] == {1}
    assert found.kills["trivial none"] == {0}


SUM = "n = int(input())\nprint(sum(map(int, input().split())))\n"


def test_a_round_of_a_program(sandbox: Sandbox) -> None:
    candidate = program(SUM, ("2\n1 2\n", "3\n"))
    others = [
        "import sys\nn, *xs = map(int, open(0).read().split())\nsys.stdout.write(f'{sum(xs)}')\nsys.exit()",
        "import os\nprint(sum(map(int, os.read(0, 99).split()[1:])))",
        "import sys\nif __name__ == '__main__':\n    sys.stdin.buffer.readline()\n"
        "    sys.stdout.buffer.write(b'%d' % sum(map(int, sys.stdin.buffer.read().split())))",
        "import threading\ndef main():\n    input()\n    print(sum(map(int, input().split())))\n"
        "threading.Thread(target=main).start()",
        "import sys\nsys.stdin.close()\nprint(3)",
    ]
    found = tried(sandbox, candidate, "1\n5\n", "0\n\n", "x", rule="tokens", solutions=others)
    assert found.outcomes[:3] == (Returned("3\n"), Returned("5\n"), Returned("0\n"))
    assert found.valid == (True, False, False, False)
    assert found.agreeing == (5, 4, 4, 0)
    found = tried(sandbox, candidate, "1\n5\n", rule="tokens", solutions=others[:4])
    assert found.valid == (True, True) and found.agreeing == (4, 4)
    assert found.kills["trivial zero"] == {0}
    assert found.kills["trivial sum_of_others"] == set()
    assert found.kills["dropped 1:0 Assign"] == {0}


def test_what_is_endless_ends(sandbox: Sandbox) -> None:
    body = "    while x > 1:\n        try:\n            x -= 1\n        except BaseException:\n            pass\n    return x\n"
    found = tried(sandbox, function(body, (3, 1), (2, 1)), 10**9, wrong=["def f(x):\n while 1: 0"])
    assert found.valid == (True, True, False) and found.steps[2] == 500_000
    assert found.kills["augmented 4:17 - to +"] == {0, 1}
    assert found.kills["wrong 0"] == {0, 1}


def test_targets_of_dear_seeds_share_the_steps(sandbox: Sandbox) -> None:
    """Some are not judged; those that are fail the quick seed, or pass both."""
    body = "    n = 0\n    for i in range(x):\n        n += 1 if i != 7 or i > 9 else 1\n    return n\n"
    found = tried(sandbox, function(body, (3, 3), (400_000, 400_000)))
    assert 0 < len(found.unjudged) < len(found.targets)
    assert found.kills["trivial zero"] >= {0}


def test_a_target_that_takes_the_process_down_is_unjudged(sandbox: Sandbox) -> None:
    wrong = ["import os\ndef f(x): os._exit(0)", "def f(x): return x"]
    found = tried(sandbox, function("    return x + 1\n", (3, 4)), wrong=wrong)
    assert found.unjudged == ("wrong 0",)
    assert found.kills["wrong 1"] == {0} and "wrong 0" not in found.targets
    assert found.kills["arithmetic 2:15 + to -"] == {0}


def test_inputs_and_solutions_that_take_the_process_down_are_left_out(sandbox: Sandbox) -> None:
    body = "    if x == 7:\n        import os\n        os._exit(1)\n    return x + 1\n"
    solution = "import os\ndef f(x):\n    return x + 1 if x < 8 else os._exit(1)\n"
    found = tried(sandbox, function(body, (3, 4)), *range(6, 10), solutions=[solution])
    assert found.outcomes == (Returned(4), Returned(7), None, Returned(9), Returned(10))
    assert found.valid == (True, True, False, True, True) and found.agreeing == (0,) * 5


HOSTILE = {
    "patches what it can": """    import ast, builtins, gc, marshal, sys
    for name in ("isinstance", "len", "range", "sorted", "min", "compile", "exec"):
        setattr(builtins, name, None)
    marshal.dumps = marshal.loads = None
    return x
""",
    "forges results": """    import sys
    found = sys.modules["transforms.strengthen.inside.round_driver"]
    found.Round.target = lambda *given: [10**9, "x", None]
    found.Round.targets = lambda *given: ["a", "b"]
    return x
""",
    "forges steps": """    import sys
    found = sys.modules["transforms.strengthen.inside.round_driver"]
    found.Round.reference = lambda *given: [(("returned", 3), "many", [])] * 2
    return x
""",
    "forges names": """    import sys
    found = sys.modules["transforms.strengthen.inside.round_driver"]
    found.Round.targets = lambda *given: {"a": 1}
    return x
""",
    "traces": "    import sys\n    sys.settrace(lambda *given: 1 / 0)\n    return x\n",
    "exits": "    raise SystemExit(3)\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_reference_harms_its_own_problem_alone(sandbox: Sandbox, name: str) -> None:
    try:
        found = tried(sandbox, function(HOSTILE[name], (3, 3), (4, 4)), 5)
    except Unfit as error:
        assert error.reason in ("reference_fails", "reference_limit")
    else:
        assert all(kills <= {0, 1, 2} for kills in found.kills.values())
    assert tried(sandbox, function("    return x\n", (3, 3))).kills["trivial zero"] == {0}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("    return x\n", "reference_fails"),
        ("    return (\n", "reference_does_not_load"),
        ("    return undefined\n", "reference_fails"),
        ("    import os\n    os._exit(0)\n", "reference_limit"),
        ("    while x: pass\n", "reference_limit"),
        ("    return object()\n", "reference_limit"),
    ],
)
def test_references_that_are_unfit(sandbox: Sandbox, body: str, reason: str) -> None:
    with pytest.raises(Unfit) as caught:
        tried(sandbox, function(body, (3, 4), (4, 5)))
    assert caught.value.reason == reason


def test_the_same_comes_out_under_every_hash_seed() -> None:
    body = "    seen = {str(value) for value in x}\n    return [v for v in seen if v > '1'][:1] + sorted(seen)[:2]\n"
    candidate = function("    return sorted({str(v) for v in x})\n", ([3, 1], ["1", "3"]))
    rounds = []
    for seed in (0, 7):
        with Sandbox(hash_seed=seed) as opened:
            rounds.append(tried(opened, candidate, [5, 4, 4], wrong=[f"def f(x):\n{body}"]))
    assert rounds[0].kills.pop("wrong 0") and rounds[1].kills.pop("wrong 0")
    assert rounds[0] == rounds[1]


def names(found: Tried) -> Sequence[str]:
    return [name for name in found.targets if not name.startswith("trivial")]


def test_only_what_is_the_solutions_own_is_mutated(sandbox: Sandbox) -> None:
    head = "class Node:\n    def __init__(self, v=5):\n        self.v = v if v > 0 else 0\n\ndef f(x):\n"
    candidate = function("    return Node(x).v + 2\n", (3, 5), head=head)
    solution = head + "    return 2 + Node(x).v\n"
    found = names(tried(sandbox, candidate, solutions=[solution]))
    assert found and all(" 6:" in name for name in found)


def test_recursion_through_c_code_ends_no_process(sandbox: Sandbox) -> None:
    head = "import functools, sys\n\nsys.setrecursionlimit(10**9)\n\n@functools.cache\ndef f(x):\n"
    candidate = function("    return f(x - 1) + 1 if x else 0\n", (3, 3), (9, 9), head=head)
    found = tried(sandbox, candidate, 2000)
    assert found.outcomes[2] == Returned(2000)
    assert found.kills["arithmetic 7:17 - to +"] == {0, 1} and found.unjudged == ()


def test_many_large_inputs_and_answers(sandbox: Sandbox) -> None:
    candidate = function("    return x * 3\n", ([1], [1, 1, 1]))
    inputs = [[number] * 40_000 for number in range(40)]
    found = tried(sandbox, candidate, *inputs, list(range(300)))
    assert found.valid == (True, *(False,) * 40, True)
    assert found.outcomes[1] == Opaque("too large")
