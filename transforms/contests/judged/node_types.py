"""Types that statements take for granted (linked lists, trees, …), and their plain values."""

import re
from dataclasses import dataclass

# `class Node` differs from problem to problem: the definition in a solution's comments says how.
NODE_FIELDS = re.compile(r"\bclass Node\b[^\n]*\n[^\n]*__init__\(\s*self\s*,([^()\n]{1,300})")
FIELD = re.compile(r"(?:^|,)\s*(\w+)")


@dataclass(frozen=True)
class NodeType:
    """A class that a solution uses without defining it.

    name: as annotations write it; definition: its text; to_object, to_plain: names of the
    functions, defined by the text `harness`, that make an object of a plain value, and a plain
    value of an object.
    """

    name: str
    definition: str
    to_object: str
    to_plain: str
    harness: str


LIST_NODE = NodeType(
    "ListNode",
    """class ListNode:
    def __init__(self, val=0, next=None):
        self.val = val
        self.next = next
""",
    "_list_node",
    "_list_values",
    """def _list_node(values):
    head = None
    for value in reversed(values):
        head = ListNode(value, head)
    return head


def _list_values(node):
    values = []
    while node is not None:
        values.append(node.val)
        node = node.next
    return values
""",
)
TREE_NODE = NodeType(
    "TreeNode",
    """class TreeNode:
    def __init__(self, val=0, left=None, right=None):
        self.val = val
        self.left = left
        self.right = right
""",
    "_tree",
    "_tree_values",
    """def _tree(values):
    nodes = [None if value is None else TreeNode(value) for value in values]
    children = iter(nodes)
    root = next(children, None)
    for node in nodes:
        if node is not None:
            node.left = next(children, None)
            node.right = next(children, None)
    return root


def _tree_values(root):
    values, nodes = [], [root]
    for node in nodes:
        values.append(None if node is None else node.val)
        if node is not None:
            nodes += [node.left, node.right]
    while values and values[-1] is None:
        values.pop()
    return values


def _tree_node(root, value):
    nodes = [root]
    for node in nodes:
        if node is not None:
            if node.val == value:
                return node
            nodes += [node.left, node.right]
    return None
""",
)
NARY_NODE = NodeType(
    "Node",
    """class Node:
    def __init__(self, val=None, children=None):
        self.val = val
        self.children = [] if children is None else children
""",
    "_nary_tree",
    "_nary_tree_values",
    """def _nary_tree(values):
    if not values:
        return None
    root = Node(values[0])
    parents = [root]
    at = 0
    for value in values[2:]:
        if value is None:
            at += 1
        else:
            parents.append(Node(value))
            parents[at].children.append(parents[-1])
    return root


def _nary_tree_values(root):
    if root is None:
        return []
    values, nodes = [root.val, None], [root]
    for node in nodes:
        children = node.children or []
        nodes += children
        values += [*(child.val for child in children), None]
    while values and values[-1] is None:
        values.pop()
    return values
""",
)
GRAPH_NODE = NodeType(
    "Node",
    """class Node:
    def __init__(self, val=0, neighbors=None):
        self.val = val
        self.neighbors = [] if neighbors is None else neighbors
""",
    "_graph",
    "_graph_lists",
    """def _graph(lists):
    nodes = [Node(value + 1) for value in range(len(lists))]
    for node, neighbors in zip(nodes, lists):
        node.neighbors = [nodes[value - 1] for value in neighbors]
    return nodes[0] if nodes else None


def _graph_lists(node):
    found, nodes = {}, [node] if node else []
    for node in nodes:
        if node.val not in found:
            found[node.val] = [neighbor.val for neighbor in node.neighbors]
            nodes += node.neighbors
    return [found[value] for value in sorted(found)]
""",
)
RANDOM_NODE = NodeType(
    "Node",
    """class Node:
    def __init__(self, x, next=None, random=None):
        self.val = x
        self.next = next
        self.random = random
""",
    "_random_list",
    "_random_list_values",
    """def _random_list(pairs):
    nodes = [Node(value) for value, _ in pairs]
    for at, (_, other) in enumerate(pairs):
        nodes[at].next = nodes[at + 1] if at + 1 < len(nodes) else None
        nodes[at].random = None if other is None else nodes[other]
    return nodes[0] if nodes else None


def _random_list_values(node):
    nodes = []
    while node is not None:
        nodes.append(node)
        node = node.next
    places = {id(node): at for at, node in enumerate(nodes)}
    return [[node.val, places.get(id(node.random))] for node in nodes]
""",
)
DOUBLE_NODE = NodeType(
    "Node",
    """class Node:
    def __init__(self, val, prev=None, next=None):
        self.val = val
        self.prev = prev
        self.next = next
""",
    "_double_list",
    "_double_list_values",
    """def _double_list(values):
    nodes = [Node(value) for value in values]
    for before, after in zip(nodes, nodes[1:]):
        before.next, after.prev = after, before
    return nodes[0] if nodes else None


def _double_list_values(node):
    values = []
    while node is not None:
        values.append(node.val)
        node = node.next
    return values
""",
)
NESTED_INTEGER = NodeType(
    "NestedInteger",
    """class NestedInteger:
    def __init__(self, value=None):
        self._value = [] if value is None else value

    def isInteger(self):
        return isinstance(self._value, int)

    def add(self, elem):
        if self.isInteger():
            self._value = [NestedInteger(self._value)]
        self._value.append(elem)

    def setInteger(self, value):
        self._value = value

    def getInteger(self):
        return self._value if self.isInteger() else None

    def getList(self):
        return None if self.isInteger() else self._value
""",
    "_nested_integer",
    "_nested_values",
    """def _nested_integer(value):
    if isinstance(value, int):
        return NestedInteger(value)
    nested = NestedInteger()
    for item in value:
        nested.add(_nested_integer(item))
    return nested


def _nested_values(nested):
    if nested.isInteger():
        return nested.getInteger()
    return [_nested_values(item) for item in nested.getList()]
""",
)
INTERVAL = NodeType(
    "Interval",
    """class Interval:
    def __init__(self, start=None, end=None):
        self.start = start
        self.end = end
""",
    "_interval",
    "_interval_values",
    """def _interval(values):
    return Interval(*values)


def _interval_values(interval):
    return [interval.start, interval.end]
""",
)
EMPLOYEE = NodeType(
    "Employee",
    """class Employee:
    def __init__(self, id, importance, subordinates):
        self.id = id
        self.importance = importance
        self.subordinates = subordinates
""",
    "_employee",
    "_employee_values",
    """def _employee(values):
    return Employee(*values)


def _employee_values(employee):
    return [employee.id, employee.importance, employee.subordinates]
""",
)
NESTED_LISTS = NodeType(
    "list",
    "",
    "",
    "_lists",
    """def _lists(value):
    return [_lists(item) for item in value] if isinstance(value, (list, tuple)) else value
""",
)
BY_NAME = {t.name: t for t in (LIST_NODE, TREE_NODE, NESTED_INTEGER, INTERVAL, EMPLOYEE)}
# Kinds of `class Node` by the parameters of its `__init__`.
NODE_KINDS = (
    ({"val", "children"}, NARY_NODE),
    ({"val", "neighbors"}, GRAPH_NODE),
    ({"x", "next", "random"}, RANDOM_NODE),
    ({"val", "prev", "next"}, DOUBLE_NODE),
)


def node_type(name: str, source: str) -> NodeType | None:
    """The type that an annotation `name` means in a solution's source, or None.

    >>> node_type("ListNode", "").definition.splitlines()[0]
    'class ListNode:'
    """
    if name != "Node":
        return BY_NAME.get(name)
    match = NODE_FIELDS.search(source)
    fields = set(FIELD.findall(match[1])) if match else set()
    return next((kind for known, kind in NODE_KINDS if known == fields), None)
