"""What text names of this project: modules, their attributes and files, and what is wrong with it.

Text is everything that no import statement is: strings, comments, configuration, prose, programs
within strings. Names are resolved in the source itself; nothing is imported.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "transforms", "pipelines")
TOPS = (*PACKAGES, "tests")
# A stage has a folder in transforms, and every command a file in pipelines. `report` stands beside
# the stages: it reads what they write, and imports none of them.
BESIDE_STAGES = frozenset({"report"})
STAGES = (
    frozenset(p.parent.name for p in ROOT.glob("transforms/*/__init__.py"))
    - {"lib"}
    - BESIDE_STAGES
)
COMMANDS = frozenset(p.stem for p in ROOT.glob("pipelines/*.py")) - {"__init__", "cli"}
# Names and paths of made-up projects in tests, which happen to begin as ours do.
NOT_OURS = {
    *("tests/.travis.yml", "tests/data/PKG-INFO", "tests/a.py", "tests/test_a.py", "tests.test_it"),
    *("tests/test_it.py", "tests/helpers.py", "tests.helpers", "tests.runtests", "tests.py"),
    # Of a task in Harbor's format.
    *("tests/test.sh", "tests/check.py", "tests/problem.json"),
}
# What stands for any name in prose, as {} does in an f-string: transforms/STAGE/stage.py.
ANY = re.compile(r"\b(?:STAGE|NAME|X)\b")
NAME = r"(?:[A-Za-z_]\w*|\{\})"  # {} is what an f-string puts in
# Not within another name (apache_beam.transforms) or path.
DOTTED = re.compile(rf"(?<![\w./-])(?:{'|'.join(TOPS)})(?:\.{NAME})+(?::[A-Za-z_]\w*)?(?!/)")
PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(TOPS)}|infra)/[\w./*{{}}-]*")
RUN = re.compile(rf"-m[\s\"',]+((?:{'|'.join(TOPS)})(?:\.{NAME})*)")
IMPORT = re.compile(
    rf"(?:^|[\s'\";])from ((?:{'|'.join(TOPS)})[\w.]*) import ([\w, ]+)", re.MULTILINE
)
UNKNOWN = object()  # what is there, though not what it holds


class Text(NamedTuple):
    """A piece of a file's text and the line it begins at."""

    line: int
    text: str


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def file_of(module: str) -> Path | None:
    """The file of a module, or the folder of a package."""
    place = ROOT.joinpath(*module.split("."))
    if place.with_suffix(".py").is_file():
        return place.with_suffix(".py")
    return place if place.is_dir() else None


