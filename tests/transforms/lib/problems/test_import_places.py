"""Imports of a prompt and of its completion: what a solver needs, and nothing that tells the idea."""

import pytest

from transforms.lib.problems.import_places import place_imports
from transforms.lib.problems.pieces import arranged
from transforms.lib.problems.statement_prompts import prompt, whole_solution
from transforms.lib.python.modules import Module, last_named

FUNCTION = """
from collections import Counter, deque
from typing import List
import heapq, math
import os

def f(words: List[str]) -> int:
    '''Count.'''
    seen = Counter(words)
    return helper(seen) + heapq.nlargest(1, [1])[0]

def helper(seen):
    return math.floor(len(seen) + len(deque()))
"""
CLASS = """
from collections import deque, OrderedDict
from typing import Optional
from functools import lru_cache

class Queue:
    limit = 3

    def __init__(self):
        '''Empty.'''
        self.items = deque()

    def put(self, item: Optional[int] = None) -> None:
        self.items.append(item)

    def size(self): return len(OrderedDict.fromkeys(self.items))

    @lru_cache
    def cached(self):
        return deque([1])
"""


def solution(text, name, shown=frozenset()):
    statements = Module(text).statements
    return whole_solution(arranged(statements, last_named(statements, name)), shown=shown)


def test_the_body_of_a_function_imports_what_it_alone_needs():
    found = solution(FUNCTION, "f")
    assert found.placed.shown == ("from typing import List",)
    assert found.completion == (
        "    from collections import Counter\n    import heapq\n\n"
        "    seen = Counter(words)\n    return helper(seen) + heapq.nlargest(1, [1])[0]\n\n\n"
        "from collections import deque\nimport math\n\n\n"
        "def helper(seen):\n    return math.floor(len(seen) + len(deque()))\n"
    )
    names: dict = {}
    exec(prompt(found, "Count.") + found.completion, names)
    assert names["f"](["a", "a", "b"]) == 3
    assert "from collections import Counter, deque\n" in found.program.text, "whole as it was"


def test_methods_import_what_they_need():
    found = solution(CLASS, "Queue")
    assert found.placed.shown == (
        "from typing import Optional",
        "from functools import lru_cache",
    )
    lines = found.completion.split("\n")
    assert lines[lines.index("        '''Empty.'''") + 1] == "        from collections import deque"
    assert "\n\n\nfrom collections import OrderedDict\n" in found.completion, "of one line"
    names: dict = {}
    exec(prompt(found, "A queue.") + found.completion, names)
    queue = names["Queue"]()
    queue.put(1)
    assert queue.size() == 1 and list(queue.cached()) == [1]


@pytest.mark.parametrize(
    ("text", "shown", "completion"),
    [
        ("import m\n@m.cache\ndef f(): return 1", ("import m",), "    return 1\n"),
        ("import m\ndef f(x=m.pi): return m.e", ("import m",), "    return m.e\n"),
        ("import m\ndef f(x: 'm.T'): return m.e", ("import m",), "    return m.e\n"),
        (
            "from __future__ import annotations\nimport m as n\ndef f(): return n.e",
            ("from __future__ import annotations",),
            "    import m as n\n\n    return n.e\n",
        ),
        (
            "import a.b, a.c, d\ndef f():\n    return a.b.e",
            (),
            "    import a.b, a.c\n\n    return a.b.e\n",
        ),
        (
            "from m import *\ndef f():\n    return unknown()",
            (),
            "    return unknown()\n\n\nfrom m import *\n",
        ),
        (
            "from m import *\ndef f(x: Kind):\n    return x",
            ("from m import *",),
            "    return x\n",
        ),
        (
            "import m\ndef f():\n    global m\n    m = m.n",
            (),
            "    global m\n    m = m.n\n\n\nimport m\n",
        ),
        (
            "from m import count\ndef f(count):\n    return count",
            (),
            "    return count\n",
        ),
    ],
)
def test_places(text, shown, completion):
    statements = Module(text).statements
    pieces = arranged(statements, last_named(statements, "f"))
    placed = place_imports(pieces.imports, pieces)
    assert (placed.shown, placed.completion) == (shown, completion)


def test_names_that_tests_use_are_shown():
    assert (
        "from collections import deque"
        in solution(FUNCTION, "f", frozenset({"deque"})).placed.shown
    )
