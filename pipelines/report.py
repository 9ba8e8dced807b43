"""report: what DATA holds and how it came about, for people: a page, a card, a notebook."""

import argparse
import shlex
import sys
from importlib.util import find_spec

from pipelines.running.shipped_queries import QUERIES, text_of
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.shards import committed
from transforms.lib.skeleton.storage import Storage

PAGE = "report.html"
IN_DATA = "."  # what --notebook without a FILE stands for
EPILOG = """examples:
  quire report ./data                      ./data/report.html, to be opened in a browser
  quire report ./data --out page.html      elsewhere
  quire report ./data --card               ./data/README.md for the Hub, and ./data/croissant.json
  quire report ./data --notebook           ./data/notebook.py, for `marimo edit`
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument(
        "--out", metavar="FILE", help="where the page goes (default: DATA/report.html)"
    )
    parser.add_argument(
        "--card", action="store_true", help="write the dataset card DATA/README.md, and Croissant"
    )
    parser.add_argument(
        "--notebook",
        metavar="FILE",
        nargs="?",
        const=IN_DATA,
        help="write a marimo notebook (default: DATA/notebook.py)",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a card or a notebook that was edited"
    )


def run(options: argparse.Namespace) -> int:
    """Write what the flags ask for, the page where they ask for nothing else; returns 0."""
    data = Storage(options.data)
    if not committed(data):
        raise UsageError(f"{data.path()}: no committed dataset here")
    if options.card:
        _write_card(data, overwrite=options.overwrite)
    if options.notebook:
        file = None if options.notebook == IN_DATA else options.notebook
        _write_notebook(data, file, overwrite=options.overwrite)
    if options.out or not (options.card or options.notebook):
        place = write_page(data, options.out)
        print(f"report: {place}", file=sys.stderr)
    return 0


def _write_card(data: Storage, *, overwrite: bool) -> None:
    """Write the card and Croissant, and say where they are."""
    from transforms.report.card.card_files import write_card  # late, as for the page

    for path in write_card(data, queries(), filter_rules(), overwrite=overwrite):
        print(f"report: {path}", file=sys.stderr)


def filter_rules() -> tuple[tuple[str, str], ...]:
    """What the card says of each reason of the filters of `corpus`; `generated` begins several."""
    from transforms.corpus.filters.alphanumeric import MIN_ALPHANUMERIC
    from transforms.corpus.filters.generated import SEARCHED_CHARACTERS
    from transforms.corpus.filters.long_lines import MAX_LINE_CHARACTERS, MAX_MEAN_LINE
    from transforms.corpus.filters.too_large import MAX_FILE_BYTES

    return (
        ("empty", "it has no character"),
        ("too_large", f"it has {MAX_FILE_BYTES:,} bytes or more"),
        ("long_line_max", f"a line has more than {MAX_LINE_CHARACTERS} characters"),
        ("long_lines_mean", f"its lines have more than {MAX_MEAN_LINE} characters on average"),
        ("few_alphanumeric", f"fewer than {MIN_ALPHANUMERIC} of its characters are alphanumeric"),
        ("generated", f"its first {SEARCHED_CHARACTERS} characters have a mark of generated code"),
    )


def _write_notebook(data: Storage, file: str | None, *, overwrite: bool) -> None:
    """Write the notebook, and say how it is opened, and what that takes."""
    from transforms.report.notebook import write_notebook  # late, as for the page

    place = shlex.quote(write_notebook(data, queries(), file, overwrite=overwrite))
    print(f"report: `marimo run {place}` shows its figures", file=sys.stderr)
    print(f"report: `marimo edit {place}` opens it to be changed: run its cells", file=sys.stderr)
    if find_spec("marimo") is None:
        print("report: marimo is not here: pip install 'quire[notebook]'", file=sys.stderr)


def write_page(data: Storage, out: str | None = None) -> str:
    """Write the page to the file `out`, or beside the datasets; returns its path.

    Raises UsageError if the file cannot be written.
    """
    content = make_page(data).encode()
    place = out or data.path(PAGE)
    try:
        _write(data, out, content)
    except OSError as error:
        raise UsageError(f"{place}: cannot be written ({error.strerror or error})") from error
    return place


def make_page(data: Storage) -> str:
    """The page as HTML."""
    # Imported late: they take 0.5 s, which neither --help nor a wrong argument needs.
    from transforms.corpus.filters.alphanumeric import MIN_ALPHANUMERIC
    from transforms.corpus.filters.long_lines import MAX_LINE_CHARACTERS, MAX_MEAN_LINE
    from transforms.report.facts import Thresholds
    from transforms.report.page import page

    thresholds = Thresholds(MAX_LINE_CHARACTERS, MAX_MEAN_LINE, MIN_ALPHANUMERIC)
    return page(data, queries(), thresholds)


def _write(data: Storage, out: str | None, content: bytes) -> None:
    if out is None:
        data.put(PAGE, content)
        return
    with open(out, "wb") as file:
        file.write(content)


def queries() -> dict[str, str]:
    """The texts of the queries that come with quire, by their names."""
    return {name: text_of(name) for name in QUERIES}
