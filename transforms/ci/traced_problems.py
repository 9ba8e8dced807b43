"""Problems made of recorded calls and the project's sources (Codex section 4.2), before replay."""

import ast
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from transforms.ci.case_checks import ProgramNames, check_of_cases, harness_text, needs_harness
from transforms.ci.case_values import TracedCase, case_of, chosen_cases
from transforms.ci.entry_text import EntryText, entry_text
from transforms.ci.project_sources import Definition, ProjectSources, SourceModule, global_names
from transforms.ci.slicing import Context, Slicer
from transforms.lib.problems.pictures import needs_picture
from transforms.lib.python.modules import first_line, joined
from transforms.lib.python.parsing import Rejected
from transforms.lib.python.syntax_trees import walk

MIN_LINES, MAX_LINES = 2, 150  # of a function
MAX_CASES = 10
MIN_CASES = 1
TEST_PATH = re.compile(
    r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_tests?|tests?|conftest)\.py$"
)
# Libraries that tests are written with: what they do is no part of what a project does.
TEST_TOOLS = re.compile(r"(_?pytest|pluggy|unittest|doctest|hypothesis|nose2?|mock|testtools)\b")
# Methods that Python calls by itself while an object is made or goes: `self` is no whole object.
LIFECYCLE = ("__new__", "__del__", "__init_subclass__", "__set_name__", "__class_getitem__")
# How the function is reached that a decorator holds, by the decorator's name.
HOLDERS = {
    "property": ".fget",
    "cached_property": ".func",
    "functools.cached_property": ".func",
    "setter": ".fset",
    "deleter": ".fdel",
}
FUNCTION_COLUMNS = ("is_library", "path", "line", "qualname", "form", "kind", "module")


@dataclass(frozen=True)
class Draft:
    """A problem whose cases are still to be replayed.

    `columns` are those of `ci_problems` that are known without a run.
    """

    program: str
    entry_point: str
    cases: tuple[TracedCase, ...]
    names: ProgramNames
    columns: Mapping[str, Any]
    modules: frozenset[str] = frozenset()  # whose classes the program defines itself
    in_package: "Draft | None" = None  # the same with the project imported

    @property
    def has_harness(self) -> bool:
        """Whether its cases need one."""
        return needs_harness(self.cases, self.entry_point)

    def harness(self) -> str:
        """The text of its harness."""
        return harness_text(self.cases, self.names)

    def check(self) -> str:
        """The text of `check(candidate)` for its cases."""
        return check_of_cases(self.cases, self.names)


@dataclass
class Drafts:
    """The drafts of a project, and the rows of rejects of all other functions."""

    kept: list[Draft] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)


def draft_problems(
    calls: Iterable[Mapping[str, Any]], sources: ProjectSources, libraries: Mapping[str, str] = {}
) -> Drafts:
    """The problems in a project's rows of `calls`, which stand in the order of `read_traces`.

    `libraries` are texts of library files by path, below their folders of packages.
    """
    drafts = Drafts()
    library_sources = ProjectSources.of(libraries)
    for key, rows in groupby(calls, key=lambda row: tuple(row[n] for n in FUNCTION_COLUMNS)):
        function, group = dict(zip(FUNCTION_COLUMNS, key, strict=True)), list(rows)
        own = library_sources if function["is_library"] else sources
        try:
            drafts.kept.append(_draft(function, group, own))
        except Rejected as error:
            drafts.rejects.append(reject_row(group[0], error.reason, error.value))
        except RecursionError:  # a tree that is deep, but within the bounds of what is parsed
            drafts.rejects.append(reject_row(group[0], "too_deep", None))
    return drafts


def reject_row(row: Mapping[str, Any], reason: str, value: str | None) -> dict[str, Any]:
    """The reject of a function; its value begins with the function's name."""
    named = row.get("qualname")
    detail = f"{named} {value or ''}".strip()[:200]
    same = {name: row[name] for name in ("repo", "path", "commit")}
    return same | {"sha256": None, "reason": reason, "value": detail, "kept_sha256": None}


def _draft(
    function: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], sources: ProjectSources
) -> Draft:
    """The problem of one function; raises Rejected."""
    _check_policy(function)
    module = sources.module(function["path"])
    definition = module.definition(function["line"], function["qualname"])
    entry = entry_text(definition)
    if not MIN_LINES <= entry.lines <= MAX_LINES:
        raise Rejected("too_long" if entry.lines > MAX_LINES else "too_short", str(entry.lines))
    if is_constant(definition):
        raise Rejected("constant_body", None)
    cases = _cases(function, rows, definition)
    return _with_context(function, rows[0], module, sources, definition, entry, cases)


def _check_policy(function: Mapping[str, Any]) -> None:
    """Raise Rejected for a function that is never made a problem."""
    name = function["qualname"].rpartition(".")[2]
    if TEST_PATH.search(function["path"]) or function["path"] in ("setup.py", "noxfile.py"):
        raise Rejected("test_code", None)
    if function["is_library"] and TEST_TOOLS.match(function["path"]):
        raise Rejected("test_tool", None)
    if function["kind"] == "nested":
        raise Rejected("nested", None)
    if name in LIFECYCLE:
        raise Rejected("lifecycle_method", None)


