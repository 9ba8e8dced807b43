"""Solutions in a class to functions: before and after, as text; and what they then return."""

import textwrap

import pytest

from transforms.contests.judged.class_solutions import out_of_class
from transforms.lib.problems.pieces import arranged
from transforms.lib.python.modules import Module, reachable
from transforms.lib.python.parsing import Rejected


def loosened(text, entry="f"):
    module = Module(textwrap.dedent(text).lstrip("\n"))
    return out_of_class(module, "Solution", entry).program()


AFTER = '''\
def f(
    n: int,
) -> int:
    text = """two
    lines"""
    return helper(n) + len(text) if n else f(n + 1)


def helper(n: int) -> int:
    # keeps its comment
    return n * 2  # and this
'''


def test_self_goes_and_methods_become_functions():
    before = '''
    class Solution:
        """What is to be done."""

        def helper(self, n: int) -> int:
            # keeps its comment
            return n * 2  # and this

        def f(
            self,
            n: int,
        ) -> int:
            text = """two
        lines"""
            return self.helper(n) + len(text) if n else self.f(n + 1)
    '''
    assert loosened(before) == AFTER


def test_what_a_header_reads_stands_before_it():
    before = """
    import heapq
    LIMIT = 5
    class Node: pass
    class Trie(Node):
        def __init__(self): self.n = LIMIT

    class Solution:
        def f(self, root: Node, k=LIMIT) -> int:
            return Trie().n
    """
    pieces = out_of_class(Module(textwrap.dedent(before)), "Solution", "f")
    assert pieces.imports == ("import heapq",)
    assert pieces.before == "LIMIT = 5\n\n\nclass Node: pass\n"
    assert pieces.header == "def f(root: Node, k=LIMIT) -> int:\n"
    assert pieces.after.startswith("class Trie(Node):")


STATEFUL = """
class Solution:
    def f(self, n):
        self.seen = n
        return self.g()

    def g(self):
        return self.seen + 1
"""
CASES = {
    "static": ("class Solution:\n @staticmethod\n def f(n): return n + 1\n", None),
    "state": (STATEFUL, "return Solution().f(n)"),
    "nested class": (
        "class Solution:\n    def f(self, n):\n        class A:\n"
        "            def g(self): return self.k\n            k = n + 1\n        return A().g()\n",
        None,
    ),
    "a name of its own": (
        "class Solution:\n    def f(self, n):\n        g = 1\n        return self.g(n)\n"
        "    def g(self, n): return n + 1\n",
        "return Solution().f(n)",
    ),
    "property": (
        "class Solution:\n    def f(self, n): return self.one + n\n"
        "    @property\n    def one(self): return 1\n",
        "return Solution().f(n)",
    ),
    "self handed on": (
        "class Solution:\n    def f(self, n): return g(self, n)\n\n"
        "def g(solution, n): return n + 1\n",
        "return Solution().f(n)",
    ),
    "the class by name": (
        "class Solution:\n    def f(self, n): return Solution.one + n\n    one = 1\n",
        "return Solution().f(n)",
    ),
    "tabs": ("class Solution:\n\tdef f(self, n):\n\t\treturn n + 1\n", None),
    "crlf": ("class Solution:\r\n  def f(self, n):\r\n    return n + 1\r\n", None),
    "unicode": (
        "class Solution:\n    def f(self, é, n=1):\n        return len('é' * (é + n))\n",
        None,
    ),
    "no other parameter": (
        "class Solution:\n    def g(self,): return 1\n    def f(self, n): return self.g() + n\n",
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_function_returns_what_the_method_did(name):
    text, caller = CASES[name]
    pieces = out_of_class(Module(text), "Solution", "f")
    assert caller is None or caller in pieces.body
    names: dict = {}
    exec(pieces.program(), names)
    assert names["f"](4) == 5


def test_a_name_that_would_change_its_meaning_is_refused():
    text = "class Solution:\n    def sum(self, a):\n        return sum(a)\n"
    with pytest.raises(Rejected) as error:
        out_of_class(Module(text), "Solution", "sum")
    assert error.value.reason == "name_clash"


def test_statements_that_share_a_line_are_parted():
    texts = [
        part.text
        for part in Module("import os; x = 1\n@d\ndef f(): return x\ny = 2 # c\n").statements
    ]
    assert texts == ["import os\n", "x = 1\n", "@d\ndef f(): return x\n", "y = 2 # c\n"]


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n"])
def test_a_module_without_statements_has_none(text):
    assert Module(text).statements == ()


def test_only_what_is_reached_stays():
    text = "import os\nA = 1\nB = A\nC = 2\ndef g(): return B\ndef f(): return g()\nprint(C)\n"
    kept = reachable(Module(text).statements, frozenset({"f"}))
    assert [part.text.split("\n")[0] for part in kept] == [
        "A = 1",
        "B = A",
        "def g(): return B",
        "def f(): return g()",
    ]


def test_a_docstring_is_no_part_of_the_body():
    (part,) = Module('def f(a):  # note\n  """Says."""\n  # then\n  return a\n').statements
    pieces = arranged([part], part)
    assert (pieces.header, pieces.docstring) == ("def f(a):  # note\n", "Says.")
    assert (pieces.body, pieces.indent) == ("  # then\n  return a\n", "  ")
    (part,) = Module('def f(a): "Says."\n').statements
    assert arranged([part], part).body == "    pass\n"
