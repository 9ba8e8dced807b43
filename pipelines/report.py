"""report: what DATA holds and how it came about, for people: one HTML page."""

import argparse
import sys
from importlib.resources import files

from transforms.corpus.filters.alphanumeric import MIN_ALPHANUMERIC
from transforms.corpus.filters.long_lines import MAX_LINE_CHARACTERS, MAX_MEAN_LINE
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.shards import committed
from transforms.lib.skeleton.storage import Storage
from transforms.report.facts import Thresholds
from transforms.report.page import page

PAGE = "report.html"
THRESHOLDS = Thresholds(MAX_LINE_CHARACTERS, MAX_MEAN_LINE, MIN_ALPHANUMERIC)
EPILOG = """examples:
  quire report ./data                      ./data/report.html, to be opened in a browser
  quire report ./data --out page.html      elsewhere
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument(
        "--out", metavar="FILE", help="where the page goes (default: DATA/report.html)"
    )


def run(options: argparse.Namespace) -> int:
    """Write what the flags ask for, the page where they ask for nothing else; returns 0."""
    data = Storage(options.data)
    if not committed(data):
        raise UsageError(f"{data.path()}: no committed dataset here")
    # What else describes DATA is asked for here, each by a flag of its own, before the page.
    return write_page(data, options.out)


def write_page(data: Storage, out: str | None) -> int:
    """Write the page to the file `out`, or beside the datasets; returns 0.

    Raises UsageError if the file cannot be written.
    """
    content = page(data, queries(), THRESHOLDS).encode()
    place = out or data.path(PAGE)
    try:
        _write(data, out, content)
    except OSError as error:
        raise UsageError(f"{place}: cannot be written ({error.strerror or error})") from error
    print(f"report: {place} ({len(content) / 1e6:.2f} MB)", file=sys.stderr)
    return 0


def _write(data: Storage, out: str | None, content: bytes) -> None:
    if out is None:
        data.put(PAGE, content)
        return
    with open(out, "wb") as file:
        file.write(content)


def queries() -> dict[str, str]:
    """The texts of the queries that come with quire, by their names."""
    folder = files("pipelines").joinpath("queries")
    return {f.name[:-4]: f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(".sql")}
