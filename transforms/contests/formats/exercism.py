"""exercism:PATH, a tree in the shape of exercism/python: its unittest modules become probes.

exercism/problem-specifications, given too, adds cases that the tests do not have yet.
"""

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.contests.formats.format import Contest, Outcome
from transforms.contests.judged.statements import tidy
from transforms.lib.problems.checks import Case
from transforms.lib.problems.compare_rule import Rule
from transforms.lib.problems.pieces import Pieces, arranged
from transforms.lib.problems.probes.canonical_data import canonical_tests
from transforms.lib.problems.probes.probe_harness import direct_tests, probe_tests
from transforms.lib.problems.probes.test_modules import (
    Probes,
    TestModule,
    probes_of,
    read_tests,
    used_by,
)
from transforms.lib.problems.problem import Dropped, Problem, Told
from transforms.lib.problems.provided import foreign
from transforms.lib.problems.statement_prompts import completion, program, prompt
from transforms.lib.python.literals import Unparsable, literal_text, parse
from transforms.lib.python.modules import (
    Statement,
    class_named,
    function_named,
    last_named,
    reachable,
    statements,
)
from transforms.lib.python.scopes import bound_by
from transforms.lib.records.fields import from_json

FOLDER = re.compile(r"(?:.*/)?exercises/(?:practice|concept)/([^/]+)/.+\.(?:py|md|json|toml)")
CANONICAL = re.compile(r"(?:.*/)?exercises/([^/]+)/canonical-data\.json")
UNSEEN = re.compile(r"/\.(?:approaches|articles)/")
DOCS = (".docs/introduction.md", ".docs/instructions.md", ".docs/instructions.append.md")
SECTION = re.compile(r"^(?=## )", re.MULTILINE)
URL = "https://exercism.org/tracks/python/exercises/"


def folder_of(path: str) -> str | None:
    """The exercise that a file of either tree belongs to."""
    match = CANONICAL.fullmatch(path) or FOLDER.fullmatch(path)
    return match[1] if match and not UNSEEN.search(path) else None


@dataclass(frozen=True)
class Exercise:
    """An exercise with its example taken apart and its tests."""

    slug: str
    files: Mapping[str, str]
    config: Mapping[str, Any]
    example: str
    tests: TestModule

    @property
    def callables(self) -> list[str]:
        """The functions and classes that tests call, exceptions apart, in the example's order."""
        tree = parse(self.example)
        return [
            n.name
            for n in tree.body
            if isinstance(n, ast.FunctionDef | ast.ClassDef)
            and n.name in self.tests.exported
            and not _is_exception(n, tree)
        ]


def _is_exception(node: ast.stmt, tree: ast.Module) -> bool:
    if not isinstance(node, ast.ClassDef):
        return False
    bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
    own = [found for base in bases if (found := class_named(tree, base)) and found is not node]
    return any(base.endswith(("Error", "Exception", "Warning")) for base in bases) or any(
        _is_exception(base, tree) for base in own
    )


def of_folder(slug: str, files: Mapping[str, str]) -> Iterator[Outcome]:
    """The problems of an exercise: one for each function that is tested by itself, or one."""
    relative = _relative(slug, files)
    if not any(name.endswith("_test.py") for name in relative):
        return  # a specification that has no exercise in Python
    try:
        exercise = _exercise(slug, relative)
        groups = _groups(exercise)
    except Unparsable as error:
        yield Dropped(error.reason, error.value)
        return
    for entry, tests in groups.items():
        try:
            yield _problem(exercise, entry, tests, alone=len(groups) == 1)
        except Unparsable as error:
            yield Dropped(error.reason, f"{entry}: {error.value or ''}"[:200])


def _relative(slug: str, files: Mapping[str, str]) -> dict[str, str]:
    return {path.rpartition(f"/{slug}/")[2]: text for path, text in sorted(files.items())}


def _exercise(slug: str, files: Mapping[str, str]) -> Exercise:
    config = from_json(files.get(".meta/config.json", "{}"))
    named = config.get("files") if isinstance(config, dict) else None
    if not isinstance(named, dict):
        raise Unparsable("missing_field", ".meta/config.json: files")
    solution, test = _one(named, "solution"), _one(named, "test")
    example = _one(named, "example" if "example" in named else "exemplar")
    for name in (test, example):
        if name not in files:
            raise Unparsable("missing_file", name)
    stem = posixpath.basename(solution).removesuffix(".py")
    beside = {name.removesuffix(".py"): text for name, text in files.items() if "/" not in name}
    tests = read_tests(files[test], stem, beside)
    if "*" in tests.exported:
        tests.exported |= {
            n.name
            for n in parse(files[example]).body
            if isinstance(n, ast.FunctionDef | ast.ClassDef)
        }
    return Exercise(slug, files, config, files[example], tests)


def _one(named: Mapping[str, Any], kind: str) -> str:
    found = named.get(kind)
    if not isinstance(found, list) or not found:
        raise Unparsable("missing_field", f".meta/config.json: files.{kind}")
    if len(found) > 1 and kind != "test":  # what stands beside the tests is imported by them
        raise Unparsable("several_files", ", ".join(map(str, found))[:200])
    return str(found[0])


