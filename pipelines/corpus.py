"""corpus: files to signals, filtered and deduplicated corpus, and rejects."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipelines.running.job import Job, config_of, limited
from pipelines.running.run_stage import run_stage
from transforms.corpus import DATASETS, SCOPES, STAGE
from transforms.lib import VERSION
from transforms.lib.duplicates import MINHASH_SCHEME, ROUNDS, SHINGLE_SCHEME
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.input_names import is_parquet, matching_files
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import committed_rows, read_manifest, shard_files
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import plan_units

if TYPE_CHECKING:
    from transforms.corpus.stage import BuildCorpus

EPILOG = """examples:
  quire corpus ./data                               the files that crawl wrote
  quire corpus ./data --files 'shards/*.parquet'    any Parquet with repo, path, content
  quire corpus ./data --dedup exact --overwrite     the paper's preset
  quire corpus ./data --dedup-scope repo --keep all      whole repositories, duplicates marked
"""


def add_build_arguments(parser: ArgumentParser) -> None:
    """The flags that `build` has, too."""
    parser.add_argument(
        "--dedup",
        choices=("near", "exact"),
        default="near",
        help="near duplicates too (default), or exact ones alone",
    )
    parser.add_argument(
        "--dedup-scope",
        choices=SCOPES,
        default=SCOPES[0],
        help="compare all files (default), or those of one project: none is dropped for another's",
    )
    parser.add_argument(
        "--keep",
        choices=("representatives", "all"),
        default="representatives",
        help="drop duplicates (default), or keep and mark them: functions and feed leave them out",
    )


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--files", metavar="GLOB", help="read this Parquet in place: a glob, a folder or a URL"
    )
    add_build_arguments(parser)
    parser.add_argument(
        "--rounds",
        type=int,
        default=ROUNDS,
        metavar="N",
        help="most rounds, in components above 250,000 files and to find these above 32 million",
    )


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    return run_stage(STAGE, options, plan, _finish)


def plan(data: Storage, options: Namespace) -> Job:
    """The units of `files`, or of the Parquet that --files names."""
    units, inputs = plan_units(_inputs(data, options.files))
    units = list(limited(units, options))
    read = [] if options.files else ["files"]
    near, scope, keep_all = options.dedup == "near", options.dedup_scope, options.keep == "all"

    schemes = {"MinHash": MINHASH_SCHEME, "shingle": SHINGLE_SCHEME}

    def transform(plan: Plan, config: str, spill: Storage | None) -> "BuildCorpus":
        from transforms.corpus.stage import BuildCorpus

        return BuildCorpus(plan, config, near, spill, options.rounds, scope, keep_all)

    return Job(
        DATASETS,
        config_of([VERSION, inputs, len(units), near, scope, keep_all, *schemes.values()]),
        units,
        transform,
        f"corpus: {len(units)} units, --dedup {options.dedup}, into {data.path()}",
        rows=sum(unit.rows for unit in units),
        markers=2 * len(units),
        inputs=read_inputs(data, read),
        schemes=schemes,
        phases={"signed": DATASETS[:1], "done": DATASETS[1:]},
    )


def _inputs(data: Storage, pattern: str | None) -> list[str]:
    if pattern:
        return matching_files(pattern, is_parquet)
    if read_manifest(data, "files") is None:
        raise UsageError(
            f"{data.path()}: no `files` here; run `quire crawl {data.root} SOURCE …` first, "
            "or name Parquet with --files"
        )
    return shard_files(data, "files")


def _finish(data: Storage) -> int:
    rows = committed_rows(data, DATASETS)
    print(
        f"corpus: {rows['signals']:,} files in, {rows['corpus']:,} kept, "
        f"{rows['rejects/corpus']:,} rejected",
        file=sys.stderr,
    )
    return 0
