"""Projects to recipes, environments, recorded calls and problems with unit tests (section 4.2).

A work unit is a project. A worker reads its archive, makes an environment, runs its tests in the
sandbox while calls are recorded, and makes problems of the calls; each attempt is kept as it ends.
Functions of libraries, which many projects call, then meet by digests of their rows.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq

from schemas import CI_PROBLEMS, by_name, rejects
from transforms.ci import DATASETS, MADE, RECIPES_ONLY, STAGE, TRACED
from transforms.ci.attempt import Workshop
from transforms.ci.attempt_journal import AttemptJournal
from transforms.ci.interpreters import interpreters
from transforms.ci.kept_project import NO_TREE, KeptProject, NoTree, read_kept_project
from transforms.ci.library_sources import distributions, library_sources
from transforms.ci.made_problems import MadeProblems, ProblemMaker, project_reject, project_rejects
from transforms.ci.package_proxy import PackageProxy, RemoteIndex
from transforms.ci.problem_quota import Over, best_of_functions, digest_of_library, over_quota
from transforms.ci.project_tests import ProjectRows, ProjectTests
from transforms.ci.replay import ReplaySandboxes
from transforms.ci.said import say
from transforms.ci.said_secrets import shown_environments
from transforms.ci.tox_inside import tox_inside
from transforms.ci.traced_problems import reject_row
from transforms.ci.units import ProjectUnit
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.detection.policy import Policy
from transforms.lib.detection.shown_texts import shown_rows
from transforms.lib.network.fetch import Fetcher
from transforms.lib.problems.lent_environment import NotLent, lent_file
from transforms.lib.problems.problem_secrets import apply_policy
from transforms.lib.sandbox import Sandbox
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.exchange import Keyed, Packed
from transforms.lib.skeleton.plan import Plan, send_unit
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished, own_shard, read_manifest
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.write_units import WriteUnits

REJECTS = rejects(STAGE)
NO_SHARDS: dict[str, list[dict[str, str]]] = {"shards": []}
PARTITIONS = 64  # of library functions, by their names

Row = dict[str, Any]


@dataclass(frozen=True)
class CiSettings:
    """What the flags of the command say.

    `pythons` are folders of interpreters, `per_repository` and `of_libraries` the quotas, 0 for
    none, and `slots` how many workers share the request rate of the index. `policy` says what is
    done about secrets, None where `secrets` has not run.
    """

    pythons: tuple[str, ...] = ()
    per_repository: int = 0
    of_libraries: int = 0
    slots: int = 1
    policy: Policy | None = None


@dataclass
class RunProjectTests(beam.DoFn):
    """Takes units and writes their shards of recipes, environments and calls.

    Yields the units, and under the tag `markers` the marker of each as JSON.
    """

    data: Storage
    config: str
    settings: CiSettings
    recipes_only: bool = False

    def setup(self) -> None:
        self._end = ExitStack()
        self._store = ArchiveStore(self.data)
        index = RemoteIndex(Fetcher(self._store, self.settings.slots))
        proxy = self._end.enter_context(PackageProxy(index))
        sandbox = self._end.enter_context(Sandbox())
        found = interpreters(self.settings.pythons)
        self._workshop = Workshop(sandbox, proxy, found)

    def process(self, unit: ProjectUnit) -> Iterator[Any]:
        phase = "done" if self.recipes_only else "traced"
        marker = finished(self.data, STAGE, phase, unit.name, self.config)
        yield beam.pvalue.TaggedOutput("markers", json.dumps(marker or self._test(unit, phase)))
        yield unit

    def _test(self, unit: ProjectUnit, phase: str) -> dict[str, Any]:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        tested = self._tested(unit)
        for name in TRACED:
            shards.write(name, table_of(getattr(tested, name), name))
        return shards.commit(phase)

    def _tested(self, unit: ProjectUnit) -> ProjectRows:
        try:
            kept = read_kept_project(self._store, unit)
        except NoTree:
            return ProjectRows()
        journal = AttemptJournal(self.data, unit.name, self.config)
        tests = ProjectTests(
            unit,
            kept,
            self._workshop,
            self._store,
            journal,
            lambda line: say(self.data, unit, line),
        )
        run_tox = tox_inside(self._workshop.sandbox)
        tested = tests.run(run_tox, recipes_only=self.recipes_only)
        if self.settings.policy:
            tested.environments = shown_environments(tested.environments)
        return tested

    def teardown(self) -> None:
        self._end.close()


def table_of(rows: list[Row], dataset: str) -> pa.Table:
    """Rows of a dataset as a table."""
    return pa.Table.from_pylist(rows, schema=by_name(dataset).schema)


@dataclass
class MakeProblems(beam.DoFn):
    """Takes units whose calls are written, and leaves their problems and rejects as JSON.

    Yields the digests of problems of library functions, by partitions of their names.
    """

    data: Storage
    config: str
    settings: CiSettings
    from_calls: bool

    def setup(self) -> None:
        self._store = ArchiveStore(self.data)
        self._interpreters = interpreters(self.settings.pythons)
        self._committed = _committed_shards(self.data) if self.from_calls else {}

    def process(self, unit: ProjectUnit) -> Iterator[Keyed]:
        made = _read_made(self.data, unit, self.config)
        if made is None:
            made = self._as_the_policy_says(self._made(unit))
            content = {"config": self.config, "kept": made.kept, "rejects": made.rejects}
            self.data.put_json(_made_file(unit), content)
            say(self.data, unit, f"{len(made.kept)} problems, {len(made.rejects)} rejected")
        for row in made.kept:
            if row["is_library"]:
                digest = {"unit": unit.index, **digest_of_library(row)}
                partition = zlib.crc32(row["slug"].encode()) % PARTITIONS
                yield partition, ("library", json.dumps(digest).encode())

    def _as_the_policy_says(self, made: MadeProblems) -> MadeProblems:
        """The problems and rejects with masks, as far as there is a policy."""
        policy = self.settings.policy
        if policy is None:
            return made
        rejected = shown_rows(made.rejects, ("value",))
        return MadeProblems(list(apply_policy(made.kept, policy)), rejected)

    def _made(self, unit: ProjectUnit) -> MadeProblems:
        try:
            kept = read_kept_project(self._store, unit)
        except NoTree as error:
            return MadeProblems(rejects=[project_reject(unit, NO_TREE, str(error))])
        calls, recipes, environments = (
            self._rows(unit, name) for name in ("calls", "recipes", "environments")
        )
        rejected = list(project_rejects(unit, recipes, environments, len(calls)))
        if not calls:
            return MadeProblems(rejects=rejected)
        made = self._of_calls(unit, kept, calls, next(e for e in environments if e["chosen"]))
        return MadeProblems(made.kept, [*rejected, *made.rejects])

    def _of_calls(
        self, unit: ProjectUnit, kept: KeptProject, calls: list[Row], environment: Row
    ) -> MadeProblems:
        store, lock = self._store, environment["lock"]
        interpreter = self._interpreters.get(environment["python"])
        called = {row["path"] for row in calls if row["is_library"]}
        maker = ProblemMaker(
            unit,
            kept.modules,
            library_sources(store, lock, interpreter, called),
            environment,
            self.settings.per_repository,
            lambda modules: distributions(store, lock, modules),
        )
        with ExitStack() as end:
            lent = list[str]()
            with suppress(NotLent):  # then all problems stand alone
                if environment["modules_sha256"]:
                    lent.append(end.enter_context(lent_file(store, environment["modules_sha256"])))
            return maker.make(calls, end.enter_context(ReplaySandboxes(lent)))

    def _rows(self, unit: ProjectUnit, dataset: str) -> list[Row]:
        """The rows that a unit's tests gave; none if it has no shard of them."""
        shards = self._committed.get(unit.name, [])
        if not self.from_calls:
            marker = finished(self.data, STAGE, "traced", unit.name, self.config)
            shards = [
                (shard["dataset"], shard["name"]) for shard in (marker or NO_SHARDS)["shards"]
            ]
        rows: list[Row] = []
        for _, name in filter(lambda shard: shard[0] == dataset, shards):
            with self.data.open(own_shard(self.data, STAGE, dataset, name)) as file:
                rows += pq.read_table(file, use_threads=False).to_pylist()
        return rows


