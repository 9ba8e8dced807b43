"""leetcode:PATH, a tree in the shape of doocs/leetcode.

Each problem is a folder with a README (front matter, a statement in HTML or Markdown) and solutions
`Solution*.py`. Its tests are the examples of the statement.
"""

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from transforms.contests.formats.format import Extracted, Format
from transforms.contests.judged import statement_examples
from transforms.contests.judged.assembly import (
    SOLUTION_CLASS,
    design_problem,
    first_tree,
    function_problem,
)
from transforms.contests.judged.statement_text import statement_text
from transforms.lib.problems.checks import ValueTest
from transforms.lib.problems.problem import Description, Problem
from transforms.lib.problems.provided_imports import required_distributions
from transforms.lib.python.modules import Module, class_named, methods, parameters
from transforms.lib.python.parsing import Rejected

STATEMENT_FILES = ("README_EN.md", "README.md")  # the first that exists is read
SOLUTION_FILE = re.compile(r"Solution\d*\.py")
FRONT_MATTER = re.compile(r"\A---\n(.{0,5000}?)\n---\n", re.DOTALL)
DIFFICULTY = re.compile(r"^difficulty:\s*(\S.*)$", re.MULTILINE)
TAG = re.compile(r"^\s+- (\S.*)$", re.MULTILINE)
HEADING = re.compile(r"^# +(?:\[([^\]\n]+)\]\(([^)\s]+)\)|(.+))", re.MULTILINE)
TITLE_NUMBER = re.compile(r"^[\w.]*\d\. ")
DESCRIPTION_MARKS = ("<!-- description:start -->", "<!-- description:end -->")
# The output of a function that leaves its answer in the beginning of an argument.
PREFIX = re.compile(r"(?P<count>\d{1,9}), (?P<name>\w+) = \[(?P<items>.*)\]", re.DOTALL)
SECTION_HEADING = re.compile(r"^##? *(?:Solutions?|Description)\b.*$", re.MULTILINE)


def folder_of(path: str) -> str | None:
    """The folder of a statement or of a solution in Python; None for other files."""
    folder, name = posixpath.split(path)
    return folder if name in STATEMENT_FILES or SOLUTION_FILE.fullmatch(name) else None


def of_folder(path: str, files: Mapping[str, str]) -> Iterator[Extracted]:
    """The problem of a folder."""
    yield _problem(path, {posixpath.basename(name): text for name, text in files.items()})


def _problem(path: str, files: Mapping[str, str]) -> Problem:
    readme = next((files[name] for name in STATEMENT_FILES if name in files), "")
    if not readme.strip():
        raise Rejected("no_statement")
    description = _description(path, readme)
    names = [name for name in files if SOLUTION_FILE.fullmatch(name)]
    solutions = [Module(files[name]) for name in sorted(names, key=lambda n: (len(n), n))]
    if not solutions:
        raise Rejected("no_python_solution")
    if _is_foreign(description.statement):
        raise Rejected("not_english", description.slug)
    tree = first_tree(solutions)
    required_distributions(tree)  # raises if judges lack one
    if tests := _design_tests(description.statement, tree):
        return design_problem(
            description, solutions, tests.entry, tests.tests, "statement", unused=tests.unused
        )
    tests = _function_tests(description.statement, tree)
    return function_problem(
        description,
        solutions,
        tests.entry,
        tests.tests,
        "statement",
        answer=tests.answer,
        unused=tests.unused,
    )


def _description(path: str, readme: str) -> Description:
    front = FRONT_MATTER.match(readme)
    matter = front[1] if front else ""
    heading = HEADING.search(readme)
    title = str(heading[1] or heading[3]) if heading else posixpath.basename(path)
    url = heading[2] if heading else None
    difficulty = DIFFICULTY.search(matter)
    return Description(
        title=TITLE_NUMBER.sub("", title.strip()),
        statement=statement_text(_statement(readme[front.end() if front else 0 :])),
        slug=url.rstrip("/").rpartition("/")[2] if url else posixpath.basename(path),
        url=url,
        difficulty=difficulty[1].strip() if difficulty else None,
        tags=tuple(tag.strip() for tag in TAG.findall(matter.partition("tags:")[2])),
    )


