"""stoplist: count what is common in code that leaks no task, for `contamination --stoplist`."""

import json
import sys
from argparse import ArgumentParser, Namespace

from transforms.contamination.patterns.background import Background
from transforms.contamination.patterns.stoplist import make_stoplist, stoplist_file
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.read_units import read_unit
from transforms.lib.skeleton.shards import read_manifest, shard_files
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import plan_units

EPILOG = """examples:
  quire crawl ./background pypi:numpy==1.20.3 pypi:scipy==1.6.3
  quire stoplist ./background --out stoplist.parquet
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument("--out", metavar="FILE", required=True, help="the Parquet file to write")


def run(options: Namespace) -> int:
    """Write the stoplist of the dataset `files`; returns 0."""
    data = Storage(options.data)
    if read_manifest(data, "files") is None:
        raise UsageError(f"{data.path()}: no `files` here; run `quire crawl` first")
    units, _ = plan_units(shard_files(data, "files"))
    background = Background()
    for unit in units:
        for batch in read_unit(unit, ("repo", "path", "commit", "content")):
            background.add(batch)
    stoplist = make_stoplist(background.common_hashes())
    with open(options.out, "wb") as file:
        file.write(stoplist_file(stoplist, json.dumps(background.recipe(), sort_keys=True)))
    print(f"stoplist: {stoplist.sizes} of {background.files:,} files", file=sys.stderr)
    return 0
