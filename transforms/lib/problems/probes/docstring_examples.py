"""Examples of docstrings as tests: `>>> f(1)` with a literal below it, or with what it prints."""

import ast
import copy
import doctest
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transforms.lib.problems.checks import ValueTest
from transforms.lib.problems.probes.probe_harness import direct_tests, harness_text, probe_tests
from transforms.lib.problems.probes.unittest_probes import (
    CANDIDATE,
    SEEN,
    NameMeanings,
    Probe,
    Renamed,
    append_seen,
)
from transforms.lib.python.literals import literal
from transforms.lib.python.modules import Module
from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.python.scopes import names_in

MAX_EXAMPLES = 100  # of a docstring
BLANK_LINE = re.compile(r"^<BLANKLINE>$", re.MULTILINE)
# Options under which doctest does not compare to the letter.
LOOSE = (doctest.ELLIPSIS, doctest.NORMALIZE_WHITESPACE, doctest.IGNORE_EXCEPTION_DETAIL)


@dataclass(frozen=True)
class DocstringExample:
    """An example as doctest reads it, and its source as a module."""

    read: doctest.Example
    module: Module


def docstring_examples(docstring: str) -> list[DocstringExample]:
    """The examples of a docstring. Raises Rejected (`bad_doctest`) if doctest cannot read them."""
    try:
        examples = doctest.DocTestParser().get_examples(docstring)[:MAX_EXAMPLES]
    except ValueError as error:
        raise Rejected("bad_doctest", str(error).split("\n")[0][:200]) from error
    return [DocstringExample(example, Module(example.source)) for example in examples]


def doctest_tests(
    function: ast.FunctionDef, examples: Sequence[DocstringExample]
) -> tuple[list[ValueTest], str | None, int]:
    """Tests of a function's examples, a harness if they do more than call it, and how many
    examples are left out because doctest does not compare them to the letter.

    Examples that are no call with a literal result are one test, in their order: they may depend
    on one another.
    """
    left_out = (doctest.SKIP, *LOOSE)
    kept = [e for e in examples if not any(e.read.options.get(flag) for flag in left_out)]
    names = [argument.arg for argument in function.args.args]
    direct, shown = list[Probe](), list[doctest.Example]()
    tests = list[ValueTest]()
    for example in kept:
        probe = _direct_probe(example, function.name, len(direct))
        calls = direct_tests(probe, names) if probe else None
        if probe and calls:
            direct.append(probe)
            tests += calls
        else:
            shown.append(example.read)
    unused = len(examples) - len(kept)
    if not any(example.want or example.exc_msg for example in shown):
        return tests, None, unused
    probes = [*direct, _shown_probe(shown, function.name)]
    return probe_tests(probes), harness_text(probes), unused


def example_names(examples: Sequence[DocstringExample]) -> set[str]:
    """The names that examples write."""
    names = set[str]()
    for example in examples:
        try:
            names |= names_in(example.module.tree)
        except Rejected:
            continue
    return names


def _direct_probe(example: DocstringExample, entry: str, number: int) -> Probe | None:
    """The probe of an example that is an expression with a literal for its result, or None."""
    if example.read.exc_msg or not example.read.want:
        return None
    try:
        body = example.module.tree.body
        expected = literal(example.read.want)
    except Rejected:
        return None
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        return None
    value = Renamed(NameMeanings(entry)).visit(copy.deepcopy(body[0].value))
    return Probe(f"example_{number + 1}", [append_seen(value)], [expected])


def _shown_probe(examples: Sequence[doctest.Example], entry: str) -> Probe:
    """One probe that executes examples and sees what each of them shows."""
    lines = [f"names = {{**globals(), {entry!r}: {CANDIDATE}}}"]
    expected = list[Any]()
    for example in examples:
        call = f"_shown({example.source!r}, names)"
        message = example.exc_msg
        text = message.rstrip("\n") if message else BLANK_LINE.sub("", example.want)
        compared = bool(text) or bool(message)
        lines.append(f"{SEEN}.append({call})" if compared else call)
        expected += [text] if compared else []
    return Probe("examples", parse("\n".join(lines)).body, expected)