def _committed_shards(data: Storage) -> dict[str, list[tuple[str, str]]]:
    """The committed shards of what was traced by their units: names of datasets and of files."""
    found: dict[str, list[tuple[str, str]]] = {}
    for dataset in TRACED:
        for shard in (read_manifest(data, dataset) or NO_SHARDS)["shards"]:
            found.setdefault(shard["unit"], []).append((dataset, shard["name"]))
    return found


def _made_file(unit: ProjectUnit) -> str:
    """The name of the file with the problems and rejects of a unit; the commit removes it."""
    return f"_work/{STAGE}/made/{unit.name}.json"


def _read_made(data: Storage, unit: ProjectUnit, config: str) -> MadeProblems | None:
    """The problems that were made of a unit under this configuration; None if none were."""
    kept: Any = data.read_json(_made_file(unit))
    if not isinstance(kept, dict) or kept.get("config") != config:
        return None
    return MadeProblems(kept["kept"], kept["rejects"])


def choose_libraries(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes the digests of one partition of library functions, and keeps one of each function.

    Yields these under the key 0, and for the others why they are dropped, by their units.
    """
    rows = [json.loads(content) for _, content in element[1]]
    best, over = best_of_functions(rows)
    for row in sorted(best, key=lambda row: str(row["slug"])):
        yield 0, ("best", json.dumps(row).encode())
    for dropped in over:
        yield _to_unit(dropped)


def limit_libraries(element: tuple[int, Iterable[Packed]], most: int) -> Iterator[Keyed]:
    """Takes one digest of each library function of all projects; yields those over the quota."""
    rows = [json.loads(content) for _, content in element[1]]
    for dropped in over_quota(rows, most):
        yield _to_unit(dropped)


def _to_unit(dropped: Over) -> Keyed:
    row, reason, value = dropped
    return row["unit"], ("over", json.dumps([row["problem_id"], reason, value]).encode())


@dataclass
class WriteProblems:
    """Writes the problems and rejects of a unit, given which of its library functions go."""

    config: str

    def __call__(self, shards: UnitShards, unit: ProjectUnit, messages: list[Packed]) -> None:
        made = _read_made(shards.data, unit, self.config)
        assert made is not None, unit.name
        told = [json.loads(content) for tag, content in messages if tag == "over"]
        over = {problem_id: (reason, value) for problem_id, reason, value in told}
        kept = [row for row in made.kept if row["problem_id"] not in over]
        dropped = [
            reject_row(row, *over[row["problem_id"]])
            for row in made.kept
            if row["problem_id"] in over
        ]
        shards.write(CI_PROBLEMS.name, table_of(kept, CI_PROBLEMS.name))
        shards.write(REJECTS.name, table_of([*made.rejects, *dropped], REJECTS.name))


@dataclass
class FindRecipes(beam.PTransform):
    """The units of a plan to the committed `recipes`; no test is run."""

    plan: Plan
    config: str
    settings: CiSettings

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        find = RunProjectTests(self.plan.data, self.config, self.settings, recipes_only=True)
        found = (
            pbegin
            | PlannedUnits(self.plan)
            | "Find recipes" >> beam.ParDo(find).with_outputs("markers", main="units")
        )
        markers = found.markers | "Markers" >> beam.Map(lambda x: x).with_output_types(str)
        return markers | CommitShards(self.plan.data, self.config, STAGE, RECIPES_ONLY)


@dataclass
class ProblemsFromCi(beam.PTransform):
    """The units of a plan to all committed datasets of the stage.

    With `from_calls` the committed calls are taken as they are, and no test is run.
    """

    plan: Plan
    config: str
    settings: CiSettings
    from_calls: bool = False

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data, config, settings = self.plan.data, self.config, self.settings
        units = pbegin | PlannedUnits(self.plan)
        markers, called = units | "No markers" >> beam.FlatMap(nothing), units
        if not self.from_calls:
            tested = units | "Test" >> beam.ParDo(
                RunProjectTests(data, config, settings)
            ).with_outputs("markers", main="units")
            markers, called = tested.markers, tested.units
        made = called | "Make" >> beam.ParDo(
            MakeProblems(data, config, settings, self.from_calls)
        ).with_output_types(Keyed)
        chosen = (
            made
            | "Meet functions" >> beam.GroupByKey()
            | "Choose" >> beam.FlatMap(choose_libraries).with_output_types(Keyed)
        )
        best = chosen | "Best" >> beam.Filter(is_best)
        limited = (
            best
            | "Meet libraries" >> beam.GroupByKey()
            | "Limit"
            >> beam.FlatMap(limit_libraries, settings.of_libraries).with_output_types(Keyed)
        )
        over = chosen | "Over" >> beam.Filter(lambda element: not is_best(element))
        messages = (over, limited) | "Dropped" >> beam.Flatten()
        # The problems of a unit are to be written only after they were made.
        sent = called | "Send" >> beam.Map(send_unit).with_output_types(Keyed)
        datasets = MADE if self.from_calls else DATASETS
        return (markers, messages, sent) | WriteUnits(
            self.plan, config, datasets, WriteProblems(config)
        )


def nothing(unit: ProjectUnit) -> list[str]:
    """No markers."""
    return []


def is_best(element: Keyed) -> bool:
    """Whether a row stands for its library function."""
    return element[1][0] == "best"
