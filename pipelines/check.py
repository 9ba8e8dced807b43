"""check: compares every shard with its manifest and schema, and figures that must add up."""

import argparse
import hashlib
import sys
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import DATASETS, Dataset
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.shards import committed, read_manifest, strays
from transforms.lib.skeleton.storage import Storage

EPILOG = """examples:
  quire check ./data      exit 5, and a line for each fault, if anything is not as committed
"""
FAULTY = 5  # exit code
# Queries whose answer must be zero, and the line that is printed if it is not.
SUMS = (
    (
        "SELECT (SELECT count(*) FROM signals) - (SELECT count(*) FROM corpus)"
        " - (SELECT count(*) FROM rejects_corpus)",
        "signals, corpus and rejects/corpus do not add up: {} rows apart",
    ),
    (
        "SELECT count(*) FROM rejects_corpus WHERE kept_sha256 IS NOT NULL"
        " AND kept_sha256 NOT IN (SELECT sha256 FROM corpus)",
        "rejects/corpus: {} rows name a kept file that is not in corpus",
    ),
    (
        "SELECT coalesce((SELECT sum(kept) FROM contest_sources), 0)::BIGINT"
        " - (SELECT count(*) FROM contest_problems)",
        "contest_sources and contest_problems do not add up: {} rows apart",
    ),
    (
        "SELECT coalesce((SELECT sum(problems - kept) FROM contest_sources), 0)::BIGINT"
        " - (SELECT count(*) FROM rejects_contests)",
        "contest_sources and rejects/contests do not add up: {} rows apart",
    ),
    (
        "SELECT count(*) - count(DISTINCT problem_id) FROM contest_problems",
        "contest_problems: {} problems have the id of another",
    ),
    (
        "SELECT (SELECT count(*) FROM corpus) - (SELECT count(DISTINCT sha256) FROM functions)"
        " - (SELECT count(*) FROM rejects_functions) FROM datasets WHERE name = 'functions'",
        "corpus, functions and rejects/functions do not add up: {} files apart",
    ),
    (
        "SELECT count(*) FROM functions WHERE coalesce(exact_duplicate_of, near_duplicate_of)"
        " NOT IN (SELECT function_id FROM functions)",
        "functions: {} rows are duplicates of a function that is not there",
    ),
    (
        "SELECT count(*) FROM (SELECT suite, task_id FROM hits EXCEPT"
        " SELECT suite, task_id FROM eval_tasks)",
        "hits: {} tasks are not in eval_tasks",
    ),
    (
        "SELECT count(*) FROM (SELECT dataset, sha256 FROM removed EXCEPT"
        " SELECT dataset, sha256 FROM hits WHERE verdict = 'hit')",
        "removed: {} texts have no hit",
    ),
    (
        "SELECT coalesce((SELECT sum(kept_files) FROM repositories), 0)"
        " - (SELECT count(*) FROM files)",
        "repositories and files do not add up: {} rows apart",
    ),
    (
        "SELECT coalesce(sum(python_files - kept_files), 0)::BIGINT"
        " - (SELECT count(*) FROM rejects_crawl WHERE path LIKE '%.py') FROM repositories",
        "repositories and rejects/crawl do not add up: {} rows apart",
    ),
    (
        "SELECT count(*) FROM (SELECT problem_id FROM verdicts_verify EXCEPT"
        " (SELECT problem_id FROM problems UNION ALL"
        " SELECT split_part(value, ' ', 1) FROM rejects_verify))",
        "verdicts/verify: {} problems are neither in problems nor in rejects/verify",
    ),
    (
        "SELECT count(*) FROM (SELECT problem_id FROM problems EXCEPT SELECT problem_id"
        " FROM verdicts_verify WHERE program = 'reference' AND passed GROUP BY 1"
        " HAVING count(*) = 5)",
        "problems: {} problems lack five passed runs of their reference",
    ),
    (
        "SELECT coalesce(sum(duplicates), 0)::BIGINT - (SELECT count(*) FROM rejects_verify"
        " WHERE reason = 'duplicate') FROM problems",
        "problems and the duplicates of rejects/verify do not add up: {} rows apart",
    ),
    (
        "SELECT coalesce(max(samples), 0)::BIGINT - (SELECT count(*) FROM verdicts_evaluate)"
        " FROM scores WHERE subset = 'all'",
        "scores and verdicts/evaluate do not add up: {} samples apart",
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the faults; returns 0 if there are none, else 5."""
    data = Storage(options.data)
    if not any(data.list(dataset.name) for dataset in DATASETS):
        raise UsageError(f"{data.path()}: no datasets here")
    faults = [fault for dataset in DATASETS for fault in dataset_faults(data, dataset)]
    faults = faults or list(sum_faults(data))
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return FAULTY
    rows = [f"{d.name} {(read_manifest(data, d.name) or {})['rows']:,}" for d in committed(data)]
    print(f"ok, rows: {', '.join(rows)}")
    return 0


def dataset_faults(data: Storage, dataset: Dataset) -> Iterator[str]:
    """One line for each fault of the manifest and the shards of a dataset."""
    try:
        shards = (read_manifest(data, dataset.name) or {"shards": []})["shards"]
    except UsageError as error:
        yield str(error)
        return
    for shard in shards:
        yield from shard_faults(data, dataset, shard)
    for name in strays(data, dataset.name, {shard["name"] for shard in shards}):
        yield f"{dataset.name}/{name}: no manifest names it (a stray, or a stage to --resume)"


def shard_faults(data: Storage, dataset: Dataset, shard: dict) -> Iterator[str]:
    """One line for each way in which a shard is not as the manifest says."""
    name = f"{dataset.name}/{shard['name']}"
    try:
        content = data.read(name)
    except FileNotFoundError:
        yield f"{name}: missing"
        return
    if hashlib.sha256(content).hexdigest() != shard["sha256"]:
        yield f"{name}: its sha256 is not the manifest's"
        return
    parquet = pq.ParquetFile(pa.BufferReader(content))
    if parquet.metadata.num_rows != shard["rows"]:
        yield f"{name}: {parquet.metadata.num_rows} rows, the manifest says {shard['rows']}"
    if not parquet.schema_arrow.equals(dataset.schema):
        yield f"{name}: its schema is not that of {dataset.name}"


def sum_faults(data: Storage) -> Iterator[str]:
    """One line for each of SUMS that is not zero."""
    with connect(data) as connection:
        for query, line in SUMS:
            row = connection.execute(query).fetchone()
            if row and row[0]:
                yield line.format(row[0])
