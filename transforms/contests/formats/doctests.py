"""doctest:PATH, functions with examples in their docstrings.

They stand in a tree, in Parquet with repo, path, content, or (`doctest:`) in DATA's own corpus.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contests.formats.format import Contest, Outcome
from transforms.contests.judged.statements import tidy
from transforms.lib.licences import is_permissive
from transforms.lib.problems.checks import Case
from transforms.lib.problems.compare_rule import Rule
from transforms.lib.problems.pieces import arranged
from transforms.lib.problems.probes.docstrings import doctest_tests, example_names
from transforms.lib.problems.problem import Dropped, Problem, Told
from transforms.lib.problems.provided import foreign
from transforms.lib.problems.statement_prompts import completion, program, prompt
from transforms.lib.python.literals import Unparsable, literal_text, parse
from transforms.lib.python.modules import (
    Statement,
    function_named,
    last_named,
    reachable,
    statements,
)
from transforms.lib.records.fields import optional

MARK = ">>> "
MAX_AROUND = 20_000  # characters of what a function needs beside itself


def folder_of(path: str) -> str | None:
    """A Python file stands for itself."""
    return path if path.endswith(".py") else None


def of_folder(path: str, files: Mapping[str, str]) -> Iterator[Outcome]:
    """The problems of a file."""
    yield from of_text(path, next(iter(files.values())))


def of_record(record: Mapping[str, Any]) -> Iterator[Outcome]:
    """The problems of a file that is a row."""
    content = record.get("content")
    licence = optional(record, "licence_spdx")
    origin = {name: optional(record, name) for name in ("repo", "path", "commit")}
    known = origin | {"licence_spdx": licence, "redistributable": is_permissive(licence)}
    for outcome in of_text(str(origin["path"]), content if isinstance(content, str) else ""):
        outcome.origin.update(known)
        yield outcome


def of_text(path: str, text: str) -> Iterator[Outcome]:
    """The problems of a file's text: one for each function with examples."""
    if MARK not in text:
        return
    try:
        tree = parse(text)
    except Unparsable as error:
        yield Dropped(error.reason, error.value)
        return
    module: list[Statement] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and MARK in (ast.get_docstring(node) or ""):
            module = module or statements(text)
            try:
                yield _problem(path, node, tree, module)
            except Unparsable as error:
                yield Dropped(error.reason, f"{node.name}: {error.value or ''}"[:200])


def _problem(
    path: str, node: ast.FunctionDef, tree: ast.Module, module: list[Statement]
) -> Problem:
    if function_named(tree, node.name) is not node:
        raise Unparsable("redefined")
    docstring = ast.get_docstring(node) or ""
    tests, harness, unused = doctest_tests(node, docstring)
    if not tests:
        raise Unparsable("no_tests", f"{unused} loose" if unused else None)
    kept = reachable(module, frozenset({node.name} | example_names(docstring)))
    pieces = arranged(kept, last_named(kept, node.name))
    if (around := len(pieces.before) + len(pieces.after)) > MAX_AROUND:
        raise Unparsable("entangled", f"{around} characters around it")
    whole, imports = program(pieces, ())
    return Problem(
        told=Told(title=node.name, statement=tidy(docstring), slug=f"{path}:{node.name}"),
        kind="function",
        prompt=prompt(pieces, imports, (), docstring),
        canonical_solution=completion(pieces),
        solutions=[whole],
        cases=[Case(literal_text(a), literal_text(o), "doctest") for a, o in tests],
        rule=Rule("exact", "doctest"),
        entry_point=node.name,
        signature=pieces.header.strip(),
        harness=harness,
        requires=foreign(parse(whole)),
        unused_tests=unused,
    )


CONTEST = Contest(
    "doctest",
    folder_of=folder_of,
    of_folder=of_folder,
    of_record=of_record,
    fields=("repo", "path", "content"),
)
