"""Probes as a harness: their text, and plain tests where they do nothing but call and look."""

import ast
from collections.abc import Sequence
from typing import Any

from transforms.lib.problems.probes.folding import fold
from transforms.lib.problems.probes.unittests import CANDIDATE, SEEN, Probe
from transforms.lib.python.literals import Unparsable, literal_text
from transforms.lib.python.modules import joined
from transforms.lib.python.scopes import names_in

SUPPORT = {
    "_Raised": """class _Raised:
    def __init__(self, kinds, pattern=""):
        self.kinds, self.pattern = kinds, pattern

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            raise AssertionError("nothing was raised")
        self.exception = error
        return issubclass(kind, self.kinds) and _found(self.pattern, str(error))
""",
    "_found": """def _found(pattern, text):
    import re

    return re.search(pattern, text) is not None
""",
    "_must": """def _must(condition):
    if not condition:
        raise AssertionError
""",
    "_sorted": """def _sorted(values):
    return sorted(map(repr, values))
""",
    "_copy": """def _copy(value):
    from copy import deepcopy

    return deepcopy(value)
""",
    "_shown": """def _shown(code, names):
    import contextlib
    import io

    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(code, "example", "single"), names)
    except Exception as error:
        return "".join([type(error).__name__, ": " if str(error) else "", str(error)])
    text = output.getvalue()
    return text if text.endswith("\\n") or not text else text + "\\n"
""",
}
CALL = """def call(candidate, arguments):
    return _PROBES[arguments[0]](candidate)
"""
Test = tuple[tuple, Any]


def harness_text(
    probes: Sequence[Probe], before: Sequence[str] = (), helpers: Sequence[ast.FunctionDef] = ()
) -> str:
    """A harness that works the probe that is named in its argument; `before` stands before it,
    `helpers` are methods of what is `self` in the probes."""
    functions = [_function(probe) for probe in probes]
    if any("_Test()" in text for text in functions):
        functions.insert(0, _test_class(helpers))
    names = "".join(f'    "{probe.name}": {probe.name},\n' for probe in probes)
    return joined(
        *_support(before, functions), *before, *functions, f"_PROBES = {{\n{names}}}\n", CALL
    )


def _test_class(helpers: Sequence[ast.FunctionDef]) -> str:
    body: list[ast.stmt] = [*helpers] or [ast.Pass()]
    node = ast.ClassDef("_Test", [], [], body, [])
    return ast.unparse(ast.fix_missing_locations(node)) + "\n"


def _support(*groups: Sequence[str]) -> list[str]:
    """What the texts use of the support, and what that uses."""
    used = names_in(*(ast.parse(text) for group in groups for text in group))
    if "_Raised" in used:
        used.add("_found")
    return [text for name, text in SUPPORT.items() if name in used]


def _function(probe: Probe) -> str:
    text = f"def {probe.name}({CANDIDATE}):\n    {SEEN} = []\n    return {SEEN}"
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    own = ast.parse("self = _Test()").body if "self" in names_in(*probe.statements) else []
    function.body[1:1] = [*own, *_used(probe.statements)]
    return ast.unparse(ast.fix_missing_locations(function)) + "\n"


def _used(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements without names that nothing reads any more: what was expected stays outside."""
    read = {
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    used = [statement for statement in statements if not _is_idle(statement, read)]
    return used if len(used) == len(statements) else _used(used)


def _is_idle(statement: ast.stmt, read: set[str]) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in read:
            calls = (node.func for node in ast.walk(value) if isinstance(node, ast.Call))
            return all(
                isinstance(called, ast.Attribute) and isinstance(called.value, ast.Constant)
                for called in calls
            )
    return False


def probe_tests(probes: Sequence[Probe]) -> list[Test]:
    """The tests of a harness: the name of a probe, and all that it should see."""
    return [((probe.name,), probe.expected) for probe in probes]


def direct_tests(probe: Probe, parameters: Sequence[str]) -> list[Test] | None:
    """The tests of a probe that only calls the candidate with literals and looks at the result."""
    known: dict[str, Any] = {}
    called: dict[str, tuple] = {}
    tests = list[tuple]()
    for statement in probe.statements:
        try:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    called.pop(name, None)
                    if (found := _arguments(value, known, parameters)) is not None:
                        called[name] = found
                    else:
                        known[name] = fold(value, known)
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[value])):
                    tests.append(_looked_at(value, known, called, parameters))
                case _:
                    return None
        except Unparsable:
            return None
    return list(zip(tests, probe.expected, strict=True))


def _looked_at(
    value: ast.expr, known: dict[str, Any], called: dict[str, tuple], parameters: Sequence[str]
) -> tuple:
    match value:
        case ast.Call(func=ast.Name(id="_copy"), args=[inner]):
            value = inner
    if isinstance(value, ast.Name) and value.id in called:
        return called[value.id]
    found = _arguments(value, known, parameters)
    if found is None:
        raise Unparsable("not_literal", "a test that does more than to call")
    return found


def _arguments(value: ast.expr, known: dict[str, Any], parameters: Sequence[str]) -> tuple | None:
    """The arguments of a call of the candidate, in the order of its parameters; None for what is
    no such call."""
    match value:
        case ast.Call(func=ast.Name(id=name), args=given, keywords=keywords) if name == CANDIDATE:
            values = [fold(argument, known) for argument in given]
            named = {str(keyword.arg): fold(keyword.value, known) for keyword in keywords}
            rest = list(parameters[len(values) : len(values) + len(named)])
            if set(rest) != set(named):
                raise Unparsable("not_literal", "keywords that leave a gap")
            arguments = (*values, *(named[name] for name in rest))
            literal_text(arguments)
            return arguments
    return None
