"""corpus: files to signals, filtered and deduplicated corpus, and rejects."""

import sys
from argparse import ArgumentParser, Namespace

from pipelines.running import launch
from transforms.corpus.stage import DATASETS, BuildCorpus
from transforms.lib.duplicates import minhash, shingles
from transforms.lib.duplicates.candidates import ROUNDS
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import VERSION, committed_rows, read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import matching_files, plan_units

HELP = "filter and deduplicate files: signals, corpus, rejects"
EPILOG = """examples:
  quire corpus ./data                               the files that crawl wrote
  quire corpus ./data --files 'shards/*.parquet'    any Parquet with repo, path, content
  quire corpus ./data --dedup exact --overwrite     the paper's preset
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument("--files", metavar="GLOB", help="read this Parquet in place")
    parser.add_argument(
        "--dedup",
        choices=("near", "exact"),
        default="near",
        help="near duplicates too (default), or exact ones alone",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=ROUNDS,
        metavar="N",
        help="of the search for components, above 30 million files",
    )


def run(options: Namespace) -> int:
    """Run the stage; 0 when its datasets are committed."""
    launch.ready_workers("corpus", options)
    data = Storage(options.data)
    units, inputs = plan_units(_inputs(data, options.files))
    units = units[: options.limit] if options.limit else units
    near = options.dedup == "near"
    stage = launch.Stage("corpus", data, DATASETS, _config(inputs, len(units), near))
    if options.dry_run:
        print(f"corpus: {len(units)} units, --dedup {options.dedup}, into {data.path()}")
        return 0

    def build(plan: Plan, scratch: Storage | None) -> BuildCorpus:
        return BuildCorpus(plan, stage.config, near, scratch, options.rounds)

    with launch.lock(data):
        if launch.prepare(stage, options):
            launch.run_units(stage, options, units, build)
        write_catalog(data)  # always: an earlier run may have ended just before
    print(_summary(data), file=sys.stderr)
    return 0


def _inputs(data: Storage, pattern: str | None) -> list[str]:
    if pattern:
        return matching_files(pattern)
    if read_manifest(data, "files") is None:
        raise UsageError(
            f"{data.path()}: no `files` here; run `quire crawl {data.root} SOURCE …` first, "
            "or name Parquet with --files"
        )
    return [f"{data.root.rstrip('/')}/{name}" for name in shard_paths(data, "files")]


def _config(inputs: str, units: int, near: bool) -> str:
    """A digest of all that decides the bytes of this stage."""
    settings = [VERSION, inputs, units, near, minhash.SCHEME, shingles.SCHEME]
    return launch.config_of(settings)


def _summary(data: Storage) -> str:
    rows = committed_rows(data, DATASETS)
    return (
        f"corpus: {rows['signals']:,} files in, {rows['corpus']:,} kept, "
        f"{rows['rejects/corpus']:,} rejected"
    )
