"""Examples of docstrings as tests: `>>> f(1)` with a literal below it, or what is shown."""

import ast
import copy
import doctest
import re
from collections.abc import Sequence
from typing import Any

from transforms.lib.problems.probes.probe_harness import (
    Test,
    direct_tests,
    harness_text,
    probe_tests,
)
from transforms.lib.problems.probes.unittests import CANDIDATE, SEEN, Names, Probe, Renamed
from transforms.lib.python.literals import Unparsable, literal, parse
from transforms.lib.python.scopes import names_in

MAX_EXAMPLES = 100
BLANK = re.compile(r"^<BLANKLINE>$", re.MULTILINE)
LOOSE = (doctest.ELLIPSIS, doctest.NORMALIZE_WHITESPACE, doctest.IGNORE_EXCEPTION_DETAIL)


def doctest_tests(function: ast.FunctionDef, docstring: str) -> tuple[list[Test], str | None, int]:
    """Tests of a function's docstring, a harness if they do more than to call it, and how many
    examples cannot be compared to the letter.

    Examples that are not a call with a literal result are one test, in their order: they may
    depend on one another.
    """
    try:
        examples = doctest.DocTestParser().get_examples(docstring)[:MAX_EXAMPLES]
    except ValueError as error:
        raise Unparsable("bad_doctest", str(error).split("\n")[0][:200]) from error
    kept = [e for e in examples if not any(e.options.get(flag) for flag in (doctest.SKIP, *LOOSE))]
    names = [argument.arg for argument in function.args.args]
    direct, shown = list[Probe](), list[doctest.Example]()
    tests = list[Test]()
    for example in kept:
        probe = _direct(example, function.name, len(direct))
        found = direct_tests(probe, names) if probe else None
        if probe and found:
            direct.append(probe)
            tests += found
        else:
            shown.append(example)
    if not any(example.want or example.exc_msg for example in shown):
        return tests, None, len(examples) - len(kept)
    probes = [*direct, _shown(shown, function.name)]
    return probe_tests(probes), harness_text(probes), len(examples) - len(kept)


def example_names(docstring: str) -> set[str]:
    """Names that the examples of a docstring write."""
    names = set[str]()
    for example in doctest.DocTestParser().get_examples(docstring)[:MAX_EXAMPLES]:
        try:
            names |= names_in(parse(example.source))
        except Unparsable:
            continue
    return names


def _direct(example: doctest.Example, entry: str, number: int) -> Probe | None:
    """The probe of an example that is an expression with a literal for its result."""
    if example.exc_msg or not example.want:
        return None
    try:
        body = parse(example.source).body
        expected = literal(example.want)
    except Unparsable:
        return None
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        return None
    value = Renamed(Names(entry)).visit(copy.deepcopy(body[0].value))
    append = ast.Attribute(ast.Name(SEEN, ast.Load()), "append", ast.Load())
    seen = ast.Expr(ast.Call(append, [value], []))
    return Probe(f"example_{number + 1}", [seen], [expected])


def _shown(examples: Sequence[doctest.Example], entry: str) -> Probe:
    """One probe of examples that are executed, and of what each of them shows."""
    lines = [f"names = {{**globals(), {entry!r}: {CANDIDATE}}}"]
    expected = list[Any]()
    for example in examples:
        call = f"_shown({example.source!r}, names)"
        text = example.exc_msg.rstrip("\n") if example.exc_msg else BLANK.sub("", example.want)
        compared = bool(text) or bool(example.exc_msg)
        lines.append(f"{SEEN}.append({call})" if compared else call)
        expected += [text] if compared else []
    return Probe("examples", parse("\n".join(lines)).body, expected)
