"""How a test method of unittest becomes a probe: a function that runs beside the candidate.

A probe returns the list of what it saw; what it should have seen stays outside, as values.
`self.assertEqual(f(2), 3)` becomes `_seen.append(candidate(2))`, with 3 expected. Where the
expected value is not known before the test runs, the probe makes the comparison, and sees what is
compared with (`== Point(1, 2)`) if it holds.
"""

import ast
import copy
import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from transforms.lib.problems.probes.folding import FUNCTIONS, METHODS, fold
from transforms.lib.problems.probes.guarded_conditions import Guarded, stated
from transforms.lib.python.literals import literal_text
from transforms.lib.python.parsing import Rejected, parse_expression
from transforms.lib.python.scopes import names_in

# A test must not use the name `candidate` itself.
CANDIDATE, SEEN = "candidate", "_seen"  # names in a probe's code
MAX_TURNS = 1000  # iterations of all unrolled loops of one test
# Assertions of unittest by what they become: a value that is seen, or a condition that holds.
ASSERT_EQUAL = {
    "assertEqual",
    "assertIs",
    "assertMultiLineEqual",
    "assertDictEqual",
    "assertListEqual",
    "assertSetEqual",
    "assertTupleEqual",
    "assertSequenceEqual",
    "assertAlmostEqual",
    "assertCountEqual",
}
ASSERT_TRUTH = {"assertTrue": True, "assertFalse": False}
ASSERT_RELATION = {
    "assertNotEqual": "({}) != ({})",
    "assertIn": "({}) in ({})",
    "assertNotIn": "({}) not in ({})",
    "assertIsNot": "({}) is not ({})",
    "assertIsNotNone": "({}) is not ({})",
    "assertIsInstance": "isinstance({}, {})",
    "assertGreater": "({}) > ({})",
    "assertLess": "({}) < ({})",
    "assertGreaterEqual": "({}) >= ({})",
    "assertLessEqual": "({}) <= ({})",
    "assertRegex": "_found({1}, {0})",
}
BUILT_IN_TYPES = {"bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"}
BUILT_IN_INSTANCE = "issubclass(type({}), {})"  # an object may lie about its own `__class__`
ASSERT_RAISES = {"assertRaises", "assertRaisesRegex"}
ASSERTIONS = {*ASSERT_EQUAL, *ASSERT_TRUTH, *ASSERT_RELATION, *ASSERT_RAISES, "assertIsNone"}
ALMOST_EQUAL_PLACES = 7  # decimal places, unittest's default
# Types without literals, whose values a probe sees as a text.
DATES: dict[str, Any] = {
    "date": datetime.date,
    "datetime": datetime.datetime,
    "time": datetime.time,
}


# Functions that change nothing of what they are given.
PURE = {*FUNCTIONS, *DATES, "OrderedDict", "Counter", "isinstance", "type", "str", "repr", "sum"}


@dataclass(frozen=True)
class NameMeanings:
    """What names in a test module mean.

    entry: the entry point that is probed, None where there is no candidate; modules: names for
    the solution's module; helpers: methods that are no tests; asserting: those of them that make
    assertions; aliases: original names by the `as` names they are imported under.
    """

    entry: str | None
    modules: frozenset[str] = frozenset()
    helpers: frozenset[str] = frozenset()
    asserting: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Probe:
    """The statements of a probe, what they should see, and the error that floats may have (None
    where there is none)."""

    name: str
    statements: list[ast.stmt] = field(default_factory=list)
    expected: list[Any] = field(default_factory=list)
    tolerance: float | None = None


