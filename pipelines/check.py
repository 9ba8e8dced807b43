"""check: compares every shard with its manifest and schema, and figures that must add up.

Stages verify what they read. DuckDB verifies no checksum: where a disk is in doubt, this command
tells before `sql` and other questions to the shards.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import DATASETS, Dataset, by_name
from transforms.feed.feed_sources import SOURCES
from transforms.feed.settings import TOKENIZERS_FOLDER
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.rights.removal_commit import interrupted_removal
from transforms.lib.rights.removal_log import FOLDER, log_strays, read_log
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.damage import READERS, resume, sha256_of, size_fault
from transforms.lib.skeleton.inputs import content_digest
from transforms.lib.skeleton.manifest_form import SHARD_NAME
from transforms.lib.skeleton.parquet_files import UNREADABLE, open_parquet
from transforms.lib.skeleton.shards import (
    MANIFEST,
    committed,
    files_of,
    read_manifest,
    strays,
)
from transforms.lib.skeleton.storage import SCRATCH, Storage

EPILOG = """examples:
  quire check ./data      exit 5, and a line for each fault, if anything is not as committed
"""
FAULTY = 5  # exit code
OTHER_SCHEMA = "its schema is not that of"
TOKENIZER = re.compile(r"[0-9a-f]{64}\.json")  # below TOKENIZERS_FOLDER
ARCHIVE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}")  # below `archives`
# What rejects/corpus and `clusters` say of dropped duplicates.
REJECTED_DUPLICATES = (
    'SELECT repo, path, "commit", sha256, kept_sha256 FROM rejects_corpus'
    " WHERE kept_sha256 IS NOT NULL"
)
DROPPED_MEMBERS = 'SELECT repo, path, "commit", sha256, representative FROM clusters WHERE NOT kept'
# How many files each content represents: by `clusters`, and by `corpus`.
MEMBERS = (
    "SELECT representative AS sha256, count(*) FILTER (kind = 'representative') AS members,"
    " count(*) FILTER (kind = 'exact') AS exact, count(*) FILTER (kind = 'near') AS near"
    " FROM clusters GROUP BY 1"
)
REPRESENTED = (
    "SELECT sha256, count(*) AS rows, sum(exact_copies) AS copies, sum(near_copies) AS alike"
    " FROM corpus WHERE exact_copies + near_copies > 0 GROUP BY 1"
)
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
        "SELECT count(*) - count(DISTINCT sha256) FROM corpus WHERE duplicate_of IS NULL",
        "corpus: {} files have the content of another, and do not say so",
    ),
    (
        "SELECT count(*) FROM corpus WHERE duplicate_of NOT IN"
        " (SELECT sha256 FROM corpus WHERE duplicate_of IS NULL)",
        "corpus: {} files are duplicates of a file that is not there",
    ),
    # Each duplicate that was dropped is in a cluster, and no other that was dropped.
    *(
        (
            f"SELECT count(*) FROM ({one} EXCEPT ALL {other})",
            "clusters and rejects/corpus do not agree: {} duplicates are not in " + where,
        )
        for one, other, where in (
            (REJECTED_DUPLICATES, DROPPED_MEMBERS, "clusters"),
            (DROPPED_MEMBERS, REJECTED_DUPLICATES, "rejects/corpus"),
        )
    ),
    (
        f"SELECT count(*) FROM ({MEMBERS}) FULL JOIN ({REPRESENTED}) USING (sha256)"
        " WHERE (members, exact, near) IS DISTINCT FROM (rows, copies, alike)",
        "clusters and corpus do not agree: {} files represent others than their copies say",
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
        'SELECT (SELECT count(DISTINCT (repo, "commit", path, line, qualname, form, is_library))'
        " FROM calls) - (SELECT count(*) FROM ci_problems)"
        " - (SELECT count(*) FROM rejects_ci WHERE path IS NOT NULL)"
        " FROM datasets WHERE name = 'calls'",
        "calls, ci_problems and rejects/ci do not add up: {} functions apart",
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
        " HAVING count(*) % 5 = 0)",  # five more for each row of the same id, which is dropped
        "problems: {} problems lack five passed runs of their reference",
    ),
    (
        "SELECT count(*) - count(DISTINCT problem_id) FROM problems",
        "problems: {} problems have the id of another",
    ),
    (
        "SELECT coalesce(sum(duplicates), 0)::BIGINT - (SELECT count(*) FROM rejects_verify"
        " WHERE reason = 'duplicate') FROM problems",
        "problems and the duplicates of rejects/verify do not add up: {} rows apart",
    ),
    # Of the sources that the feed was made of, each row is an example or a reject.
    *(
        (
            f"SELECT (SELECT count(*) FROM {source}) - (SELECT count(DISTINCT source_id)"
            f" FROM examples WHERE source = '{source}') - (SELECT count(*) FROM rejects_feed"
            f" WHERE value LIKE '{source} %')"
            f" WHERE EXISTS (FROM examples WHERE source = '{source}')"
            f" OR EXISTS (FROM rejects_feed WHERE value LIKE '{source} %')",
            f"{source}, examples and rejects/feed do not add up: {{}} rows apart",
        )
        for source in SOURCES
    ),
    (
        "SELECT count(*) - count(DISTINCT (example_id, copy)) FROM examples",
        "examples: {} rows are there twice",
    ),
    (
        "SELECT (SELECT count(*) FROM examples) - (SELECT coalesce(sum(documents), 0)::BIGINT"
        " FROM tokens) FROM datasets WHERE name = 'tokens'",
        "examples and tokens do not add up: {} documents apart",
    ),
    (
        "SELECT coalesce(max(samples), 0)::BIGINT - (SELECT count(*) FROM verdicts_evaluate)"
        " FROM scores WHERE subset = 'all'",
        "scores and verdicts/evaluate do not add up: {} samples apart",
    ),
)


# These are as far from zero as a dataset says that removals have left them, and no row more.
LEFT = {
    "rejects/corpus: {} rows name a kept file that is not in corpus": "rejects/corpus",
    "corpus: {} files are duplicates of a file that is not there": "corpus",
    "clusters and corpus do not agree: {} files represent others than their copies say": "clusters",
    "functions: {} rows are duplicates of a function that is not there": "functions",
    "problems and the duplicates of rejects/verify do not add up: {} rows apart": "problems",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the faults; returns 0 if there are none, else 5."""
    data = Storage(options.data)
    if not any(data.list(dataset.name) for dataset in DATASETS):
        raise UsageError(f"{data.path()}: no datasets here")
    faults = [fault for dataset in DATASETS for fault in dataset_faults(data, dataset)]
    faults += archive_faults(data) + removal_faults(data)
    faults = faults or tokenizer_faults(data) or list(stage_faults(data)) or list(sum_faults(data))
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
        manifest = read_manifest(data, dataset.name)
    except UsageError as error:
        yield str(error)
        return
    shards = manifest["shards"] if manifest else []
    faults = list[str]()
    for shard in shards:
        found = list(shard_faults(data, dataset, shard))
        # A dataset of another quire has other columns in every shard: one line says it.
        faults += [line for line in found if not (OTHER_SCHEMA in line and faults)]
    yield from faults
    if manifest and not faults:
        yield from manifest_faults(data, dataset, manifest)
    named = {file["name"] for shard in shards for file in files_of(shard)}
    for name in strays(data, dataset.name, named):
        yield f"{dataset.name}/{name}: {_stray(name, dataset)}"


