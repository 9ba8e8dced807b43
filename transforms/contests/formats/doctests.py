"""doctest:PATH, functions with examples in their docstrings.

PATH is a tree, or Parquet or JSON Lines with repo, path, content; none is DATA's own corpus.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Extracted, Format
from transforms.contests.judged.statement_text import tidy
from transforms.lib.licences import is_permissive
from transforms.lib.problems.checks import TestCase
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.pieces import arranged
from transforms.lib.problems.probes.docstring_examples import (
    docstring_examples,
    doctest_tests,
    example_names,
)
from transforms.lib.problems.problem import Description, Dropped, Problem
from transforms.lib.problems.statement_prompts import prompt, whole_solution
from transforms.lib.python.literals import literal_text
from transforms.lib.python.modules import Module, function_named, last_named, reachable
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.fields import optional

PROMPT_MARK = ">>> "
MAX_AROUND = 20_000  # characters of what a function needs beside itself


def folder_of(path: str) -> str | None:
    """A Python file, which is a folder of its own; None for other files."""
    return path if path.endswith(".py") else None


def of_folder(path: str, files: Mapping[str, str]) -> Iterator[Extracted]:
    """The problems of a file."""
    yield from of_text(path, next(iter(files.values())))


def of_record(record: Mapping[str, Any]) -> Iterator[Extracted]:
    """The problems of a file that is a record."""
    if record.get("duplicate_of"):  # in `corpus`: its problems are those of another file
        return
    content = record.get("content")
    licence = optional(record, "licence_spdx")
    origin = {name: optional(record, name) for name in ("repo", "path", "commit")}
    known = origin | {"licence_spdx": licence, "redistributable": is_permissive(licence)}
    for extracted in of_text(str(origin["path"]), content if isinstance(content, str) else ""):
        extracted.origin.update(known)
        yield extracted


def of_text(path: str, text: str) -> Iterator[Extracted]:
    """The problems of a file's text: one for each top-level, non-async function with
    examples."""
    if PROMPT_MARK not in text:
        return
    module = Module(text)
    try:
        tree = module.tree
    except Rejected as error:
        yield Dropped(error.reason, error.value)
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and PROMPT_MARK in (ast.get_docstring(node) or ""):
            try:
                yield _problem(path, node, module)
            except Rejected as error:
                yield Dropped(error.reason, f"{node.name}: {error.value or ''}"[:200])


def _problem(path: str, node: ast.FunctionDef, module: Module) -> Problem:
    if function_named(module.tree, node.name) is not node:
        raise Rejected("redefined")
    docstring = ast.get_docstring(node) or ""
    examples = docstring_examples(docstring)
    tests, harness, unused = doctest_tests(node, examples)
    if not tests:
        raise Rejected("no_tests", f"{unused} loose" if unused else None)
    shown = frozenset(example_names(examples))
    kept = reachable(module.statements, shown | {node.name})
    pieces = arranged(kept, last_named(kept, node.name))
    if (around := len(pieces.before) + len(pieces.after)) > MAX_AROUND:
        raise Rejected("entangled", f"{around} characters around it")
    solution = whole_solution(pieces, shown=shown)
    return Problem(
        description=Description(
            title=node.name, statement=tidy(docstring), slug=f"{path}:{node.name}"
        ),
        kind="function",
        prompt=prompt(solution, docstring),
        canonical_solution=solution.completion,
        solutions=[solution.program.text],
        cases=[TestCase(literal_text(a), literal_text(o), "doctest") for a, o in tests],
        rule=CompareRule("exact", "doctest"),
        entry_point=node.name,
        signature=pieces.header.strip(),
        harness=harness,
        requires=solution.requires,
        unused_tests=unused,
    )


FORMAT = Format(
    "doctest",
    folder_of=folder_of,
    of_folder=of_folder,
    of_record=of_record,
    fields=("repo", "path", "content"),
)
