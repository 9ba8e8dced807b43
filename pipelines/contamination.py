"""contamination: texts against evaluation sets; hits, eval_tasks, removed, and a report."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipelines.running.job import Job, Stage, config_of, limited
from pipelines.running.run_stage import run_stage
from transforms.contamination import DATASETS, REPORT, STAGE
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EVALS, EvalSet, field_map, read_eval
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import matching_files

if TYPE_CHECKING:
    from transforms.contamination.stage import FindContamination
    from transforms.contamination.units import Table

FOUND = 4  # exit code
SETS = ", ".join(name for name, _ in EVALS)
EPILOG = f"""evaluation sets:
  {SETS}
  any other NAME=PATH is JSON Lines with task_id, doc, solutions, tests, entry_point,
  or with the fields that --fields names; humaneval needs no path

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
        help="an evaluation set (default: humaneval)",
    )
    parser.add_argument(
        "--fields",
        metavar="FIELD=NAME,…",
        default="",
        help="which fields a set of your own has",
    )
    parser.add_argument("--files", metavar="GLOB", help="check this Parquet or JSON Lines in place")
    parser.add_argument(
        "--column",
        metavar="NAME[,NAME…]",
        default="content",
        help="its columns with text (default: content)",
    )
    parser.add_argument(
        "--policy",
        choices=("report", "drop"),
        default="report",
        help="drop: `removed` names what training must leave out",
    )
    parser.add_argument("--fail-on-hit", action="store_true", help="exit 4 if there is a hit")
    parser.add_argument("--stoplist", metavar="FILE", help="instead of the one that ships")


def run(options: Namespace) -> int:
    """Run the stage; returns 0, or 4 for a hit with --fail-on-hit."""
    return run_stage(STAGE, options, plan, lambda data: _finish(data, options.fail_on_hit))


def read_sets(specs: list[str] | None, fields: str) -> list[EvalSet]:
    """The evaluation sets that were asked for. Raises UsageError if one is named twice."""
    specs = specs or ["humaneval"]
    names = [spec.partition("=")[0] for spec in specs]
    if len(set(names)) < len(names):
        raise UsageError("--eval: one NAME twice; a set of your own may have any other NAME")
    return [read_eval(spec, field_map(fields)) for spec in specs]


def plan(data: Storage, options: Namespace) -> Job:
    """The units of the datasets that are there, or of the files that --files names."""
    # Kernels take half a second to load: a wrong flag is told before that.
    from transforms.contamination.check import INDEX, Check, config_settings
    from transforms.contamination.patterns.index import save
    from transforms.contamination.patterns.stoplist import read_stoplist
    from transforms.contamination.units import plan_texts

    sets = tuple(read_sets(options.evals, options.fields))
    units, tables, inputs = plan_texts(_tables(data, options))
    units = list(limited(units, options))
    check = Check(sets, read_stoplist(options.stoplist), options.policy)

    def begin(stage: Stage) -> None:
        data.delete(REPORT)
        data.put(INDEX, save(check.index()))

    def transform(plan: Plan, config: str, spill: Storage | None) -> "FindContamination":
        from transforms.contamination.stage import FindContamination

        conclusion = check.conclusion((tables.of(units[0]), units[0]))
        return FindContamination(plan, config, tables, options.policy == "drop", conclusion)

    return Job(
        DATASETS,
        config_of(config_settings(inputs, len(units), check)),
        units,
        transform,
        f"contamination: {len(units)} units against {len(check.tasks)} tasks, into {data.path()}",
        markers=2 * len(units) + 1,
        begin=begin,
        without_units=lambda stage: check.without_texts(data, stage.config),
    )


def _tables(data: Storage, options: Namespace) -> "list[tuple[Table, list[str]]]":
    """The tables to check, each with its files: those named, or the datasets that are there."""
    from transforms.contamination.units import CHECKED, Table

    if options.files:
        columns = tuple(options.column.split(","))
        return [(Table("files", "row", columns, "\n"), matching_files(options.files))]
    tables = [table for table in CHECKED if read_manifest(data, table.dataset)]
    if not tables:
        raise UsageError(
            f"{data.path()}: no `corpus` here; run `quire corpus {data.root}` first, "
            "or name Parquet or JSON Lines with --files"
        )
    root = data.root.rstrip("/")
    return [
        (table, [f"{root}/{name}" for name in shard_paths(data, table.dataset)]) for table in tables
    ]


def _finish(data: Storage, fail_on_hit: bool) -> int:
    with connect(data) as connection:
        query = "SELECT count(DISTINCT (suite, task_id)), count(DISTINCT (dataset, repo, path, "
        query += "\"commit\", sha256)) FROM hits WHERE verdict = 'hit'"
        tasks, texts = connection.execute(query).fetchone() or (0, 0)
    print(
        f"contamination: {texts:,} texts hold {tasks:,} evaluation tasks; see {data.path(REPORT)}",
        file=sys.stderr,
    )
    return FOUND if fail_on_hit and texts else 0
