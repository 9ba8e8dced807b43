"""The end of a check: `eval_tasks` from the hits of all units, the self-test, and the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from schemas import EVAL_TASKS, HITS
from transforms.contamination import REPORT
from transforms.contamination.hit_rows import unchecked
from transforms.contamination.patterns.index import Index
from transforms.contamination.patterns.task_patterns import CHANNELS
from transforms.contamination.report.markdown import Given, write_report
from transforms.contamination.report.selftest import hosts, selftest
from transforms.contamination.tally import Tally
from transforms.contamination.units import Table, read_texts
from transforms.lib.eval_sets import EvalTask
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit
from transforms.lib.text.batch import blanked

STATES = dict(zip(CHANNELS, ("doc", "tests", "code", "tree", "name"), strict=True))
COUNTS = """
SELECT suite, task_id,
       count(DISTINCT text) FILTER (WHERE verdict = 'hit') AS hits,
       count(DISTINCT text) FILTER (WHERE verdict = 'review') AS reviews,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'D') AS hits_doc,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'T') AS hits_tests,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'C') AS hits_code,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'A') AS hits_tree,
       count(*) FILTER (WHERE verdict = 'hit' AND channel = 'X') AS hits_exact
FROM found GROUP BY suite, task_id
"""


@dataclass(frozen=True)
class Conclusion:
    """What the launcher gives to the end: for the report, tasks to leak, texts to leak into."""

    given: Given
    samples: tuple[EvalTask, ...]
    hosts: tuple[Table, Unit] | None


def conclude(
    data: Storage, stage: str, units: Sequence[dict], index: Index, conclusion: Conclusion
) -> pa.Table:
    """The rows of `eval_tasks`; puts the report on the way."""
    tally = Tally()
    for unit in units:
        tally.read(data, stage, unit["unit"])
    with duckdb.connect() as connection:
        _see_hits(connection, data, units)
        tasks = task_rows(connection, index, tally)
        recalls = selftest(index, conclusion.samples, hosts(_contents(conclusion)))
        places = pa.array(range(len(tasks)))
        connection.register("eval_tasks", tasks.append_column("place", places))
        data.put(REPORT, write_report(connection, conclusion.given, tally, recalls).encode())
    return tasks


def _contents(conclusion: Conclusion) -> Iterator[str]:
    for texts in read_texts(*conclusion.hosts) if conclusion.hosts else ():
        yield from blanked(texts.content, unchecked(texts)).to_pylist()


def _see_hits(connection: duckdb.DuckDBPyConnection, data: Storage, units: Sequence[dict]) -> None:
    """Make the relation `found`: all hits, with what names a text as one column."""
    shards = [shard for unit in units for shard in unit["shards"] if shard["dataset"] == HITS.name]
    system, root = data.filesystem()
    paths = sorted(f"{root}/{HITS.name}/{shard['name']}" for shard in shards)
    none = HITS.schema.empty_table()
    source = ds.dataset(paths, HITS.schema, "parquet", system) if paths else none
    connection.register("hit_shards", source)
    text = 'row(dataset, repo, path, "commit", sha256)'
    connection.execute(f"CREATE VIEW found AS SELECT *, {text} AS text FROM hit_shards")


def task_rows(connection: duckdb.DuckDBPyConnection, index: Index, tally: Tally) -> pa.Table:
    """One row for each task, in the order of the sets."""
    answer = connection.execute(COUNTS)
    names = [column[0] for column in answer.description or ()]
    counted = {row[:2]: dict(zip(names, row, strict=True)) for row in answer.fetchall()}
    rows = []
    for number, task in enumerate(index.tasks):
        zeros = dict.fromkeys(names[2:], 0)
        counts = zeros | counted.get((task.suite, task.task_id), {})
        states = {STATES[channel]: state for channel, state in task.states.items()}
        clean = not counts["hits"] if task.checkable() else None
        told = vars(task) | counts | states | {"names": tally.named[number], "clean": clean}
        rows.append({name: told[name] for name in EVAL_TASKS.schema.names})
    return pa.Table.from_pylist(rows, schema=EVAL_TASKS.schema)
