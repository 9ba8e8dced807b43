"""The harness text that runs probes.

Where a probe only calls the candidate and records the result, it becomes plain test cases instead.
"""

import ast
from collections.abc import Sequence
from typing import Any

from transforms.lib.problems.checks import ValueTest
from transforms.lib.problems.probes.folding import fold
from transforms.lib.problems.probes.unittest_probes import CANDIDATE, SEEN, Probe
from transforms.lib.python.literals import literal_text
from transforms.lib.python.modules import joined
from transforms.lib.python.parsing import Rejected
from transforms.lib.python.scopes import names_in

# What the text of probes uses, by its name.
HARNESS_SUPPORT = {
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
    "_is_data": """def _is_data(value):
    import collections
    import datetime
    import decimal
    import fractions

    kind = type(value)
    if kind in (dict, collections.OrderedDict, collections.defaultdict, collections.Counter):
        return all(map(_is_data, value)) and all(map(_is_data, value.values()))
    if kind in (list, tuple, set, frozenset, collections.deque):
        return all(map(_is_data, value))
    return kind in (
        *(type(None), bool, int, float, complex, str, bytes, bytearray, range),
        *(datetime.date, datetime.time, datetime.datetime, datetime.timedelta),
        *(decimal.Decimal, fractions.Fraction),
    )
""",
    "_data": """def _data(value):
    if not _is_data(value):
        raise AssertionError(f"a {type(value).__name__} where a test computes with a value")
    return value
""",
    "_members": """def _members(values):
    return _data(values) if type(values) in (list, tuple, set, frozenset, dict) else values
""",
    "_same": """def _same(value, other):
    if _is_data(value) or _is_data(other):
        return _is_data(value) and _is_data(other) and value == other
    if isinstance(value, type):
        return value is other
    return (value == other) is True and not any(map(_equals_others, _objects([value, other])))
""",
    "_objects": """def _objects(value):
    if type(value) in (list, tuple, set, frozenset):
        return [each for item in value for each in _objects(item)]
    if type(value) is dict:
        return _objects(list(value.values()))
    return [] if _is_data(value) else [value]
""",
    "_equals_others": """def _equals_others(value):
    for other in (object(), *_unlike(value)):
        try:
            if value == other:
                return True
        except Exception:
            pass
    return False
""",
    "_unlike": """def _unlike(value):
    kind = type(value)
    bases = [vars(base) for base in kind.__mro__[:-1]]
    shared = {n for names in bases for n in names if n[:2] != "__" and _is_data(names[n])}
    slots = [n for names in bases for n in names.get("__slots__", ())]
    made = []
    for filled in (shared, [*shared, *slots, *getattr(value, "__dict__", ())]):
        try:
            made.append(object.__new__(kind))
            for name in filled:
                object.__setattr__(made[-1], name, object())
        except (AttributeError, TypeError):
            pass
    return made
""",
    "_sorted": """def _sorted(values):
    return sorted(map(repr, values))
""",
    "_date": """def _date(value, kind):
    return [kind.__name__, value.isoformat()] if type(value) is kind else value
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
# What of HARNESS_SUPPORT the others use.
SUPPORT_NEEDS = {
    "_Raised": ("_found",),
    "_members": ("_data",),
    "_data": ("_is_data",),
    "_same": ("_is_data", "_objects", "_equals_others", "_unlike"),
}
# How `check` calls the candidate: a test's argument is the name of a probe. Further tests, which
# have an empty name (DIRECT), call the candidate by itself with the arguments that follow.
CALL_PROBE = """def call(candidate, arguments):
    name, *given = arguments
    return _PROBES[name](candidate) if name else candidate(*given)
"""
TEST_CLASS = "_Test"  # holds the methods that help probes


def harness_text(
    probes: Sequence[Probe],
    before: Sequence[ast.stmt] = (),
    helpers: Sequence[ast.FunctionDef] = (),
) -> str:
    """The text of a harness that runs the probe which its argument names.

    `before` stands before the probes; `helpers` are methods of what is `self` in them.
    """
    definitions: list[ast.stmt] = [_function(probe) for probe in probes]
    if TEST_CLASS in names_in(*definitions):
        definitions.insert(0, ast.ClassDef(TEST_CLASS, [], [], [*helpers] or [ast.Pass()], []))
    texts = [
        ast.unparse(ast.fix_missing_locations(node)) + "\n" for node in (*before, *definitions)
    ]
    names = "".join(f'    "{probe.name}": {probe.name},\n' for probe in probes)
    table = f"_PROBES = {{\n{names}}}\n"
    return joined(*_support(before, definitions), *texts, table, CALL_PROBE)


def _support(*groups: Sequence[ast.stmt]) -> list[str]:
    """The texts of HARNESS_SUPPORT that statements use, and those that these use."""
    used = names_in(*(node for group in groups for node in group))
    for name in SUPPORT_NEEDS:  # each after those that need it
        used |= set(SUPPORT_NEEDS[name]) if name in used else set()
    return [text for name, text in HARNESS_SUPPORT.items() if name in used]


def _function(probe: Probe) -> ast.FunctionDef:
    """The definition of a probe: it takes the candidate and returns the list of what it saw."""
    body: list[ast.stmt] = [_assignment(SEEN, ast.List([], ast.Load()))]
    if "self" in names_in(*probe.statements):
        body.append(_assignment("self", ast.Call(ast.Name(TEST_CLASS, ast.Load()), [], [])))
    body += [*_used(probe.statements), ast.Return(ast.Name(SEEN, ast.Load()))]
    arguments = ast.arguments([], [ast.arg(CANDIDATE)], None, [], [], None, [])
    return ast.FunctionDef(probe.name, arguments, body, [])


def _assignment(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _used(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements without assignments that nothing reads: what is expected stays outside."""
    read = {
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    used = [statement for statement in statements if not _is_idle(statement, read)]
    return used if len(used) == len(statements) else _used(used)


def _is_idle(statement: ast.stmt, read: set[str]) -> bool:
    """Whether a statement assigns a name that is not read, and calls no function to do so."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in read:
            calls = (node.func for node in ast.walk(value) if isinstance(node, ast.Call))
            return all(
                isinstance(called, ast.Attribute) and isinstance(called.value, ast.Constant)
                for called in calls
            )
    return False


def probe_tests(probes: Sequence[Probe]) -> list[ValueTest]:
    """The tests of a harness: the argument names a probe, the result is all that it should see."""
    return [((probe.name,), probe.expected) for probe in probes]


def direct_tests(probe: Probe, parameters: Sequence[str]) -> list[ValueTest] | None:
    """The tests of a probe that only calls the candidate with literals and looks at the results.

    `parameters` are the candidate's. None if the probe does more than that.
    """
    known: dict[str, Any] = {}
    called: dict[str, tuple] = {}
    tests = list[tuple]()
    for statement in probe.statements:
        try:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    called.pop(name, None)
                    arguments = _arguments(value, known, parameters)
                    if arguments is not None:
                        called[name] = arguments
                    else:
                        known[name] = fold(value, known)
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[value])):
                    tests.append(_seen_call(value, known, called, parameters))
                case _:
                    return None
        except Rejected:
            return None
    return list(zip(tests, probe.expected, strict=True))


def _seen_call(
    value: ast.expr, known: dict[str, Any], called: dict[str, tuple], parameters: Sequence[str]
) -> tuple:
    """The arguments of the call whose result is looked at; Rejected if it is no result of one."""
    match value:
        case ast.Call(func=ast.Name(id="_copy"), args=[inner]):
            value = inner
    if isinstance(value, ast.Name) and value.id in called:
        return called[value.id]
    arguments = _arguments(value, known, parameters)
    if arguments is None:
        raise Rejected("not_literal", "a test that does more than to call")
    return arguments


def _arguments(value: ast.expr, known: dict[str, Any], parameters: Sequence[str]) -> tuple | None:
    """The arguments of a call of the candidate, in the order of its parameters; None if `value`
    is no such call, Rejected if an argument is not known."""
    match value:
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name == CANDIDATE:
            values = [fold(argument, known) for argument in args]
            named = {str(keyword.arg): fold(keyword.value, known) for keyword in keywords}
            rest = list(parameters[len(values) : len(values) + len(named)])
            if set(rest) != set(named):
                raise Rejected("not_literal", "keywords that leave a gap")
            arguments = (*values, *(named[name] for name in rest))
            literal_text(arguments)
            return arguments
    return None
