"""exercism:PATH, a tree in the shape of exercism/python, whose unittest modules become probes.

With exercism/problem-specifications as a second SOURCE, its cases are added that the tests lack.
"""

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.contests.formats.format import Extracted, Format
from transforms.contests.judged.statement_text import tidy
from transforms.lib.problems.checks import TestCase, ValueTest
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.pieces import Pieces, arranged
from transforms.lib.problems.probes.canonical_data import canonical_tests
from transforms.lib.problems.probes.folding import fold
from transforms.lib.problems.probes.probe_harness import direct_tests, probe_tests
from transforms.lib.problems.probes.unittest_modules import (
    Probes,
    UnittestModule,
    probes_of,
    read_tests,
    used_by,
)
from transforms.lib.problems.problem import Description, Dropped, Problem
from transforms.lib.problems.statement_prompts import Solution, prompt, whole_solution
from transforms.lib.python.literals import literal_text
from transforms.lib.python.modules import (
    Module,
    NamedDefinition,
    Statement,
    class_named,
    function_named,
    last_named,
    reachable,
)
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.fields import from_json

EXERCISE_FILE = re.compile(
    r"(?:.*/)?exercises/(?:practice|concept)/([^/]+)/.+\.(?:py|md|json|toml)"
)
CANONICAL_FILE = re.compile(r"(?:.*/)?exercises/([^/]+)/canonical-data\.json")
UNREAD_FOLDERS = re.compile(r"/\.(?:approaches|articles)/")
STATEMENT_FILES = (".docs/introduction.md", ".docs/instructions.md", ".docs/instructions.append.md")
# What names of bases end with that are exceptions or enumerations.
GIVEN_BASES = ("Error", "Exception", "Warning", "Enum", "Flag")
SECTION = re.compile(r"^(?=## )", re.MULTILINE)
URL = "https://exercism.org/tracks/python/exercises/"


def folder_of(path: str) -> str | None:
    """The exercise that a file of either tree belongs to, or None."""
    match = CANONICAL_FILE.fullmatch(path) or EXERCISE_FILE.fullmatch(path)
    return match[1] if match and not UNREAD_FOLDERS.search(path) else None


@dataclass(frozen=True)
class Exercise:
    """An exercise.

    files: texts by their paths in the exercise; config: its `.meta/config.json`; example: the
    solution that it comes with; tests: the parts of its unittest module.
    """

    slug: str
    files: Mapping[str, str]
    config: Mapping[str, Any]
    example: Module
    tests: UnittestModule

    @property
    def callables(self) -> list[str]:
        """The names of functions and classes that tests use, but for exceptions and enumerations,
        in order."""
        tree = self.example.tree
        return [
            n.name
            for n in tree.body
            if isinstance(n, NamedDefinition)
            and n.name in self.tests.exported
            and not _is_given(n, tree)
        ]


def _is_given(node: ast.stmt, tree: ast.Module) -> bool:
    """Whether a statement is a class that is shown, not asked for: an exception or an enumeration,
    as the name of a base tells."""
    if not isinstance(node, ast.ClassDef):
        return False
    bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
    own = [other for base in bases if (other := class_named(tree, base)) and other is not node]
    return any(base.endswith(GIVEN_BASES) for base in bases) or any(
        _is_given(base, tree) for base in own
    )


def of_folder(slug: str, files: Mapping[str, str]) -> Iterator[Extracted]:
    """The problems of an exercise: one of each function that is tested by itself, or only one."""
    relative = _relative(slug, files)
    if not any(name.endswith("_test.py") for name in relative):
        return  # a specification that has no exercise in Python
    try:
        exercise = _exercise(slug, relative)
        groups = _groups(exercise)
    except Rejected as error:
        yield Dropped(error.reason, error.value)
        return
    for entry, tests in groups.items():
        try:
            yield _problem(exercise, entry, tests, alone=len(groups) == 1)
        except Rejected as error:
            yield Dropped(error.reason, f"{entry}: {error.value or ''}"[:200])


def _relative(slug: str, files: Mapping[str, str]) -> dict[str, str]:
    """Files by their paths in the exercise."""
    return {path.rpartition(f"/{slug}/")[2]: text for path, text in sorted(files.items())}


def _exercise(slug: str, files: Mapping[str, str]) -> Exercise:
    config = from_json(files.get(".meta/config.json", "{}"))
    named = config.get("files") if isinstance(config, dict) else None
    if not isinstance(named, dict):
        raise Rejected("missing_field", ".meta/config.json: files")
    solution, test = _one(named, "solution"), _one(named, "test")
    example = _one(named, "example" if "example" in named else "exemplar")
    for name in (test, example):
        if name not in files:
            raise Rejected("missing_file", name)
    stem = posixpath.basename(solution).removesuffix(".py")
    beside = {n.removesuffix(".py"): Module(text) for n, text in files.items() if "/" not in n}
    tests, solved = read_tests(Module(files[test]), stem, beside), Module(files[example])
    if "*" in tests.exported:
        tests.exported |= {n.name for n in solved.tree.body if isinstance(n, NamedDefinition)}
    tests.known |= _constants(solved, tests.exported)
    return Exercise(slug, files, config, solved, tests)


def _constants(example: Module, names: set[str]) -> dict[str, Any]:
    """The values of constants that the example defines and tests use: a prompt shows them."""
    values: dict[str, Any] = {}
    for node in example.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                try:
                    values[name] = fold(value, {})
                except Rejected:
                    continue
    return values


def _one(named: Mapping[str, Any], kind: str) -> str:
    """The only file of a kind that the configuration names. Raises Rejected for none or several."""
    names = named.get(kind)
    if not isinstance(names, list) or not names:
        raise Rejected("missing_field", f".meta/config.json: files.{kind}")
    if len(names) > 1 and kind != "test":  # further test files are imported by the first
        raise Rejected("several_files", ", ".join(map(str, names))[:200])
    return str(names[0])


