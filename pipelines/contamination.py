"""contamination: texts against evaluation sets; hits, eval_tasks, removed, and a report."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipelines.running.job import Job, Stage, config_of, limited
from pipelines.running.run_stage import run_stage
from transforms.contamination import DATASETS, REPORT, STAGE
from transforms.lib.detection.policy import read_policy
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EVAL_SETS, EvalSet, field_map, read_eval
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.input_names import left_out, matching_files
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import read_manifest, shard_files
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from transforms.contamination.stage import FindContamination
    from transforms.contamination.text_tables import TextTable

FOUND, UNCHECKED = 4, 3  # exit codes
FOUND_QUERY = """
SELECT count(DISTINCT (suite, task_id)) FILTER (WHERE channel <> 'R'),
       count(DISTINCT (dataset, repo, path, "commit", sha256, filename, file_row_number))
           FILTER (WHERE channel <> 'R'),
       count(DISTINCT (dataset, repo)) FILTER (WHERE channel = 'R')
FROM hits WHERE verdict = 'hit'
"""
UNCHECKED_QUERY = "SELECT count(*) FROM rejects_contamination WHERE reason <> 'null_content'"
SETS = ", ".join(name for name, _ in EVAL_SETS)
EPILOG = f"""evaluation sets:
  {SETS}
  All but humaneval need a path. Any other NAME=PATH is a set of your own: JSON Lines
  with the fields task_id, doc, solutions, tests, entry_point, or as --fields names them.

examples:
  quire contamination ./data                              corpus against HumanEval
  quire contamination ./data --eval humaneval --eval mbpp=mbpp.jsonl --policy drop
  quire contamination ./out --files 'mine/*.jsonl' --column prompt,answer --fail-on-hit
  quire contamination ./out --files chats.jsonl.zst --column 'messages[].content' --id uuid
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
        help="check these files, not DATA's datasets: a path, a folder, a glob or a URL of "
        "Parquet, Arrow, JSON, CSV or text, plain or compressed",
    )
    parser.add_argument(
        "--column",
        metavar="NAME[,NAME…]",
        default="content",
        help="columns of --files that hold text, or fields inside them, such as "
        "messages[].content (default: content)",
    )
    parser.add_argument(
        "--id",
        metavar="COLUMN",
        default="",
        help="column of --files that says which row it is; hits, removed and rejects repeat it",
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
    """Run the stage; returns 0, or 4 for a hit with --fail-on-hit, or 3 for unchecked texts."""
    return run_stage(STAGE, options, plan, lambda data: _finish(data, options.fail_on_hit))


def read_sets(specs: list[str] | None, fields: str) -> list[EvalSet]:
    """The evaluation sets that --eval names. Raises UsageError if one is named twice."""
    specs = specs or ["humaneval"]
    names = [spec.partition("=")[0] for spec in specs]
    if len(set(names)) < len(names):
        raise UsageError("--eval: a NAME is given twice; a set of your own may have any other NAME")
    return [read_eval(spec, field_map(fields)) for spec in specs]


def plan(data: Storage, options: Namespace) -> Job:
    """The units of the datasets that are there, or of the files that --files names."""
    # Kernels take half a second to load: a wrong flag is reported before that.
    from transforms.contamination.patterns.stoplist import read_stoplist
    from transforms.contamination.patterns.task_index import dump_index
    from transforms.contamination.planned_check import INDEX, PlannedCheck, config_settings
    from transforms.contamination.units import plan_texts
    from transforms.lib.detection.policy_settings import policy_settings

    sets = tuple(read_sets(options.evals, options.fields))
    named = _tables(data, options)
    read = [] if options.files else [table.dataset for table, _ in named]
    units, tables, inputs = plan_texts(named)
    units = list(limited(units, options))
    check = PlannedCheck(sets, read_stoplist(options.stoplist), options.policy)
    secrets = read_policy(data)

    def begin(stage: Stage) -> None:
        data.delete(REPORT)
        data.put(INDEX, dump_index(check.index()))

    def transform(plan: Plan, config: str, spill: Storage | None) -> "FindContamination":
        from transforms.contamination.stage import FindContamination

        inputs = check.report_inputs((tables.of(units[0]), units[0]))
        drop = options.policy == "drop"
        return FindContamination(plan, config, tables, drop, inputs, secrets)

    return Job(
        DATASETS,
        config_of([*config_settings(inputs, options.limit, check), *policy_settings(secrets)]),
        units,
        transform,
        f"contamination: {len(units)} units against {len(check.tasks)} tasks, into {data.path()}",
        files=[file for _, files in named for file in files] if options.files else (),
        markers=2 * len(units) + 1,
        begin=begin,
        without_units=lambda stage: check.without_texts(data, stage.config),
        inputs=read_inputs(data, [*read, "secrets"]),
    )


def _tables(data: Storage, options: Namespace) -> "list[tuple[TextTable, list[str]]]":
    """The tables to check, each with its files: those named, or the datasets that are there."""
    from transforms.contamination.text_tables import CHECKED_DATASETS

    if options.files:
        return [_own_table(options)]
    tables = [table for table in CHECKED_DATASETS if read_manifest(data, table.dataset)]
    if not tables:
        raise UsageError(
            f"{data.path()}: no `corpus` here; run `quire corpus {data.root}` first, "
            "or name Parquet or JSON Lines with --files"
        )
    return [(table, shard_files(data, table.dataset)) for table in tables]


def _own_table(options: Namespace) -> "tuple[TextTable, list[str]]":
    """The files that --files names, as a table of texts."""
    from transforms.contamination.text_tables import TextTable, input_names
    from transforms.lib.records.file_kinds import is_known

    columns = tuple(name.strip() for name in options.column.split(",") if name.strip())
    if not columns:
        raise UsageError(f"--column {options.column!r}: names no column")
    files = matching_files(options.files, is_known)
    if others := left_out(options.files, is_known):
        print(f"contamination: {others}", file=sys.stderr)
    names = input_names(options.files, files)
    return TextTable("files", "row", columns, "\n", options.id, names), files


def _finish(data: Storage, fail_on_hit: bool) -> int:
    """Say what was found; returns the exit code. A text that was not checked is no clean one."""
    with connect(data) as connection:
        tasks, texts, repositories = connection.execute(FOUND_QUERY).fetchone() or (0, 0, 0)
        unchecked = connection.execute(UNCHECKED_QUERY).fetchone() or (0,)
    whole = f" and {repositories:,} repositories most names of a set" if repositories else ""
    print(
        f"contamination: {texts:,} texts hold {tasks:,} evaluation tasks{whole}; "
        f"see {data.path(REPORT)}",
        file=sys.stderr,
    )
    if unchecked[0]:
        print(
            f"contamination: {unchecked[0]:,} texts could not be checked; "
            "rejects/contamination names them",
            file=sys.stderr,
        )
    if fail_on_hit and (texts or repositories):
        return FOUND
    return UNCHECKED if unchecked[0] else 0