Tests = list[tuple[ast.ClassDef, ast.FunctionDef]]


def _groups(exercise: Exercise) -> dict[str, Tests]:
    """Entry points with their tests: each function by itself if the tests use them one by one,
    else the function or class that most tests use, with all of them."""
    module = exercise.tests
    callables = exercise.callables
    if not callables:
        raise Unparsable("no_entry_point", ", ".join(sorted(module.exported))[:200])
    uses = [(used_by(module, *test) & set(callables), test) for test in module.tests]
    alone = {name: [t for used, t in uses if used == {name}] for name in callables}
    tree = parse(exercise.example)
    functions = all(function_named(tree, name) for name in callables)
    if functions and len(callables) > 1 and sum(map(len, alone.values())) * 2 >= len(uses):
        return alone
    most = max(callables, key=lambda name: sum(name in used for used, _ in uses))
    return {most: module.tests}


def _problem(exercise: Exercise, entry: str, tests: Tests, *, alone: bool) -> Problem:
    if not tests:
        raise Unparsable("no_tests", "none of its own")
    made = probes_of(exercise.tests, tests, entry)
    if not made.probes:
        raise Unparsable("no_tests", f"{made.unused} beyond conversion")
    found, harness = _tests(exercise, entry, made)
    pieces, imports = _pieces(exercise, entry, alone)
    statement = _statement(exercise, entry, pieces, alone)
    tolerance = max(probe.tolerance or 0.0 for probe in made.probes)
    rule = (
        Rule("float", "assertAlmostEqual", None, tolerance)
        if tolerance
        else Rule("equal", "unittest")
    )
    whole, _ = program(pieces, ())
    function = function_named(parse(exercise.example), entry)
    return Problem(
        told=_told(exercise, statement, entry, alone),
        kind="function" if function else "design",
        prompt=prompt(pieces, imports, (), statement),
        canonical_solution=completion(pieces),
        solutions=[whole],
        cases=[Case(literal_text(a), literal_text(o), origin) for a, o, origin in found],
        rule=rule,
        entry_point=entry,
        signature=pieces.header.strip(),
        harness=harness,
        requires=foreign(parse(whole)),
        unused_tests=made.unused,
    )


def _tests(
    exercise: Exercise, entry: str, made: Probes
) -> tuple[list[tuple[tuple, Any, str]], str | None]:
    """Tests with their origins, and a harness if they do more than to call a function."""
    function = function_named(parse(exercise.example), entry)
    names = [argument.arg for argument in function.args.args] if function else []
    direct = [direct_tests(probe, names) for probe in made.probes] if function else [None]
    if any(tests is None for tests in direct):
        return [(*test, "unittest") for test in probe_tests(made.probes)], made.harness()
    known = [test for tests in direct for test in tests or ()]
    more = canonical_tests(exercise.files, known)
    return [*((*t, "unittest") for t in known), *((*t, "canonical-data") for t in more)], None


def _pieces(exercise: Exercise, entry: str, alone: bool) -> tuple[Pieces, tuple[str, ...]]:
    """The example around its entry point; what tests use beside it stands in the prompt."""
    parts, data = _with_data(exercise)
    others = frozenset(exercise.tests.exported | data) - set(exercise.callables) - {"*"}
    roots = others | (set(exercise.callables) if alone else {entry})
    kept = reachable(parts, frozenset(roots))
    pieces = arranged(kept, last_named(kept, entry), others)
    _, imports = program(pieces, ())
    return pieces, imports


def _with_data(exercise: Exercise) -> tuple[list[Statement], set[str]]:
    """The example's statements, in place of an import of a module beside it that module's, and
    the names that these bind."""
    parts, names = list[Statement](), set[str]()
    for part in statements(exercise.example):
        file = f"{part.node.module}.py" if isinstance(part.node, ast.ImportFrom) else ""
        if file not in exercise.files:
            parts.append(part)
            continue
        data = statements(exercise.files[file])
        names |= {name for inner in data for name in bound_by(inner.node)}
        parts += data
    return parts, names


def _statement(exercise: Exercise, entry: str, pieces: Pieces, alone: bool) -> str:
    """The instructions: of a problem that is one of several, its own sections."""
    practice = ".meta/example.py" in exercise.files
    docs = [
        exercise.files[name] for name in (DOCS if practice else DOCS[1:2]) if name in exercise.files
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


def _told(exercise: Exercise, statement: str, entry: str, alone: bool) -> Told:
    title = exercise.slug.replace("-", " ").title()
    return Told(
        title=title if alone else f"{title}: {entry}",
        statement=statement,
        slug=exercise.slug,
        url=URL + exercise.slug,
        tags=("practice" if ".meta/example.py" in exercise.files else "concept",),
    )


CONTEST = Contest("exercism", folder_of=folder_of, of_folder=of_folder, united=True)
