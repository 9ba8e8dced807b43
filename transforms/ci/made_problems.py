"""Problems made of the calls of one project: drafts, their replay, and the quota of a project."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from transforms.ci.library_sources import LibrarySources
from transforms.ci.problem_quota import within_quota
from transforms.ci.project_sources import ProjectSources
from transforms.ci.replay import ReplaySandboxes, replay_draft
from transforms.ci.traced_problems import Draft, draft_problems, reject_row
from transforms.ci.units import ProjectUnit
from transforms.lib.licences import NO_ASSERTION, is_permissive

Row = dict[str, Any]


@dataclass
class MadeProblems:
    """Rows of `ci_problems`, and of rejects: a reject for each function that is no problem."""

    kept: list[Row] = field(default_factory=list)
    rejects: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class ProblemMaker:
    """Makes the problems of a unit. `environment` is the attempt's row of `environments`.

    `distributions` finds the distributions of top-level modules.
    """

    unit: ProjectUnit
    modules: Mapping[str, str]
    libraries: LibrarySources
    environment: Mapping[str, Any]
    per_repository: int
    distributions: Callable[[Collection[str]], Mapping[str, str]]

    def make(self, calls: Sequence[Mapping[str, Any]], sandboxes: ReplaySandboxes) -> MadeProblems:
        """The problems in the calls of the project, in their order."""
        made = MadeProblems()
        sources = ProjectSources.of(self.modules)
        drafts = draft_problems(calls, sources, self.libraries.texts)
        made.rejects += drafts.rejects
        for draft in map(self._placed, drafts.kept):
            replayed = replay_draft(draft, sandboxes)
            if replayed.row is None:
                made.rejects.append(reject_row(draft.columns, replayed.reason, replayed.value))
            else:
                made.kept.append(replayed.row)
        made.kept, over = within_quota(made.kept, self.per_repository)
        made.kept = self._lent(made.kept, sources)
        made.rejects = [self._digested(row) for row in (*made.rejects, *over)]
        return made

    def _placed(self, draft: Draft) -> Draft:
        """The draft with the columns that only the project and its library tell."""
        licence = self.unit.licence_spdx
        if draft.columns["is_library"]:
            licence = self.libraries.licence_by_path.get(draft.columns["path"], NO_ASSERTION)
        more = {
            "licence_spdx": licence,
            "redistributable": is_permissive(licence),
            "attempt": self.environment["attempt"],
        }
        inner = draft.in_package and replace(
            draft.in_package, columns={**draft.in_package.columns, **more}
        )
        return replace(draft, columns={**draft.columns, **more}, in_package=inner)

    def _lent(self, rows: Sequence[Row], sources: ProjectSources) -> list[Row]:
        """The rows; those that do not stand alone with the environment that they are lent."""
        lent = [row for row in rows if row["level"] != "standalone"]
        modules = {module for row in lent for module in row["requires"]}
        names = dict(self.distributions(modules))
        names |= {module: self.unit.repo for module in modules if sources.is_own(module)}
        for row in lent:
            row["environment"] = self.environment["modules_sha256"]
            row["requires"] = sorted({names.get(module, module) for module in row["requires"]})
        return list(rows)

    def _digested(self, row: Row) -> Row:
        """The reject with the digest of its file."""
        text = self.modules.get(row["path"])
        digest = hashlib.sha256(text.encode()).hexdigest() if text is not None else None
        return row | {"sha256": digest}


def project_rejects(
    unit: ProjectUnit, recipes: Sequence[Row], environments: Sequence[Row], calls: int
) -> Iterator[Row]:
    """Rejects of configurations that cannot be read, and of a project that gave no calls."""
    ranked = [row for row in recipes if row["rank"] is not None]
    for row in recipes:
        if row["rank"] is None:
            why = row["left_out"][0]["why"]
            yield project_reject(unit, "unreadable_configuration", f"{row['source']}: {why}")
    if not ranked:
        yield project_reject(unit, "no_recipe", "no tests were found")
    elif not calls:
        yield project_reject(unit, *_first_cause(environments))


def _first_cause(environments: Sequence[Row]) -> tuple[str, str]:
    """Why a project gave no calls: the cause of the chosen attempt, or of the first one."""
    chosen = [row for row in environments if row["chosen"]] or list(environments)
    if not chosen:
        return "no_interpreter", "no interpreter that it allows is here"
    return chosen[0]["cause"] or "no_calls", chosen[0]["cause_line"] or "no call was recorded"


def project_reject(unit: ProjectUnit, reason: str, value: str) -> Row:
    """The reject of a project as a whole."""
    row = {"repo": unit.repo, "commit": unit.commit, "path": None, "qualname": ""}
    return reject_row(row, reason, value)