TestMethods = list[tuple[ast.ClassDef, ast.FunctionDef]]  # of unittest, with their classes


def _groups(exercise: Exercise) -> dict[str, TestMethods]:
    """Entry points with their tests.

    Each function is one, if at least half of the tests use only one function; else the function
    or class that most tests use is the only one, with all tests.
    """
    module = exercise.tests
    callables = exercise.callables
    if not callables:
        raise Rejected("no_entry_point", ", ".join(sorted(module.exported))[:200])
    uses = [(used_by(module, *test) & set(callables), test) for test in module.tests]
    alone = {name: [t for used, t in uses if used == {name}] for name in callables}
    functions = all(function_named(exercise.example.tree, name) for name in callables)
    if functions and len(callables) > 1 and sum(map(len, alone.values())) * 2 >= len(uses):
        return alone
    most = max(callables, key=lambda name: sum(name in used for used, _ in uses))
    return {most: module.tests}


def _problem(exercise: Exercise, entry: str, tests: TestMethods, *, alone: bool) -> Problem:
    if not tests:
        raise Rejected("no_tests", "none of its own")
    made = probes_of(exercise.tests, tests, entry)
    if not made.probes:
        raise Rejected("no_tests", f"{made.unused} beyond conversion")
    tests_of, harness = _value_tests(exercise, entry, made)
    solution = _solution(exercise, entry, alone, Module(harness or "").free_names)
    statement = _statement(exercise, entry, solution.pieces, alone)
    function = function_named(exercise.example.tree, entry)
    return Problem(
        description=_description(exercise, statement, entry, alone),
        kind="function" if function else "design",
        prompt=prompt(solution, statement),
        canonical_solution=solution.completion,
        solutions=[solution.program.text],
        cases=[
            TestCase(literal_text(arguments), literal_text(output), origin)
            for origin, values in tests_of.items()
            for arguments, output in values
        ],
        rule=_rule(made),
        entry_point=entry,
        signature=solution.pieces.header.strip(),
        harness=harness,
        requires=solution.requires,
        unused_tests=made.unused,
    )


def _rule(made: Probes) -> CompareRule:
    """The compare rule: floats with the largest error that a probe allows, if one allows any."""
    tolerance = max(probe.tolerance or 0.0 for probe in made.probes)
    if tolerance:
        return CompareRule("float", "assertAlmostEqual", None, tolerance)
    return CompareRule("equal", "unittest")


def _value_tests(
    exercise: Exercise, entry: str, made: Probes
) -> tuple[dict[str, list[ValueTest]], str | None]:
    """Tests by their origin, and a harness if they do more than call a function."""
    function = function_named(exercise.example.tree, entry)
    names = [argument.arg for argument in function.args.args] if function else []
    direct = [direct_tests(probe, names) for probe in made.probes] if function else [None]
    if any(tests is None for tests in direct):
        return {"unittest": probe_tests(made.probes)}, made.harness()
    known = [test for tests in direct for test in tests or ()]
    return {"unittest": known, "canonical-data": canonical_tests(exercise.files, known)}, None


def _solution(
    exercise: Exercise, entry: str, alone: bool, used: frozenset[str] = frozenset()
) -> Solution:
    """The example around its entry point; what tests use beside it, and the imports of names that
    a harness has `used`, are shown in the prompt."""
    statements, data = _with_data(exercise)
    others = frozenset(exercise.tests.exported | data) - set(exercise.callables) - {"*"}
    roots = others | (set(exercise.callables) if alone else {entry})
    kept = reachable(statements, frozenset(roots))
    return whole_solution(arranged(kept, last_named(kept, entry), others), shown=used | others)


def _with_data(exercise: Exercise) -> tuple[list[Statement], set[str]]:
    """The statements of the example, and the names that modules beside it bind.

    The statements of such a module take the place of its import.
    """
    statements, names = list[Statement](), set[str]()
    for statement in exercise.example.statements:
        node = statement.node
        file = f"{node.module}.py" if isinstance(node, ast.ImportFrom) else ""
        if file not in exercise.files:
            statements.append(statement)
            continue
        data = Module(exercise.files[file]).statements
        names |= {name for other in data for name in other.bound_names}
        statements += data
    return statements, names


def _statement(exercise: Exercise, entry: str, pieces: Pieces, alone: bool) -> str:
    """The instructions; for one of several problems only the sections that name its entry point."""
    practice = ".meta/example.py" in exercise.files
    docs = [
        exercise.files[name]
        for name in (STATEMENT_FILES if practice else STATEMENT_FILES[1:2])
        if name in exercise.files
    ]
    text = "\n\n".join(docs)
    if not alone:
        first, *sections = SECTION.split(text)
        own = [section for section in sections if re.search(rf"\b{entry}\b", section)]
        text = "\n".join([first, *own]) if own else text
    if pieces.docstring and not practice:
        text = f"{text}\n\n{pieces.docstring}"
    beside = [name for name in exercise.callables if name != entry]
    if alone and beside:
        text = f"{text}\n\nDefine {', '.join(beside)} as well."
    return tidy(text)


def _description(exercise: Exercise, statement: str, entry: str, alone: bool) -> Description:
    title = exercise.slug.replace("-", " ").title()
    return Description(
        title=title if alone else f"{title}: {entry}",
        statement=statement,
        slug=exercise.slug,
        url=URL + exercise.slug,
        tags=("practice" if ".meta/example.py" in exercise.files else "concept",),
    )


FORMAT = Format("exercism", folder_of=folder_of, of_folder=of_folder, united=True)