class Renamed(ast.NodeTransformer):
    """Rewrites names of a test to those of a probe: the entry point to the candidate.

    Raises Rejected (`assertion`) for an assertion that is not a statement of its own.
    """

    def __init__(self, meanings: NameMeanings) -> None:
        self._meanings = meanings

    def visit_Name(self, node: ast.Name) -> ast.expr:
        name = self._meanings.aliases.get(node.id, node.id)
        return ast.Name(CANDIDATE if name == self._meanings.entry else name, node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in self._meanings.modules:
            return self.visit_Name(ast.Name(node.attr, node.ctx))
        if node.attr in self._meanings.helpers and _is_self(node.value):
            return node
        if node.attr in ASSERT_RAISES and _is_self(node.value):
            return ast.Name("_Raised", node.ctx)
        if _is_self(node.value) and node.attr.startswith(("assert", "fail", "skip")):
            raise Rejected("assertion", node.attr)
        self.generic_visit(node)
        return node


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def probe_of(
    method: ast.FunctionDef,
    before: Iterable[ast.stmt],
    meanings: NameMeanings,
    known: Mapping[str, Any],
) -> Probe:
    """The probe of a test method; `before` is what setUp does, `known` are constants of the module.

    Raises Rejected if the method does what no probe can.
    """
    if len(method.args.args) > 1:  # a decorator patches what the test sees
        raise Rejected("mocked", method.name)
    body = copy.deepcopy([*before, *method.body])
    if CANDIDATE in names_in(*body) and meanings.entry != CANDIDATE:
        raise Rejected("name_clash", CANDIDATE)
    rewriting = _Rewriting(meanings, dict(known), Probe(method.name))
    rewriting.probe.statements = rewriting.block(body, straight=True)
    _drop_unread(rewriting.probe.statements, rewriting.messages)
    return rewriting.probe


def helper_of(method: ast.FunctionDef, meanings: NameMeanings) -> ast.FunctionDef:
    """A method that helps probes: its assertions raise, and it has no candidate."""
    function = copy.deepcopy(method)
    rewriting = _Rewriting(replace(meanings, entry=None), {}, Probe(method.name))
    function.body = rewriting.block(function.body, straight=False)
    return function


def append_seen(value: ast.expr) -> ast.stmt:
    """The statement of a probe that sees a value."""
    append = ast.Attribute(ast.Name(SEEN, ast.Load()), "append", ast.Load())
    return ast.Expr(ast.Call(append, [value], []))


@dataclass
class _Rewriting:
    """The rewriting of one method.

    known: values of names that are known at this point; messages: names that only messages use;
    turns: of loops that were unrolled so far.
    """

    meanings: NameMeanings
    known: dict[str, Any]
    probe: Probe
    messages: set[str] = field(default_factory=set)
    turns: int = 0

    def block(self, statements: Sequence[ast.stmt], *, straight: bool) -> list[ast.stmt]:
        """The statements as a probe has them; `straight` if each is executed once and in order."""
        return [made for statement in statements for made in self._statement(statement, straight)]

    def _statement(self, node: ast.stmt, straight: bool) -> list[ast.stmt]:
        if not hasattr(node, "body"):  # the statements of a block are looked at one by one
            self._forget(node)
        match node:
            case ast.Expr(value=ast.Constant()):
                return []
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)) as call
            ) if name not in self.meanings.helpers:
                return self._assertion(name, call, straight)
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr="maxDiff")]):
                return []
            case ast.Assign(targets=[ast.Name() | ast.Tuple() as target], value=value):
                self._learn(target, value, straight)
            case ast.With():
                return self._with(node, straight)
            case ast.For() if straight and (turns := self._turns(node)) is not None:
                return [made for turn in turns for made in self._turn(node, turn)]
        if straight and (words := self._assertions_in(node)):
            return [self._inner(node), *self._seen(ast.Constant(words), words)]
        return [self._inner(node)]

    def _assertions_in(self, node: ast.stmt) -> str | None:
        """What names a statement that makes assertions inside, which the probe sees once it is
        through; None for others."""
        inside = {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            named = ast.unparse(node.value.func).removeprefix("self.")
            return named if named in self.meanings.asserting else None
        if inside & (ASSERTIONS | self.meanings.asserting):
            return ast.unparse(node).partition("\n")[0].rstrip(":")
        return None

    def _learn(self, target: ast.expr, value: ast.expr, straight: bool) -> None:
        """Note the values that an assignment gives to names, or that they are no longer known."""
        for name in names_in(target):
            self.known.pop(name, None)
        if straight:
            try:
                self.known |= dict(_bound(target, fold(value, self.known)))
            except (Rejected, TypeError):
                return

    def _forget(self, node: ast.stmt) -> None:
        """Forget the values that a statement may change: lists and the like that it passes to a
        function, or calls a method of."""
        for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
            for name in _may_change(call):
                if _is_mutable(self.known.get(name)):
                    del self.known[name]

    def _inner(self, node: ast.stmt) -> ast.stmt:
        """A statement with all that is inside it, which may be executed often or never."""
        for name in ("body", "orelse", "finalbody"):
            if inner := getattr(node, name, None):
                setattr(node, name, self.block(inner, straight=False) or [ast.Pass()])
        for handler in getattr(node, "handlers", []):
            handler.body = self.block(handler.body, straight=False) or [ast.Pass()]
        if not isinstance(node, ast.Assign):
            for name in names_in(node):
                self.known.pop(name, None) if _binds(node, name) else None
        renamed: ast.stmt = Renamed(self.meanings).visit(Guarded().visit(node))
        return renamed

    def _turns(self, node: ast.For) -> list[Any] | None:
        """The items that a loop goes over; None if they are not known or too many, or if something
        leaves the loop early."""
        leaves = (ast.Break, ast.Continue, ast.Return)
        if node.orelse or any(isinstance(inner, leaves) for inner in ast.walk(node)):
            return None
        try:
            turns = list(fold(node.iter, self.known))
        except (Rejected, TypeError):
            return None
        self.turns += len(turns)
        return turns if self.turns <= MAX_TURNS else None

    def _turn(self, node: ast.For, value: Any) -> list[ast.stmt]:
        """One turn of a loop: its target is assigned, then its body follows."""
        made = [
            ast.Assign([ast.Name(name, ast.Store())], parse_expression(literal_text(item)))
            for name, item in _bound(node.target, value)
        ]
        self.known |= dict(_bound(node.target, value))
        return [*made, *self.block(copy.deepcopy(node.body), straight=True)]

    def _with(self, node: ast.With, straight: bool) -> list[ast.stmt]:
        call = node.items[0].context_expr
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr="subTest")):
                return self.block(node.body, straight=straight)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)) if (
                name in ASSERT_RAISES or name in self.meanings.helpers
            ):
                return self._raising(node, call, straight)
        node.items = [Renamed(self.meanings).visit(item) for item in node.items]
        node.body = self.block(node.body, straight=straight) or [ast.Pass()]
        return [node]

    def _raising(self, node: ast.With, call: ast.Call, straight: bool) -> list[ast.stmt]:
        """A `with self.assertRaises(...)`, after which the probe sees the name of the error."""
        kind = ast.unparse(call.args[0]) if call.args else ""
        node.items = [Renamed(self.meanings).visit(item) for item in node.items]
        node.body = self.block(node.body, straight=False) or [ast.Pass()]
        return [node, *self._seen(ast.Constant(kind), kind)] if straight and kind else [node]

    def _assertion(self, name: str, call: ast.Call, straight: bool) -> list[ast.stmt]:
        self._message(call)
        arguments = list(call.args)
        if name in ASSERT_RAISES and len(arguments) > 1:
            return self._called_to_raise(call, straight)
        if name == "assertIsNone":
            name, arguments = "assertIs", [*arguments[:1], ast.Constant(None)]
        if name == "assertIsNotNone":
            name, arguments = "assertIsNot", [*arguments[:1], ast.Constant(None)]
        if name in ASSERT_TRUTH and arguments:
            return self._is_true(arguments[0], ASSERT_TRUTH[name], straight)
        if name in ASSERT_RELATION and len(arguments) > 1:
            shape = ASSERT_RELATION[name]
            if name == "assertIsInstance" and ast.unparse(arguments[1]) in BUILT_IN_TYPES:
                shape = BUILT_IN_INSTANCE
            return self._holds(shape, arguments[:2], straight)
        if name in ASSERT_EQUAL and len(arguments) > 1:
            return self._equal(name, arguments[0], arguments[1], call, straight)
        raise Rejected("assertion", name)

    def _message(self, call: ast.Call) -> None:
        """Note the names of messages, which say what is expected and must not enter a probe."""
        parts = [k.value for k in call.keywords if k.arg == "msg"] + call.args[2:3]
        self.messages |= names_in(*parts)

    def _called_to_raise(self, call: ast.Call, straight: bool) -> list[ast.stmt]:
        """`self.assertRaises(Error, f, 1)` is a `with` around `f(1)`."""
        raised = ast.Call(call.func, call.args[:1], [])
        inner = ast.Expr(ast.Call(call.args[1], call.args[2:], call.keywords))
        return self._raising(ast.With([ast.withitem(raised)], [inner]), raised, straight)

    def _equal(
        self, name: str, first: ast.expr, second: ast.expr, call: ast.Call, straight: bool
    ) -> list[ast.stmt]:
        """An assertion that two values are equal: the one that is not known is seen."""
        if not straight:
            return self._holds("({}) == ({})", [first, second], straight)
        for actual, other in ((first, second), (second, first)):
            try:
                expected = fold(other, self.known)
                literal_text(expected)
            except Rejected:
                continue
            if name == "assertAlmostEqual":
                self._allow(call, expected)
            if name == "assertCountEqual":
                expected = sorted(map(repr, expected))
                actual = ast.Call(ast.Name("_sorted", ast.Load()), [actual], [])
            return self._seen(actual, expected)
        if name in ("assertAlmostEqual", "assertCountEqual"):
            raise Rejected("assertion", name)
        for actual, other in ((first, second), (second, first)):
            if shown := self._without_literal(actual, other):
                return self._seen(*shown)
        return self._holds("({}) == ({})", [first, second], straight)

    def _without_literal(self, actual: ast.expr, other: ast.expr) -> tuple[ast.expr, Any] | None:
        """What the probe sees, and should see, where a known value has no literal; None for other
        values: dates as their texts, the items of an OrderedDict in their order."""
        try:
            match actual, other:
                case _, ast.Call(func=kind, args=[_, *_] as given, keywords=[]) if (
                    name := ast.unparse(kind).rpartition(".")[2]
                ) in DATES:
                    value = DATES[name](*(fold(each, self.known) for each in given))
                    dated = ast.Call(ast.Name("_date", ast.Load()), [actual, kind], [])
                    return dated, [name, value.isoformat()]
                case (
                    ast.Call(func=ast.Name(id="OrderedDict"), args=[_]),
                    ast.Call(func=ast.Name(id="OrderedDict"), args=[given]),
                ):
                    seen = parse_expression(f"list({ast.unparse(actual)}.items())")
                    return seen, list(dict(fold(given, self.known)).items())
        except (Rejected, TypeError, ValueError):
            return None
        return None

    def _allow(self, call: ast.Call, expected: Any) -> None:
        """Note the absolute error that an assertion allows, if it is the largest of the probe."""
        options = {k.arg: fold(k.value, self.known) for k in call.keywords if k.arg != "msg"}
        places = options.get("places", ALMOST_EQUAL_PLACES)
        error = options.get("delta") or 0.5 * 10.0 ** -int(places)
        self.probe.tolerance = max(self.probe.tolerance or 0.0, float(error))

    def _is_true(self, value: ast.expr, expected: bool, straight: bool) -> list[ast.stmt]:
        """An assertion of truth: a comparison must hold or not; of another value the truth is
        seen."""
        shape = "{}" if expected else "not ({})"
        if not straight or stated(value):
            return self._holds(shape, [value], straight)
        return self._seen(ast.Call(ast.Name("bool", ast.Load()), [value], []), expected)

    def _holds(self, shape: str, parts: list[ast.expr], straight: bool) -> list[ast.stmt]:
        """A condition: in straight code the probe sees what it asks for if it holds, or else
        False; elsewhere it raises if it does not hold."""
        condition = parse_expression(shape.format(*map(ast.unparse, parts)))
        if straight:
            words = stated(condition) or f"{shape.partition('(')[0]} {ast.unparse(parts[-1])}"
            seen = ast.IfExp(condition, ast.Constant(words), ast.Constant(False))
            return self._seen(seen, words)
        must = ast.Call(ast.Name("_must", ast.Load()), [condition], [])
        return [self._inner(ast.Expr(must))]

    def _seen(self, actual: ast.expr, expected: Any) -> list[ast.stmt]:
        self.probe.expected.append(expected)
        if isinstance(actual, ast.Name | ast.Attribute | ast.Subscript):  # it may change later
            actual = ast.Call(ast.Name("_copy", ast.Load()), [actual], [])
        return [self._inner(append_seen(actual))]


