"""leetcode:PATH, a tree in the shape of doocs/leetcode.

A folder for each problem: a README (front matter, statement in HTML or Markdown) and solutions,
`Solution*.py`.
"""

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from transforms.contests.formats.format import Contest, Outcome
from transforms.contests.judged import statement_examples
from transforms.contests.judged.assembly import (
    SOLUTION,
    design_problem,
    first_tree,
    function_problem,
)
from transforms.contests.judged.statements import statement_text
from transforms.lib.problems.problem import Problem, Told
from transforms.lib.problems.provided import foreign
from transforms.lib.python.literals import Unparsable
from transforms.lib.python.modules import class_named, methods, parameters

STATEMENTS = ("README_EN.md", "README.md")
SOLUTION_FILE = re.compile(r"Solution\d*\.py")
FRONT_MATTER = re.compile(r"\A---\n(.{0,5000}?)\n---\n", re.DOTALL)
DIFFICULTY = re.compile(r"^difficulty:\s*(\S.*)$", re.MULTILINE)
TAG = re.compile(r"^\s+- (\S.*)$", re.MULTILINE)
HEADING = re.compile(r"^# +(?:\[([^\]\n]+)\]\(([^)\s]+)\)|(.+))", re.MULTILINE)
NUMBER = re.compile(r"^[\w.]*\d\. ")
MARKS = ("<!-- description:start -->", "<!-- description:end -->")
PREFIX = re.compile(r"(?P<count>\d{1,9}), (?P<name>\w+) = \[(?P<items>.*)\]", re.DOTALL)
SECTION = re.compile(r"^##? *(?:Solutions?|Description)\b.*$", re.MULTILINE)


def folder_of(path: str) -> str | None:
    """The folder of a statement or a solution in Python."""
    folder, name = posixpath.split(path)
    return folder if name in STATEMENTS or SOLUTION_FILE.fullmatch(name) else None


def of_folder(path: str, files: Mapping[str, str]) -> Iterator[Outcome]:
    """The problem of a folder."""
    yield _problem(path, {posixpath.basename(name): text for name, text in files.items()})


def _problem(path: str, files: Mapping[str, str]) -> Problem:
    readme = next((files[name] for name in STATEMENTS if name in files), "")
    if not readme.strip():
        raise Unparsable("no_statement")
    told = _told(path, readme)
    names = [name for name in files if SOLUTION_FILE.fullmatch(name)]
    solutions = [files[name] for name in sorted(names, key=lambda name: (len(name), name))]
    if not solutions:
        raise Unparsable("no_python_solution")
    if _is_foreign(told.statement):
        raise Unparsable("not_english", told.slug)
    tree = first_tree(solutions)
    foreign(tree)
    if steps := _design_tests(told.statement, tree):
        entry, tests, unused = steps
        return design_problem(told, solutions, entry, tests, "statement", unused=unused)
    entry, tests, unused, kept = _function_tests(told.statement, tree)
    return function_problem(told, solutions, entry, tests, "statement", kept=kept, unused=unused)


def _told(path: str, readme: str) -> Told:
    front = FRONT_MATTER.match(readme)
    matter = front[1] if front else ""
    heading = HEADING.search(readme)
    title = str(heading[1] or heading[3]) if heading else posixpath.basename(path)
    url = heading[2] if heading else None
    difficulty = DIFFICULTY.search(matter)
    return Told(
        title=NUMBER.sub("", title.strip()),
        statement=statement_text(_description(readme[front.end() if front else 0 :])),
        slug=url.rstrip("/").rpartition("/")[2] if url else posixpath.basename(path),
        url=url,
        difficulty=difficulty[1].strip() if difficulty else None,
        tags=tuple(tag.strip() for tag in TAG.findall(matter.partition("tags:")[2])),
    )


def _description(readme: str) -> str:
    """What stands between the marks, or between the headings of description and solution."""
    begin, end = MARKS
    if begin in readme:
        return readme.partition(begin)[2].partition(end)[0]
    body = HEADING.sub("", readme, count=1)
    parts = [part for part in SECTION.split(body) if part.strip()]
    return parts[0] if parts else ""


def _is_foreign(text: str) -> bool:
    """Whether a statement is hardly written in Latin letters."""
    letters = [character for character in text if character.isalpha()]
    return sum(map(str.isascii, letters)) < 0.8 * len(letters)


Found = tuple[str, list[tuple[tuple, Any]], int]


def _design_tests(statement: str, tree: ast.Module) -> Found | None:
    """The class that examples work step by step, with its tests; None if they work none."""
    tests, unused, entry = list[tuple[tuple, Any]](), 0, ""
    for example in statement_examples.examples(statement):
        try:
            names, given = statement_examples.arguments(example.input)[1]
            results = statement_examples.first_value(example.output)
            node = class_named(tree, names[0])
            if node is None or not len(names) == len(given) == len(results):
                return None
            takes = {method.name: parameters(method) for method in methods(node)}
            steps = [
                (name, () if values == [None] and not takes.get(name) else tuple(values))
                for name, values in zip(names, given, strict=True)
            ]
        except (Unparsable, ValueError, TypeError, IndexError):
            unused += 1
            continue
        entry = entry or steps[0][0]
        tests.append(((steps,), results))
    return (entry, tests, unused) if tests else None


def _function_tests(statement: str, tree: ast.Module) -> tuple[str, list, int, str | None]:
    """The function that examples call, its tests, how many could not be read, and what is kept
    where it is not the result."""
    found = statement_examples.examples(statement)
    if not found:
        raise Unparsable("no_examples")
    names, values = statement_examples.arguments(found[0].input)
    function = _called(tree, names, len(values))
    wanted = tuple(parameter.arg for parameter in parameters(function))
    prefixes = [match for e in found if (match := PREFIX.fullmatch(e.output.strip()))]
    kept = f"{prefixes[0]['name']}[:_result]" if len(prefixes) == len(found) else None
    if kept:
        found = [replace(e, output=_prefix(m)) for e, m in zip(found, prefixes, strict=True)]
    tests, unused = statement_examples.read_examples(found, wanted)
    if not tests:
        raise Unparsable("no_examples", f"{unused} unread")
    return function.name, tests, unused, kept


def _called(tree: ast.Module, names: tuple[str, ...], count: int) -> ast.FunctionDef:
    """The function with these parameter names, or with so many of them."""
    node = class_named(tree, SOLUTION)
    functions = methods(node) if node else [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    takes = [(f, [p.arg for p in parameters(f)]) for f in functions if f.name != "__init__"]
    same = [f for f, own in takes if names and set(own) == set(names)]
    same = same or [f for f, own in takes if len(own) == count]
    if not same:
        raise Unparsable("signature", f"no function of {', '.join(names) or count}"[:200])
    return next((f for f in same if not _is_helper(f, functions)), same[0])


def _is_helper(function: ast.FunctionDef, functions: list[ast.FunctionDef]) -> bool:
    """Whether another of the functions says its name."""
    others = [part for other in functions if other is not function for part in ast.walk(other)]
    return any(isinstance(part, ast.Attribute) and part.attr == function.name for part in others)


def _prefix(match: re.Match[str]) -> str:
    """`2, nums = [1,2,_]` means that the first two of nums are [1,2]."""
    items = statement_examples.split(match["items"])
    return f"[{', '.join(items[: int(match['count'])])}]"


CONTEST = Contest(
    "leetcode",
    folder_of=folder_of,
    of_folder=of_folder,
    licence="LicenseRef-LeetCode",
    redistributable=False,
)