def _stray(name: str, dataset: Dataset) -> str:
    """What a file in a dataset's folder is that no manifest names, and what to do about it."""
    if SHARD_NAME.fullmatch(name):
        return "no manifest names it (a stray, or a stage to --resume)"
    if SCRATCH.search(name):
        return f"left by a killed run; the next run of `quire {dataset.stage}` removes it"
    if name.endswith(".parquet"):
        return "no shard of quire (a copy by what synchronises the folder?); delete it"
    return "no file of quire; delete it or move it elsewhere"


def shard_faults(data: Storage, dataset: Dataset, shard: dict) -> Iterator[str]:
    """One line for each way in which a shard, or a file beside it, is not as the manifest says."""
    for file in shard.get("files", ()):
        if fault := content_or_fault(data, dataset, file)[1]:
            yield fault
    name = f"{dataset.name}/{shard['name']}"
    content, fault = content_or_fault(data, dataset, shard)
    if content is None:
        yield fault
        return
    try:
        parquet = pq.ParquetFile(pa.BufferReader(content))
    except UNREADABLE as error:
        yield f"{name}: not a readable Parquet file ({error!s:.200})"
        return
    if parquet.metadata.num_rows != shard["rows"]:
        yield f"{name}: {parquet.metadata.num_rows} rows, the manifest says {shard['rows']}"
    if not parquet.schema_arrow.equals(dataset.schema):
        yield (
            f"{name}: {OTHER_SCHEMA} {dataset.name} in quire {VERSION}; "
            f"`quire {dataset.stage}` with --overwrite makes it anew"
        )


def content_or_fault(data: Storage, dataset: Dataset, file: dict) -> tuple[bytes | None, str]:
    """The content of a file, given its entry in the manifest; None and what is wrong with it."""
    name = f"{dataset.name}/{file['name']}"
    try:
        content = data.read(name)
    except FileNotFoundError:
        return None, f"{name}: missing; {resume(data.root, dataset.name)}"
    except OSError as error:
        return None, f"{name}: cannot be read ({error!s:.200})"
    length = size_fault(len(content), file["bytes"])
    if hashlib.sha256(content).hexdigest() != file["sha256"]:
        fault = length or "its sha256 is not the manifest's"
        return None, f"{name}: {fault}; {resume(data.root, dataset.name)}"
    return (None, f"{name}: {length}") if length else (content, "")


