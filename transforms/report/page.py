"""The page: what DATA holds and how it came about, as one file of HTML that needs no other."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import jinja2
import pyarrow as pa
from markupsafe import Markup

from transforms.lib import VERSION
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.storage import Storage
from transforms.report import charts
from transforms.report.facts import Facts, Thresholds
from transforms.report.parts import Note, Section
from transforms.report.sections import SECTIONS
from transforms.report.shown_text import seen, shortened

TEMPLATE = "page.html"
# Of the figures at the top: a dataset, and what its rows are called.
HEADLINES = (
    ("signals", "files read"),
    ("corpus", "files kept"),
    ("functions", "functions"),
    ("secrets", "secrets and addresses found"),
    ("problems", "problems that hold"),
    ("examples", "training rows"),
)
SURE_QUERY = "SELECT count(*) FROM secrets WHERE confidence = 'high'"


def page(data: Storage, queries: Mapping[str, str], thresholds: Thresholds) -> str:
    """The page of DATA as HTML; `queries` are the texts of the queries that come with quire."""
    with connect(data) as connection:
        facts = Facts(connection, data, queries, thresholds)
        made = (_section(facts, make) for make in SECTIONS)
        sections = [section for section in made if section]
        figures = [
            (count, name, says) for name, says in HEADLINES if (count := _count(facts, name))
        ]
    # The name alone: a page that is passed on says nothing of the machine that it was made on.
    return rendered(data.root.rstrip("/").rpartition("/")[2], figures, sections)


def _count(facts: Facts, name: str) -> int | None:
    """How many rows of a dataset count as a headline's; None where it has none or is damaged.

    Of `secrets` those are of high confidence: most others are none.
    """
    import duckdb

    if name != "secrets" or not facts.has(name):
        return facts.counts.get(name)
    try:
        [(count,)] = facts.rows(SURE_QUERY)
    except (duckdb.Error, OSError):  # its section says so
        return None
    return int(count)


def _section(facts: Facts, make: Any) -> Section | None:
    """A section, or one that says why it cannot be made: other sections are not concerned."""
    import duckdb

    try:
        section: Section | None = make(facts)
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        title = make.__name__.replace("_", " ").capitalize()
        fault = Note(f"This cannot be shown: {str(error).splitlines()[0]}")
        says = "A dataset is damaged, or was written by another version of quire."
        return Section(make.__name__, title, says, "SELECT * FROM datasets", [fault])
    return section


def rendered(name: str, figures: list[tuple], sections: list[Section]) -> str:
    """The page of the DATA of that name with these figures at its top, and these sections."""
    return _environment().get_template(TEMPLATE).render(
        name=name, version=VERSION, figures=figures, sections=sections
    )  # fmt: skip


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("transforms.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"cell": cell, "seen": seen}
    environment.globals |= {"bar": charts.bar}
    return environment


def cell(value: Any, decimals: int = 0) -> str | Markup:
    """A value as the text of a cell: numbers with separators and `decimals`, long texts cut.

    >>> cell(1234567), cell(0.5, 2), cell(True), cell(["a", "b"])
    ('1,234,567', '0.50', 'yes', 'a, b')
    """
    if value is None:
        return Markup('<span class="none">–</span>')
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return f"{value:,.{decimals}f}"
    if isinstance(value, list):
        return cell(", ".join(map(str, value)))
    return seen(shortened(str(value)))