def bound(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """The names that statements bind in their own scope, and where."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0], node
        else:
            for child in ast.walk(node):
                if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                    yield child.id, node
            for field in ("body", "orelse", "finalbody"):
                yield from bound(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from bound(handler.body)


@cache
def names_in(path: Path) -> dict[str, ast.AST]:
    """The names of a module or package, each with what binds it; its modules are not among them."""
    file = path / "__init__.py" if path.is_dir() else path
    return dict(bound(tree_of(file).body)) if file.is_file() else {}


def attribute(path: Path, name: str) -> object | None:
    """What a module has by a name: a module's path, a node, UNKNOWN; None if it has nothing."""
    if path.is_dir() and (below := file_of(".".join((*path.relative_to(ROOT).parts, name)))):
        return below
    if re.fullmatch("__[a-z]+__", name):  # every module has __file__, __name__, …
        return UNKNOWN
    node = names_in(path).get(name)
    if isinstance(node, ast.Import):
        return UNKNOWN
    if isinstance(node, ast.ImportFrom):
        source = file_of(node.module or "")
        original = next(a.name for a in node.names if (a.asname or a.name) == name)
        ours = (node.module or "").split(".")[0] in TOPS
        return attribute(source, original) if ours and source else UNKNOWN
    return node


def member(node: ast.ClassDef, name: str) -> object | None:
    """What a class has by a name; a class with bases may have anything."""
    own = dict(bound(node.body))
    return own.get(name) or (UNKNOWN if node.bases else None)


def exists(dotted: str) -> bool:
    """Whether there is what a dotted name names: a module, an attribute, a method."""
    found: object | None = ROOT
    for name in dotted.replace(":", ".").split("."):
        if isinstance(found, Path):
            found = attribute(found, name)
        elif isinstance(found, ast.ClassDef):
            found = member(found, name)
        elif isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            found = None
        if found is None:
            return False
    return True


def spelled(name: str) -> list[str]:
    """A name or path with {}: once for each command, or each stage with a stage.py (not sample).

    Of a second {} nothing is known: the name ends before it.
    """
    before, *after = name.split("{}")
    if not after:
        return [name]
    values = COMMANDS if name.startswith("pipelines") else STAGES - {"sample"}
    end = after[0] if len(after) == 1 else after[0].rpartition("." if "." in after[0] else "/")[0]
    return [before + value + end for value in sorted(values)]


def path_exists(path: str) -> bool:
    path = path.rstrip("./")
    if path in NOT_OURS:
        return True
    return any(ROOT.glob(path)) if "*" in path else (ROOT / path).exists()


def faults_of_names(text: str) -> Iterator[str]:
    """What the names in a text do not find."""
    for match in DOTTED.finditer(text):
        names = [] if match[0] in NOT_OURS else spelled(match[0])
        yield from (f"{n}: no such name" for n in names if not exists(n))
    for match in PATH.finditer(text):
        yield from (
            f"{p}: no such file" for p in spelled(ANY.sub("{}", match[0])) if not path_exists(p)
        )
    for match in RUN.finditer(text):
        for name in spelled(match[1]):
            file = file_of(name)
            if not file or not (file.is_file() or (file / "__main__.py").is_file()):
                yield f"-m {name}: no module to run"
    for match in IMPORT.finditer(text):
        for name in match[2].replace(",", " ").split():
            if name == "as":
                break
            if not exists(f"{match[1]}.{name}"):
                yield f"from {match[1]} import {name}: no such name"


def faults_of_program(program: ast.Module) -> Iterator[str]:
    """What the imports of a program do not find, and its attributes of the modules it imports."""
    nodes = list(ast.walk(program))
    modules: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                if top in TOPS:
                    modules[alias.asname or top] = alias.name if alias.asname else top
                    if not exists(alias.name):
                        yield f"import {alias.name}: no such module"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in TOPS:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if file_of(whole):
                    modules[alias.asname or alias.name] = whole
                elif not exists(whole):
                    yield f"from {node.module} import {alias.name}: no such name"
    # A name that is bound again is a module no more in some of the places.
    for node in nodes if modules else ():
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            modules.pop(node.id, None)
        elif isinstance(node, ast.arg):
            modules.pop(node.arg, None)
    for node in nodes if modules else ():
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(node.value.id)
            if module and not exists(f"{module}.{node.attr}"):
                yield f"{module}.{node.attr}: no such name"
        if isinstance(node, ast.Call) and len(node.args) > 1:  # as setattr and getattr have it
            owner, name = node.args[:2]
            module = modules.get(owner.id) if isinstance(owner, ast.Name) else None
            known = ast.unparse(node.func).endswith(("setattr", "getattr", "patch.object"))
            text = name.value if isinstance(name, ast.Constant) else None
            if known and module and isinstance(text, str) and not exists(f"{module}.{text}"):
                yield f"{module}.{text}: no such name"


def points_up(name: str, place: PurePosixPath) -> bool:
    """Whether a module or path may not be named in a file, for imports point down alone."""
    own, named = place.parts, tuple(re.split(r"[./:]", name))
    if own[0] not in PACKAGES or named[0] not in PACKAGES:
        return False
    if named[0] != own[0]:
        return PACKAGES.index(named[0]) > PACKAGES.index(own[0])
    if own[0] == "transforms":
        return len(named) > 1 and named[1] in (STAGES | BESIDE_STAGES | {"{}"}) - {own[1]}
    # Of the commands `build` alone runs others.
    mine, other = PurePosixPath(own[1]).stem, named[1] if len(named) > 1 else ""
    return own[0] == "pipelines" and mine in COMMANDS - {"build"} and other in COMMANDS - {mine}


def faults_of_direction(text: str, place: PurePosixPath) -> Iterator[str]:
    """What a file names above it or beside it."""
    names = [match[0] for match in DOTTED.finditer(text)]
    names += [ANY.sub("{}", match[0]) for match in PATH.finditer(text)]
    names += [text] if text in PACKAGES else []  # as files("pipelines") has it
    yield from (f"{name}: not below {place}" for name in names if points_up(name, place))


def strings(node: ast.AST) -> Iterator[Text]:
    """The strings of a program; an f-string with {} for what it puts in."""
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
        yield Text(node.lineno, "".join(map(str, parts)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from strings(part.value)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        value = node.value
        yield Text(node.lineno, value if isinstance(value, str) else value.decode("latin-1"))
    if isinstance(node, ast.List | ast.Tuple | ast.Call):
        yield from arguments(node)
    for child in ast.iter_child_nodes(node):
        yield from strings(child)


def arguments(node: ast.List | ast.Tuple | ast.Call) -> Iterator[Text]:
    """`"-m", "name"` of a list as a shell has them."""
    parts = node.args if isinstance(node, ast.Call) else node.elts
    words = [p.value if isinstance(p, ast.Constant) else "" for p in parts]
    for flag, word in zip(words, words[1:], strict=False):
        if flag == "-m" and isinstance(word, str):
            yield Text(node.lineno, f"-m {word}")


def comments(source: str) -> Iterator[Text]:
    """What follows a `#`, which may be a string's."""
    for number, line in enumerate(source.split("\n"), 1):
        if "#" in line:
            yield Text(number, line[line.index("#") :])


def program_in(text: str) -> ast.Module | None:
    """A text as a program, if it is one that imports from here."""
    if not re.search(r"\bimport\b", text) or not any(top in text for top in TOPS):
        return None
    try:
        return ast.parse(text.replace("{}", "_"))
    except SyntaxError:
        return None


def faults(text: str, place: str) -> list[str]:
    """What is wrong with what a file names, a line each; the file need not exist."""
    path = PurePosixPath(place)
    found: list[str] = []
    pieces = [Text(number, line) for number, line in enumerate(text.split("\n"), 1)]
    if path.suffix == ".py":
        tree = ast.parse(text)
        pieces = [*strings(tree), *comments(text)]
        found += [f"{place}: {fault}" for fault in faults_of_program(tree)]
    for line, piece in pieces:
        known = [*faults_of_names(piece), *faults_of_direction(piece, path)]
        if path.suffix == ".py" and (program := program_in(piece)):
            known += faults_of_program(program)
        found += [f"{place}:{line}: {fault}" for fault in known]
    return list(dict.fromkeys(found))