def is_constant(definition: Definition) -> bool:
    """Whether a function does nothing but return a literal, such as generated ones do."""
    body = [s for s in definition.node.body if not _is_docstring(s)]
    if len(body) != 1 or not isinstance(body[0], ast.Return | ast.Pass | ast.Expr):
        return not body
    value = getattr(body[0], "value", None)
    return value is None or not any(
        isinstance(node, ast.Name | ast.Call | ast.Yield | ast.YieldFrom | ast.JoinedStr)
        for node in walk(value)
    )


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _cases(
    function: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], definition: Definition
) -> list[TracedCase]:
    """The cases that can be written; raises Rejected with the commonest reason if none can."""
    cases, reasons = list[TracedCase](), list[str]()
    bound = function["kind"] == "class_method"
    for row in rows:
        try:
            if bound and not _is_own_class(row, function):
                raise Rejected("opaque_argument", "of a subclass")
            cases.append(case_of(row, definition.node, bound))
        except Rejected as error:
            reasons.append(error.reason)
    steady = chosen_cases(cases, MAX_CASES)
    if cases and not steady:
        raise Rejected("not_deterministic", "one call, several outcomes")
    if len(steady) < MIN_CASES:
        raise Rejected(max(sorted(set(reasons)), key=reasons.count), f"all {len(rows)} calls")
    return steady


def _is_own_class(row: Mapping[str, Any], function: Mapping[str, Any]) -> bool:
    """Whether a class method was called on the class that defines it."""
    owner = function["qualname"].rpartition(".")[0]
    return bool(row["arguments"]) and row["arguments"][0]["value"] == (
        f"ref({function['module']!r}, {owner!r})"
    )


def _with_context(
    function: Mapping[str, Any],
    row: Mapping[str, Any],
    module: SourceModule,
    sources: ProjectSources,
    definition: Definition,
    entry: EntryText,
    cases: Sequence[TracedCase],
) -> Draft:
    """The draft with the context of the function: sliced, or else imported from the project."""
    usable = [case for case in cases if not any(m == "__main__" for m, _ in case.references())]
    if not usable:
        raise Rejected("opaque_argument", "of classes of a script")
    wanted = {pair for case in usable for pair in case.references() if sources.is_own(pair[0])}
    parts = _Parts(function, row, module, definition, entry, tuple(usable), frozenset(wanted))
    in_package = None
    if module.name and posixpath.basename(module.path) != "__main__.py":
        in_package = parts.draft(_imported(module, definition, entry), "package")
    try:
        context = Slicer(sources, module, definition).context(entry.text, wanted)
    except Rejected as error:
        if error.reason != "needs_package" or in_package is None:
            raise
        return in_package
    level = "third_party" if context.requires else "standalone"
    return replace(parts.draft(context, level), in_package=in_package)


@dataclass(frozen=True)
class _Parts:
    """What a draft is made of, but for its context."""

    function: Mapping[str, Any]
    row: Mapping[str, Any]
    module: SourceModule
    definition: Definition
    entry: EntryText
    cases: tuple[TracedCase, ...]
    wanted: frozenset[tuple[str, str]]  # classes and functions of the project in the cases

    def draft(self, context: Context, level: str) -> Draft:
        """The draft with a context."""
        function, entry, definition = self.function, self.entry, self.definition
        before = joined("\n".join(context.imports), *context.before).lstrip("\n")
        shown = joined(before, entry.shown)
        solution = entry.body + ("\n\n" + joined(*context.after) if context.after else "")
        entry_point = _entry_point(function["qualname"], definition)
        columns = {name: self.row[name] for name in ("repo", "commit")} | {
            "source": "ci",
            "path": function["path"],
            "title": function["qualname"],
            "slug": f"{function['module']}.{function['qualname']}",
            "statement": (entry.docstring or "").strip(),
            "needs_picture": needs_picture(entry.docstring or ""),
            "kind": "function",
            "entry_point": entry_point,
            "signature": entry.signature,
            "prompt": shown,
            "canonical_solution": solution,
            "solutions": [shown + solution],
            "wrong_solutions": [],
            "requires": sorted(context.requires),
            "level": level,
            "qualname": function["qualname"],
            "start_line": first_line(definition.node),
            "end_line": definition.node.end_lineno,
            "docstring": entry.docstring,
            "context": before,
            "is_library": function["is_library"],
        }
        own = self.wanted
        if level == "package":
            own = _of_entry(own, self.module, definition)
        modules = frozenset({self.module.name, *(module for module, _ in self.wanted)})
        names = ProgramNames(own)
        return Draft(shown + solution, entry_point, self.cases, names, columns, modules)


def _of_entry(
    wanted: Iterable[tuple[str, str]], module: SourceModule, definition: Definition
) -> frozenset[tuple[str, str]]:
    """What of the wanted the entry's own statement defines; the rest is imported."""
    name = getattr(definition.statement.node, "name", "")
    return frozenset((m, n) for m, n in wanted if m == module.name and n.partition(".")[0] == name)


def _entry_point(qualname: str, definition: Definition) -> str:
    """The expression by which a program names a function, also one that a property holds."""
    owner, _, name = qualname.rpartition(".")
    if owner and name.startswith("__") and not name.endswith("__"):
        name = f"_{owner.lstrip('_')}{name}"
    names = [holder for name in definition.decorators for holder in (name, name.rpartition(".")[2])]
    holder = next((HOLDERS[each] for each in names if each in HOLDERS), "")
    return f"{owner}.{name}{holder}" if owner else name + holder


def _imported(module: SourceModule, definition: Definition, entry: EntryText) -> Context:
    """The context of a function that imports what it needs from its own module."""
    bound = {name for statement in definition.statements for name in statement.bound_names}
    needed = (global_names(entry.text) & bound) - definition.statement.bound_names
    imports = [f"from {module.name} import {name}" for name in sorted(needed - {"annotations"})]
    if any("annotations" in s.bound_names and s.is_import for s in definition.statements):
        imports.insert(0, "from __future__ import annotations")
    return Context(tuple(imports), (), (), frozenset({module.name.partition(".")[0]}))
