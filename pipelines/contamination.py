"""contamination: texts against evaluation sets; hits, eval_tasks, removed, and a report."""

import os
import sys
from argparse import ArgumentParser, Namespace

from apache_beam import Pipeline

from pipelines.running import launch
from transforms.contamination import verdict
from transforms.contamination.grams.ngrams import SCHEME
from transforms.contamination.patterns import task_patterns
from transforms.contamination.patterns.stoplist import Stoplist, read_stoplist
from transforms.contamination.patterns.task_index import TaskIndex, dump_index, make_index
from transforms.contamination.report.markdown import REPORT, CheckSettings
from transforms.contamination.report.selftest import sample_tasks
from transforms.contamination.stage import DATASETS, INDEX, STAGE, FindContamination
from transforms.contamination.summary import ReportInputs, summarise
from transforms.contamination.units import (
    CHECKED_DATASETS,
    PlannedTables,
    TextTable,
    plan_texts,
)
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EVAL_SETS, EvalSet, field_map, read_eval
from transforms.lib.skeleton.catalog import connect, write_catalog
from transforms.lib.skeleton.plan import leave_plan
from transforms.lib.skeleton.shards import VERSION, UnitShards, commit, read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit, matches

HELP = "check texts against evaluation sets: hits, eval_tasks, removed, a report"
FOUND = 4  # exit code
SETS = ", ".join(name for name, _ in EVAL_SETS)
EPILOG = f"""evaluation sets:
  {SETS}
  All but humaneval need a path. Any other NAME=PATH is a set of your own: JSON Lines
  with the fields task_id, doc, solutions, tests, entry_point, or as --fields names them.

examples:
  quire contamination ./data                              corpus against HumanEval
  quire contamination ./data --eval humaneval --eval mbpp=mbpp.jsonl --policy drop
  quire contamination ./out --files 'mine/*.jsonl' --column prompt,answer --fail-on-hit
  quire contamination ./data --eval ours=tasks.jsonl --fields doc=question,solutions=answer
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--eval",
        action="append",
        metavar="NAME[=PATH]",
        dest="evals",
        help="an evaluation set; may be given several times (default: humaneval)",
    )
    parser.add_argument(
        "--fields",
        metavar="FIELD=NAME,…",
        default="",
        help="names of the fields in a set of your own",
    )
    parser.add_argument(
        "--files",
        metavar="GLOB",
        help="check these Parquet or JSON Lines files, not DATA's datasets",
    )
    parser.add_argument(
        "--column",
        metavar="NAME[,NAME…]",
        default="content",
        help="columns of --files that hold text (default: content)",
    )
    parser.add_argument(
        "--policy",
        choices=("report", "drop"),
        default="report",
        help="drop: list in `removed` what training must leave out (default: report)",
    )
    parser.add_argument(
        "--fail-on-hit", action="store_true", help="exit with 4 if a text holds a task"
    )
    parser.add_argument(
        "--stoplist",
        metavar="FILE",
        help="what is common in code (default: the list that comes with quire)",
    )


def run(options: Namespace) -> int:
    """Run the stage; 0 when its datasets are committed, or 4 for a hit with --fail-on-hit."""
    launch.ready_workers(STAGE, options)
    data = Storage(options.data)
    sets = read_sets(options)
    units, tables, inputs = plan_texts(found(data, options))
    units = units[: options.limit] if options.limit else units
    stoplist = read_stoplist(options.stoplist)
    config = _config(inputs, len(units), sets, stoplist, options.policy)
    stage = launch.Stage(STAGE, data, DATASETS, config)
    tasks = [task for each in sets for task in each.tasks]
    if options.dry_run:
        print(f"contamination: {len(units)} units against {len(tasks)} tasks, into {data.path()}")
        return 0
    with launch.lock(data):
        if launch.prepare(stage, options):
            data.delete(REPORT)
            settings = _settings(sets, stoplist, options.policy)
            hosts = (tables.of(units[0]), units[0]) if units else None
            report_inputs = ReportInputs(settings, tuple(sample_tasks(tasks)), hosts)
            _check(stage, options, units, tables, make_index(tasks, stoplist), report_inputs)
        write_catalog(data)  # always: an earlier run may have ended just before
    return _tell(data, options.fail_on_hit)


def read_sets(options: Namespace) -> list[EvalSet]:
    """The evaluation sets that were asked for."""
    specs = options.evals or ["humaneval"]
    names = [spec.partition("=")[0] for spec in specs]
    if len(set(names)) < len(names):
        raise UsageError("--eval: a NAME is given twice; a set of your own may have any other NAME")
    return [read_eval(spec, field_map(options.fields)) for spec in specs]


def found(data: Storage, options: Namespace) -> list[tuple[TextTable, list[str]]]:
    """What is checked, in which files: those that were named, or the datasets that are there."""
    if options.files:
        columns = tuple(options.column.split(","))
        return [(TextTable("files", "row", columns, "\n"), matches(options.files))]
    there = [table for table in CHECKED_DATASETS if read_manifest(data, table.dataset)]
    if not there:
        raise UsageError(
            f"{data.path()}: no `corpus` here; run `quire corpus {data.root}` first, "
            "or name Parquet or JSON Lines with --files"
        )
    root = data.root.rstrip("/")
    return [
        (table, [f"{root}/{name}" for name in shard_paths(data, table.dataset)]) for table in there
    ]


def _check(
    stage: launch.Stage,
    options: Namespace,
    units: list[Unit],
    tables: PlannedTables,
    index: TaskIndex,
    report_inputs: ReportInputs,
) -> None:
    if not units:  # nothing would flow, not even to the commit
        shards = UnitShards(stage.data, STAGE, "tasks", stage.config)
        shards.write("eval_tasks", summarise(stage.data, STAGE, [], index, report_inputs))
        commit(stage.data, STAGE, DATASETS, stage.config, shards.commit()["shards"])
        return

    def find(pipeline: Pipeline) -> object:
        stage.data.put(INDEX, dump_index(index))
        plan, drop = leave_plan(stage.data, STAGE, units), options.policy == "drop"
        return pipeline | FindContamination(plan, stage.config, tables, drop, report_inputs)

    launch.run(stage, options, find, len(units), 2 * len(units) + 1)


def _settings(sets: list[EvalSet], stoplist: Stoplist, policy: str) -> CheckSettings:
    files = tuple((each.suite, os.path.basename(each.path), each.sha256) for each in sets)
    return CheckSettings(files, f"sha256 {stoplist.sha256} ({stoplist.sizes})", policy)


def _config(inputs: str, units: int, sets: list[EvalSet], stoplist: Stoplist, policy: str) -> str:
    """A digest of all that decides the bytes of this stage."""
    tasks = [(each.suite, each.sha256, [task.sha256 for task in each.tasks]) for each in sets]
    thresholds = [
        verdict.STRONG_THRESHOLDS,
        verdict.WEAK_THRESHOLDS,
        verdict.FAINT_THRESHOLDS,
        task_patterns.MIN_STRONG_TREE_NODES,
    ]
    settings = [VERSION, SCHEME, inputs, units, tasks, stoplist.sha256, policy, thresholds]
    return launch.config_of(settings)


def _tell(data: Storage, fail: bool) -> int:
    with connect(data) as connection:
        query = "SELECT count(DISTINCT (suite, task_id)), count(DISTINCT (dataset, repo, path, "
        query += "\"commit\", sha256)) FROM hits WHERE verdict = 'hit'"
        tasks, held = connection.execute(query).fetchone() or (0, 0)
    print(
        f"contamination: {held:,} texts hold {tasks:,} evaluation tasks; see {data.path(REPORT)}",
        file=sys.stderr,
    )
    return FOUND if fail and held else 0