def _statement(readme: str) -> str:
    """The part of a README between its marks, or else before the heading of the solution."""
    begin, end = DESCRIPTION_MARKS
    if begin in readme:
        return readme.partition(begin)[2].partition(end)[0]
    body = HEADING.sub("", readme, count=1)
    parts = [part for part in SECTION_HEADING.split(body) if part.strip()]
    return parts[0] if parts else ""


def _is_foreign(text: str) -> bool:
    """Whether less than 80 % of a statement's letters are ASCII."""
    letters = [character for character in text if character.isalpha()]
    return sum(map(str.isascii, letters)) < 0.8 * len(letters)


@dataclass(frozen=True)
class ExampleTests:
    """The tests that the examples of a statement are.

    entry: the function or class that they use; unused: how many examples could not be read;
    answer: what is compared where it is not the result.
    """

    entry: str
    tests: list[ValueTest]
    unused: int
    answer: str | None = None


def _design_tests(statement: str, tree: ast.Module) -> ExampleTests | None:
    """The tests of a class whose methods the examples call step by step; None if they do not."""
    tests, unused, entry = list[ValueTest](), 0, ""
    for example in statement_examples.examples(statement):
        try:
            names, arguments = statement_examples.arguments(example.input)[1]
            results = statement_examples.first_value(example.output)
            node = class_named(tree, names[0])
            if node is None or not len(names) == len(arguments) == len(results):
                return None
            takes = {method.name: parameters(method) for method in methods(node)}
            steps = [
                (name, () if values == [None] and not takes.get(name) else tuple(values))
                for name, values in zip(names, arguments, strict=True)
            ]
        except (Rejected, ValueError, TypeError, IndexError):
            unused += 1
            continue
        entry = entry or steps[0][0]
        tests.append(((steps,), results))
    return ExampleTests(entry, tests, unused) if tests else None


def _function_tests(statement: str, tree: ast.Module) -> ExampleTests:
    """The tests of the function that the examples call. Raises Rejected if there are none."""
    examples = statement_examples.examples(statement)
    if not examples:
        raise Rejected("no_examples")
    names, values = statement_examples.arguments(examples[0].input)
    function = _called(tree, names, len(values))
    own = tuple(parameter.arg for parameter in parameters(function))
    prefixes = [match for e in examples if (match := PREFIX.fullmatch(e.output.strip()))]
    answer = f"{prefixes[0]['name']}[:_result]" if len(prefixes) == len(examples) else None
    if answer:
        pairs = zip(examples, prefixes, strict=True)
        examples = [replace(example, output=_prefix(match)) for example, match in pairs]
    tests, unused = statement_examples.read_examples(examples, own)
    if not tests:
        raise Rejected("no_examples", f"{unused} unread")
    return ExampleTests(function.name, tests, unused, answer)


def _called(tree: ast.Module, names: tuple[str, ...], count: int) -> ast.FunctionDef:
    """The function with parameters of these names, or else with so many parameters.

    Raises Rejected (`signature`) if there is none.
    """
    node = class_named(tree, SOLUTION_CLASS)
    functions = methods(node) if node else [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    takes = [(f, [p.arg for p in parameters(f)]) for f in functions if f.name != "__init__"]
    same = [f for f, own in takes if names and set(own) == set(names)]
    same = same or [f for f, own in takes if len(own) == count]
    if not same:
        raise Rejected("signature", f"no function of {', '.join(names) or count}"[:200])
    return next((f for f in same if not _is_helper(f, functions)), same[0])


def _is_helper(function: ast.FunctionDef, functions: list[ast.FunctionDef]) -> bool:
    """Whether another of the functions mentions it as an attribute, as in `self.name`."""
    others = [part for other in functions if other is not function for part in ast.walk(other)]
    return any(isinstance(part, ast.Attribute) and part.attr == function.name for part in others)


def _prefix(match: re.Match[str]) -> str:
    """The items that a prefix stands for: of `2, nums = [1,2,_]` they are `[1, 2]`."""
    items = statement_examples.split(match["items"])
    return f"[{', '.join(items[: int(match['count'])])}]"


FORMAT = Format(
    "leetcode",
    folder_of=folder_of,
    of_folder=of_folder,
    licence="LicenseRef-LeetCode",
    redistributable=False,
)
