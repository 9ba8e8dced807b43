"""A check with its tests marked, so that all of them are run and counted.

A *test* is a statement that binds no name and fails by raising: an `assert`, or a call of a
function with what the candidate answered (`assertion(candidate(1), 2)`). The statements after a
failed test run on, because no name depends on it. All else of the check stands as it was.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.sandbox import Checked

# `with __test__(number):` before each test, as the sandbox's `inside/marked_tests.py` counts it.
MARK = "with __test__({}): "
KEPT_CHECKS = 1000  # samples of one task need not follow one another
BINDING = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)  # or leaving the check meanwhile
NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class MarkedCheck:
    """The text of a check, and the texts of the tests that it marks; none if it cannot be split.

    `fixed` says that each of them is run exactly once, unless the check ends early.
    """

    text: str
    tests: tuple[str, ...] = ()
    fixed: bool = True


@dataclass(frozen=True)
class CountedTests:
    """How many tests a check has, how many of them passed, and the text of the first that failed.

    `tests` is None if the check ended before that was known. A check that cannot be split is one.
    """

    tests: int | None
    passed: int
    first_failed: str | None = None


def count_tests(check: MarkedCheck, checked: Checked) -> CountedTests:
    """The counts of a check that was run with its marks."""
    counts = checked.tests
    if not check.tests:
        return CountedTests(1, int(checked.passed))
    if counts is None:
        return CountedTests(len(check.tests) if check.fixed else None, 0)
    known = len(check.tests) if check.fixed else counts.begun if counts.whole else None
    first = counts.first_failed
    if first is None and counts.begun > counts.passed:  # it did not come back
        first = min(counts.begun, len(check.tests)) - 1 if check.fixed else None
    # A check may write its counts itself: no number is taken for that of a test unseen.
    text = None if first is None or first >= len(check.tests) else check.tests[first]
    return CountedTests(known, counts.passed, text)


@lru_cache(KEPT_CHECKS)
def mark_tests(text: str) -> MarkedCheck:
    """The check with marks where each of its assertions can be marked, else as it is.

    >>> print(mark_tests("def check(f):\\n    assert f(1) == 2\\n    assert f(2) == 3\\n").text)
    def check(f):
        with __test__(0): assert f(1) == 2
        with __test__(1): assert f(2) == 3
    <BLANKLINE>
    """
    text = text.replace("\r\n", "\n")
    try:
        tree = parse(text)
    except Rejected:
        return MarkedCheck(text)
    if "\r" in text:  # a line ends there for the parser
        return MarkedCheck(text)
    check = _check(tree)
    if check is None:
        return MarkedCheck(text)
    tests = list(_tests(check.body, check.args.args[0].arg))
    lines = text.split("\n")
    if not (_asserts(check) <= set(tests) and all(_stands_alone(each, lines) for each in tests)):
        return MarkedCheck(text)
    texts = tuple(ast.get_source_segment(text, each) or "" for each in tests)
    for number, each in enumerate(tests):
        line = lines[each.lineno - 1]
        indent = line[: each.col_offset]  # which is ASCII
        lines[each.lineno - 1] = indent + MARK.format(number) + line[each.col_offset :]
    fixed = all(each in check.body for each in tests)
    return MarkedCheck("\n".join(lines), texts, fixed)


def _check(tree: ast.Module) -> ast.FunctionDef | None:
    """The function `check` if it is a plain one, whose failures nothing else in the text sees."""
    used = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    found = [each for each in tree.body if getattr(each, "name", None) == "check"]
    match found:
        case [ast.FunctionDef(decorator_list=[]) as check] if "check" not in used:
            return check if check.args.args else None
    return None


def _tests(body: list[ast.stmt], candidate: str) -> Iterator[ast.stmt]:
    """The tests among statements, and in the bodies of loops and conditions."""
    for statement in body:
        match statement:
            case ast.For():
                yield from _tests(statement.body, candidate)
            case ast.If():
                yield from _tests([*statement.body, *statement.orelse], candidate)
            case ast.Assert() | ast.Expr(value=ast.Call(func=ast.Name())):
                if _is_test(statement, candidate):
                    yield statement


def _is_test(statement: ast.Assert | ast.Expr, candidate: str) -> bool:
    parts = list(ast.walk(statement))
    if any(isinstance(each, BINDING) for each in parts):
        return False
    if isinstance(statement, ast.Assert):
        return not isinstance(statement.test, ast.Constant)
    return any(isinstance(each, ast.Name) and each.id == candidate for each in parts)


def _asserts(check: ast.FunctionDef) -> set[ast.stmt]:
    """The assertions of a check, but for those of functions in it and those of a constant."""
    found, pending = set[ast.stmt](), list[ast.AST](check.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            found.add(node)
        if not isinstance(node, NESTED):
            pending += ast.iter_child_nodes(node)
    return found


def _stands_alone(statement: ast.stmt, lines: list[str]) -> bool:
    """Whether nothing but blanks and a comment stands on the lines of a statement beside it."""
    first = lines[statement.lineno - 1].encode()[: statement.col_offset]
    last = lines[(statement.end_lineno or 0) - 1].encode()[statement.end_col_offset :].strip()
    return not first.strip() and (not last or last.startswith(b"#"))
