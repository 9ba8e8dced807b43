"""Tests of one project in the sandbox: its recipes, the attempts, and the calls of the best one."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from transforms.ci.attempt import GREEN, Attempt, Checkout, Workshop
from transforms.ci.attempt_journal import AttemptJournal
from transforms.ci.attempts import CHANGED, attempts, recorded
from transforms.ci.call_records import read_traces
from transforms.ci.ci_rows import attempt_row, recipe_row, unreadable_row
from transforms.ci.kept_project import KeptProject
from transforms.ci.next_attempt import best, rungs_of
from transforms.ci.project_age import day_of
from transforms.ci.project_sources import ProjectSources
from transforms.ci.recipe import Recipe
from transforms.ci.recipes import Unreadable, find_recipes
from transforms.ci.steps import RunTox
from transforms.ci.units import ProjectUnit
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.problems.lent_environment import lent_zip

Row = dict[str, Any]


@dataclass
class ProjectRows:
    """What came of a project: rows of `recipes`, `environments` and `calls`."""

    recipes: list[Row] = field(default_factory=list)
    environments: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class ProjectTests:
    """Tests the project of a unit. `say` is told of each attempt as it ends."""

    unit: ProjectUnit
    kept: KeptProject
    workshop: Workshop
    store: ArchiveStore
    journal: AttemptJournal
    say: Callable[[str], None]
    dropped: Counter[str] = field(default_factory=Counter)  # lines of traces, by reason

    def run(self, run_tox: RunTox, *, recipes_only: bool = False) -> ProjectRows:
        """The rows of the project; those of `recipes` alone, if only they are asked for."""
        project = self.kept.project
        recipes, unreadable = find_recipes(project.tree, run_tox)
        tested = ProjectRows(self._recipe_rows(recipes, unreadable))
        if recipes and not recipes_only:
            day = day_of(project, self.kept.modules, self.workshop.proxy.index)
            tried, chosen = self._tried(replace(project, committed=day), recipes)
            tested.calls = self._calls(chosen) if chosen else []
            tested.environments = [self._environment_row(each, chosen) for each in tried]
        return tested

    def _same(self) -> Row:
        names = ("repo", "commit", "archive_sha256")
        return {name: getattr(self.unit, name) for name in names}

    def _recipe_rows(
        self, recipes: Sequence[Recipe], unreadable: Sequence[Unreadable]
    ) -> list[Row]:
        project, available = self.kept.project, list(self.workshop.interpreters)
        rows = []
        for rank, recipe in enumerate(recipes, 1):
            rungs = rungs_of(recipe, project, recipes, available)
            first = next((rung.python for rung in rungs), None)
            rows.append(self._same() | recipe_row(recipe, rank, first))
        return rows + [self._same() | unreadable_row(each) for each in unreadable]

    def _tried(
        self, project: Checkout, recipes: Sequence[Recipe]
    ) -> tuple[list[Attempt], Attempt | None]:
        """The attempts, without environments, and the one whose calls are taken."""
        workshop = self.workshop
        tried = self.journal.read(project, recipes, workshop.interpreters, workshop.proxy.socket)
        leading = best(tried)
        for attempt in attempts(workshop, project, recipes, tuple(tried)):
            self.say(told(attempt))
            if attempt.state != GREEN:
                self.journal.put(attempt)
            if best([*filter(None, [leading]), attempt]) is attempt:
                leading = attempt
            tried.append(_light(attempt))
        if leading and (leading.state != GREEN or leading.cause):
            leading = recorded(workshop, project, leading)
        if leading:
            tried[leading.number - 1] = _light(leading, traced=True)
        return tried, leading

    def _environment_row(self, attempt: Attempt, chosen: Attempt | None) -> Row:
        is_chosen = chosen is not None and attempt.number == chosen.number
        row = self._same() | attempt_row(attempt, chosen=is_chosen)
        return row | {
            "modules_sha256": self._modules(chosen) if is_chosen and chosen else None,
            "lines_dropped": sorted(self.dropped.items()) if is_chosen else [],
        }

    def _modules(self, chosen: Attempt) -> str | None:
        """The sha256 of the modules that problems of the project are lent; they go to the store."""
        content = None
        if chosen.environment and chosen.traces:
            content = lent_zip(chosen.environment, chosen.tree, chosen.build.rung.python)
        return self.store.put(content) if content else None

    def _calls(self, chosen: Attempt) -> list[Row]:
        if chosen.cause and chosen.cause.name == CHANGED:
            return []
        sources = ProjectSources.of(self.kept.modules)
        reading = read_traces(
            list(chosen.traces.values()),
            sources.paths,
            repo=self.unit.repo,
            commit=self.unit.commit,
            python=chosen.build.rung.python,
            kinds=sources.method_kinds(),
        )
        self.dropped.update(reading.dropped)
        return reading.rows


def _light(attempt: Attempt, *, traced: bool = False) -> Attempt:
    """The attempt without what is large; the names of its traces stay, if they were taken."""
    traces: Mapping[str, bytes] = dict.fromkeys(attempt.traces, b"") if traced else {}
    return replace(attempt, environment=b"", tree=b"", traces=traces)


def told(attempt: Attempt) -> str:
    """What came of an attempt, in a line.

    "attempt 1 (travis>tox, Python 3.12, today): green, 214 tests passed, 31 s" for one.
    """
    build = attempt.build
    tests = f"{len(attempt.names('passed'))} tests passed"
    if failed := len(attempt.names("failed")):
        tests += f", {failed} failed"
    cause = f", {attempt.cause.name}" if attempt.cause else ""
    return (
        f"attempt {attempt.number} ({build.recipe.source}, Python {build.rung.python}, "
        f"{build.rung.name}): {attempt.state.replace('_', ' ')}{cause}, {tests}, "
        f"{attempt.seconds:.0f} s"
    )
