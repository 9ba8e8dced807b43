"""All units together: the rows of `eval_tasks`, the self-test, and the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from schemas import EVAL_TASKS, HITS
from transforms.contamination import REPORT, STAGE
from transforms.contamination.hit_rows import uncheckable
from transforms.contamination.patterns.task_index import TaskIndex
from transforms.contamination.patterns.task_patterns import STATE_COLUMNS
from transforms.contamination.report.markdown import CheckSettings, write_report
from transforms.contamination.report.selftest import choose_hosts, run_selftest
from transforms.contamination.repository_names import repository_rows
from transforms.contamination.tally import Tally
from transforms.contamination.units import TextTable, read_texts
from transforms.lib.eval_sets import EvalTask
from transforms.lib.skeleton.shards import own_shard
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit
from transforms.lib.text.batch import blanked

COUNTS_QUERY = """
SELECT suite, task_id,
       count(DISTINCT text) FILTER (WHERE verdict = 'hit') AS hits,
       count(DISTINCT text) FILTER (WHERE verdict = 'review') AS reviews,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'D') AS hits_doc,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'T') AS hits_tests,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'C') AS hits_code,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'A') AS hits_tree,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'X') AS hits_exact
FROM evidence GROUP BY suite, task_id
"""


@dataclass(frozen=True)
class ReportInputs:
    """What the report needs beside the hits.

    settings: what was checked, and how; leaks: tasks that the self-test leaks; hosts: a table and
    a unit of it, into whose texts it leaks them, or None if there are no texts.
    """

    settings: CheckSettings
    leaks: tuple[EvalTask, ...]
    hosts: tuple[TextTable, Unit] | None


def summarise(
    data: Storage, stage: str, units: Sequence[dict], index: TaskIndex, inputs: ReportInputs
) -> tuple[pa.Table, list[dict]]:
    """The rows of `eval_tasks`, and those of `hits` about repositories; also writes the report.

    units: the markers of all units, which name their shards of `hits`.
    """
    tally = Tally()
    for unit in units:
        tally.read(data, stage, unit["unit"])
    with duckdb.connect() as connection:
        _create_evidence_view(connection, data, units)
        tasks = task_rows(connection, index, tally)
        recalls = run_selftest(index, inputs.leaks, choose_hosts(_host_texts(inputs)))
        places = pa.array(range(len(tasks)))
        connection.register("eval_tasks", tasks.append_column("place", places))
        repositories = repository_rows(index, tally)
        report = write_report(connection, inputs.settings, tally, recalls, repositories)
        data.put(REPORT, report.encode())
    return tasks, repositories


def _host_texts(inputs: ReportInputs) -> Iterator[str]:
    for texts in read_texts(*inputs.hosts) if inputs.hosts else ():
        yield from blanked(texts.content, uncheckable(texts)).to_pylist()


def _create_evidence_view(
    connection: duckdb.DuckDBPyConnection, data: Storage, units: Sequence[dict]
) -> None:
    """Create the view `evidence`: all rows of `hits`, and `text`, which identifies their text."""
    shards = [shard for unit in units for shard in unit["shards"] if shard["dataset"] == HITS.name]
    system, root = data.filesystem()
    names = (own_shard(data, STAGE, HITS.name, shard["name"]) for shard in shards)
    paths = sorted(f"{root}/{name}" for name in names)
    verified = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
    form = ds.ParquetFileFormat(default_fragment_scan_options=verified)
    none = HITS.schema.empty_table()
    source = ds.dataset(paths, HITS.schema, form, system) if paths else none
    connection.register("hit_shards", source)
    text = 'row(dataset, repo, path, "commit", sha256, filename, file_row_number)'
    connection.execute(f"CREATE VIEW evidence AS SELECT *, {text} AS text FROM hit_shards")


def task_rows(connection: duckdb.DuckDBPyConnection, index: TaskIndex, tally: Tally) -> pa.Table:
    """The rows of `eval_tasks`, one for each task in the order of the index.

    The connection must have the view `evidence`.
    """
    answer = connection.execute(COUNTS_QUERY)
    names = [column[0] for column in answer.description or ()]
    counts_of = {row[:2]: dict(zip(names, row, strict=True)) for row in answer.fetchall()}
    rows = []
    for number, task in enumerate(index.tasks):
        zeros = dict.fromkeys(names[2:], 0)
        counts = zeros | counts_of.get((task.suite, task.task_id), {})
        states = {STATE_COLUMNS[channel]: state for channel, state in task.states.items()}
        clean = not counts["hits"] if task.checkable() else None
        row = vars(task) | counts | states | {"names": tally.named[number], "clean": clean}
        rows.append({name: row[name] for name in EVAL_TASKS.schema.names})
    return pa.Table.from_pylist(rows, schema=EVAL_TASKS.schema)