def _may_change(call: ast.Call) -> list[str]:
    """The names whose values a call may change; an assertion, and what is folded, changes none."""
    function = call.func
    if isinstance(function, ast.Name) and function.id in PURE:
        return []
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if isinstance(function, ast.Attribute):
        asserts = _is_self(function.value) and function.attr.startswith("assert")
        given = [] if asserts or function.attr in METHODS else [function.value, *given]
    return [each.id for each in given if isinstance(each, ast.Name)]


def _is_mutable(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_is_mutable, value))
    return isinstance(value, list | dict | set)


def _binds(node: ast.stmt, name: str) -> bool:
    return any(
        isinstance(inner, ast.Name) and inner.id == name and not isinstance(inner.ctx, ast.Load)
        for inner in ast.walk(node)
    )


def _bound(target: ast.expr, value: Any) -> list[tuple[str, Any]]:
    """The names of a loop's target, with their values where the loop comes to `value`."""
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple) and len(target.elts) == len(value):
        pairs = zip(target.elts, value, strict=True)
        return [bound for part, item in pairs for bound in _bound(part, item)]
    raise Rejected("loop", ast.unparse(target)[:100])


def _drop_unread(statements: list[ast.stmt], messages: set[str]) -> None:
    """Remove assignments that nothing reads: messages, and what was only expected."""
    while True:
        read = {
            inner.id
            for statement in statements
            for inner in ast.walk(statement)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
        }
        unread = [
            s
            for s in statements
            if isinstance(s, ast.Assign)
            and isinstance(s.targets[0], ast.Name)
            and s.targets[0].id not in read
            and (s.targets[0].id in messages or not _calls(s.value))
        ]
        if not unread:
            return
        statements[:] = [statement for statement in statements if statement not in unread]


def _calls(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Call) for inner in ast.walk(node))
