"""Harnesses: plain values become objects and come back; steps of a class; what is changed."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.contests.judged.call_harness import design_harness, function_harness
from transforms.contests.judged.node_types import BY_NAME, NODE_KINDS
from transforms.lib.python.modules import class_named, function_named
from transforms.lib.python.parsing import Rejected, parse


def called(program, harness, arguments, entry="f"):
    names: dict = {}
    exec("\n".join([*harness.definitions, program, harness.text or ""]), names)
    if harness.text is None:
        return names[entry](*arguments)
    return names["call"](names[entry], arguments)


def there_and_back(kind, value):
    names: dict = {}
    exec(kind.definition + kind.harness, names)
    return names[kind.to_plain](names[kind.to_object](value))


def level_order(tree):
    """A tree of (value, left, right) as LeetCode writes it, by its definition."""
    values, level = [], [tree]
    while level:
        node = level.pop(0)
        values.append(node and node[0])
        level += [node[1], node[2]] if node else []
    while values and values[-1] is None:
        values.pop()
    return values


trees = st.recursive(st.none(), lambda t: st.tuples(st.integers(), t, t), max_leaves=12)
ints = st.lists(st.integers())


@given(trees)
def test_trees_survive(tree):
    assert there_and_back(BY_NAME["TreeNode"], level_order(tree)) == level_order(tree)


@given(ints)
def test_lists_survive(values):
    assert there_and_back(BY_NAME["ListNode"], values) == values
    double = dict((kind.to_object, kind) for _, kind in NODE_KINDS)["_double_list"]
    assert there_and_back(double, values) == values


@given(st.recursive(st.integers(), st.lists))
def test_nested_integers_survive(value):
    assert there_and_back(BY_NAME["NestedInteger"], value) == value


@pytest.mark.parametrize(
    ("to_object", "value"),
    [
        ("_nary_tree", [1, None, 3, 2, 4, None, 5, 6]),
        ("_nary_tree", []),
        ("_nary_tree", [7]),
        ("_graph", [[2, 4], [1, 3], [2, 4], [1, 3]]),
        ("_graph", [[]]),
        ("_graph", []),
        ("_random_list", [[7, None], [13, 0], [11, 1]]),
        ("_random_list", []),
    ],
)
def test_nodes_survive(to_object, value):
    kind = dict((kind.to_object, kind) for _, kind in NODE_KINDS)[to_object]
    assert there_and_back(kind, value) == value


def harness_of(program, tests, **options):
    return function_harness(function_named(parse(program), "f"), program, tests, **options)


def test_plain_functions_need_none():
    program = (
        "def f(a: List[int], b: 'str', c: int | None = None) -> Dict[str, int]: return {b: a[0]}"
    )
    harness = harness_of(program, [(([1], "x", 2), {"x": 1})])
    assert (harness.text, harness.definitions) == (None, ())


def test_trees_and_lists_of_lists():
    program = """
def f(root: Optional[TreeNode], lists: List[ListNode]) -> 'ListNode':
    return ListNode(root.left.val, lists[1])
"""
    harness = harness_of(program, [(([1, 2], [[3], [4, 5]]), [2, 4, 5])])
    program = "from typing import *\n" + program
    assert called(program, harness, ([1, 2], [[3], [4, 5]])) == [2, 4, 5]
    assert len(harness.definitions) == 2


def test_a_node_by_its_value():
    program = "def f(root: TreeNode, p: TreeNode) -> TreeNode: return p if p is root.left else None"
    harness = harness_of(program, [(([1, 2], 2), 2), (([1, 2], 1), None)])
    assert called(program, harness, ([1, 2], 2)) == 2
    assert called(program, harness, ([1, 2], 1)) is None


def test_in_place_and_a_part_of_it():
    program = "def f(nums: list) -> None:\n    nums.sort()\n    return len(nums) - 1"
    harness = harness_of(program, [(([2, 1],), [1, 2])], answer="nums")
    assert called(program, harness, ([3, 1, 2],)) == [1, 2, 3]
    harness = harness_of(program, [(([2, 1],), [1])], answer="nums[:_result]")
    assert called(program, harness, ([3, 1, 2],)) == [1, 2]


def test_tuples_inside_of_json_are_lists():
    program = "def f(n: int) -> List[List[int]]: return [(n, n)]"
    assert called(
        "from typing import *\n" + program, harness_of(program, [((1,), [[1, 1]])]), (2,)
    ) == [[2, 2]]


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("def f(robot: 'Robot'): pass", "helper_type"),
        ("def f(node: Node): pass", "helper_type"),
        ("def f(pair: Tuple[TreeNode, int]): pass", "helper_type"),
        ("def f(candidate: ListNode): pass", "name_clash"),
        ("def f(x: 'List['): pass", "signature"),
        ("def f(*a): pass", "signature"),
    ],
)
def test_what_has_no_harness(program, reason):
    with pytest.raises(Rejected) as error:
        harness_of(program, [((1,), 1)])
    assert error.value.reason == reason


def test_steps_of_a_class_are_seen_as_they_were():
    program = """
class Log:
    def __init__(self, root: Optional[TreeNode]): self.items, self.root = [root.val], root
    def add(self, x): self.items.append(x); return self.items
    def tree(self) -> TreeNode: return self.root
"""
    node = class_named(parse(program), "Log")
    harness = design_harness(node, program)
    program = "from typing import Optional\n" + program
    steps = [("Log", ([1, 2],)), ("add", (3,)), ("add", (4,)), ("tree", ())]
    assert called(program, harness, (steps,), "Log") == [None, [1, 3], [1, 3, 4], [1, 2]]
    assert isinstance(ast.parse(harness.text), ast.Module)