def manifest_faults(data: Storage, dataset: Dataset, manifest: dict) -> Iterator[str]:
    """One line for each figure of a manifest that its shards, which are sound, do not confirm."""
    name = f"{dataset.name}/{MANIFEST}"
    shards = manifest["shards"]
    for key in ("rows", "bytes"):
        total = sum(shard[key] for shard in shards)
        if manifest[key] != total:
            yield f"{name}: {manifest[key]} {key}, its shards have {total}"
    for key, value in _written(data, dataset, shards).items():
        if manifest[key] != value:
            yield f"{name}: {key} {manifest[key]}, its shards have {value}"


def _written(data: Storage, dataset: Dataset, shards: list[dict]) -> dict[str, str]:
    """The version and the configuration that the first shard says it was written with."""
    if not shards:
        return {}
    with open_parquet(data.path(f"{dataset.name}/{shards[0]['name']}")) as parquet:
        said = parquet.metadata.metadata or {}
    keys = {"version": b"quire_version", "config": b"quire_config"}
    return {name: said[key].decode(errors="replace") for name, key in keys.items() if key in said}


def archive_faults(data: Storage) -> list[str]:
    """One line for each archive of the crawl whose content is not what its name says."""
    names = [name for name in data.list("archives", recursive=True) if ARCHIVE.fullmatch(name)]
    with ThreadPoolExecutor(READERS) as pool:
        digests = pool.map(lambda name: sha256_of(data, f"archives/{name}"), names)
    return [
        f"archives/{name}: its sha256 is not its name; delete it, a crawl that needs it fetches it"
        for name, sha256 in zip(names, digests, strict=True)
        if name.rpartition("/")[2] != sha256
    ]


def removal_faults(data: Storage) -> list[str]:
    """A line for each fault of the log of removals, and one if a removal was interrupted."""
    try:
        read_log(data)
    except UsageError as error:
        return [str(error)]
    faults = [f"{FOLDER}/{name}: no file of the log; delete it" for name in log_strays(data)]
    if interrupted_removal(data):
        faults.append("a removal was interrupted; `quire remove`, as it was run, finishes it")
    return faults


def tokenizer_faults(data: Storage) -> list[str]:
    """One line for each tokenizer's file whose content is not what its name says, or that is gone.

    Those of a name are part of quire, and can be had again.
    """
    folder = TOKENIZERS_FOLDER
    names = data.list(folder)
    faults = [
        f"{folder}/{name}: its sha256 is not its name; delete it, `quire feed` puts it there"
        for name in names
        if TOKENIZER.fullmatch(name) and sha256_of(data, f"{folder}/{name}") != name[:64]
    ]
    if not read_manifest(data, "tokens"):
        return faults
    with connect(data) as connection:
        used = connection.execute("SELECT DISTINCT tokenizer FROM tokens").fetchall()
    return faults + [
        f"{folder}/{name}.json: missing, and `tokens` were made with it"
        for (name,) in used
        if TOKENIZER.fullmatch(f"{name}.json") and f"{name}.json" not in names
    ]


def stage_faults(data: Storage) -> Iterator[str]:
    """One line for each stage whose datasets are of several runs, or whose input is newer."""
    manifests = {name: m for d in DATASETS if (m := read_manifest(data, name := d.name))}
    for stage in dict.fromkeys(dataset.stage for dataset in DATASETS):
        own = [manifest for name, manifest in manifests.items() if by_name(name).stage == stage]
        if len({manifest["config"] for manifest in own}) > 1:
            names = ", ".join(manifest["dataset"] for manifest in own)
            yield f"{names}: not of one run; `quire {stage}` with --overwrite makes them anew"
        for manifest in own:
            if deleted := manifest.get("removed", {}).get("deleted"):
                yield (
                    f"{stage}: a removal took rows of it, and {', '.join(deleted)}; "
                    f"`quire {stage}` with --overwrite makes it anew"
                )
        for name, digest in (own[0].get("inputs", {}) if own else {}).items():
            if _is_other(data, manifests.get(name), digest):
                yield (
                    f"{stage}: made of another `{name}` than is here now; "
                    f"`quire {stage}` with --overwrite makes it anew"
                )


def _is_other(data: Storage, manifest: dict | None, digest: str) -> bool:
    """Whether a dataset has not the content any more that a later stage has read.

    Nothing is known of shards that another program has written again.
    """
    if manifest is None or content_digest(manifest) == digest:
        return manifest is None
    return bool(_written(data, by_name(manifest["dataset"]), manifest["shards"]))


def sum_faults(data: Storage) -> Iterator[str]:
    """One line for each of SUMS that is not zero."""
    with connect(data) as connection:
        for query, line in SUMS:
            row = connection.execute(query).fetchone()
            if apart := (row and row[0] or 0) - left_behind(data, line):
                yield line.format(apart)


def left_behind(data: Storage, line: str) -> int:
    """How far a sum is from zero because rows stay that name, or count, what was removed."""
    manifest = read_manifest(data, LEFT[line]) if line in LEFT else None
    left: int = (manifest or {}).get("removed", {}).get("left", 0)
    return left
