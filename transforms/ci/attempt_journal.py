"""Attempts of a project that is not done yet, each kept as it ends: a killed run goes on there.

Only what decides the next attempt is kept, as JSON: no environment and no traces. A green attempt
is the last one, and its rows are committed at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from transforms.ci import STAGE
from transforms.ci.attempt import Attempt, Checkout
from transforms.ci.build_orders import Build
from transforms.ci.causes import Cause
from transforms.ci.ladder import Rung
from transforms.ci.recipe import Recipe
from transforms.ci.repairs import Repairs
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage

PLAIN_FIELDS = ("number", "rank", "state", "way", "tests", "log", "seconds", "cpu", "tests_cpu")


@dataclass(frozen=True)
class AttemptJournal:
    """The attempts of the project of one unit, under one configuration."""

    data: Storage
    unit: str
    config: str

    def _name(self, number: int) -> str:
        return f"_work/{STAGE}/attempts/{self.unit}/{number}.json"

    def put(self, attempt: Attempt) -> None:
        """Keep an attempt that is not green."""
        self.data.put_json(self._name(attempt.number), {"config": self.config} | _packed(attempt))

    def read(
        self,
        project: Checkout,
        recipes: Sequence[Recipe],
        interpreters: Mapping[str, str],
        index: str,
    ) -> list[Attempt]:
        """The attempts in order; none from the first one on that is damaged or of another run."""
        found: list[Attempt] = []
        while kept := self._kept(len(found) + 1):
            recipe, rung = recipes[kept["rank"] - 1], _rung(kept["rung"])
            interpreter = interpreters[rung.python]
            build = Build(recipe, rung, project.tree, interpreter, index, project.version)
            found.append(_unpacked(kept, build))
        return found

    def _kept(self, number: int) -> dict[str, Any] | None:
        try:
            kept = self.data.read_json(self._name(number))
        except UsageError:  # cut off by a power failure
            return None
        return kept if isinstance(kept, dict) and kept.get("config") == self.config else None


def _packed(attempt: Attempt) -> dict[str, Any]:
    rung = asdict(attempt.build.rung)
    rung["before"] = rung["before"] and rung["before"].isoformat()
    return {name: getattr(attempt, name) for name in PLAIN_FIELDS} | {
        "rung": rung,
        "cause": attempt.cause and [attempt.cause.name, attempt.cause.line],
        "repairs": asdict(attempt.repairs),
        "unstable": attempt.unstable,
        "lock": [dict(row) for row in attempt.lock],
    }


def _rung(kept: dict[str, Any]) -> Rung:
    return Rung(**kept | {"before": kept["before"] and date.fromisoformat(kept["before"])})


def _unpacked(kept: dict[str, Any], build: Build) -> Attempt:
    given: dict[str, Any] = kept["repairs"]
    lists = {name: tuple(given[name]) for name in ("more", "folders")}
    repairs = Repairs(**given | lists)
    return Attempt(
        **{name: kept[name] for name in PLAIN_FIELDS},
        build=replace(build, more=repairs.more, all_extras=repairs.all_extras),
        cause=Cause(*kept["cause"]) if kept["cause"] else None,
        repairs=repairs,
        unstable=tuple(kept["unstable"]),
        lock=kept["lock"],
    )
