"""DATA/README.md and DATA/croissant.json, written together: both describe the same rows."""

from collections.abc import Mapping, Sequence

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.storage import Storage
from transforms.report import croissant
from transforms.report.card import origin_sections, rights_sections, use_sections
from transforms.report.card.front_matter import TITLE, front_matter
from transforms.report.card.subject import Subject
from transforms.report.configs import load_configs
from transforms.report.unchanged import marked, refuse_edited

CARD = "README.md"  # the name that the Hub and `datasets` look for
COMMENT = "<!-- {} -->"
LAST_DAY = "SELECT strftime(max(started_at AT TIME ZONE 'UTC'), '%Y-%m-%d') FROM runs"
# In the order in which a reader asks.
SECTIONS = (
    ("What it is", origin_sections.what_it_is),
    ("How to load it", use_sections.loading),
    ("Licences", rights_sections.licences),
    ("Secrets and personal data", rights_sections.secrets),
    ("Contamination", rights_sections.contamination),
    ("What is not to be passed on", rights_sections.not_to_be_passed_on),
    ("Opting out", rights_sections.opt_outs),
    ("How it was made", origin_sections.how_it_was_made),
    ("Where everything went", origin_sections.funnel),
    ("Filters", origin_sections.filters),
    ("Duplicates", origin_sections.duplicates),
    ("Problems", use_sections.problems),
    ("Known limits", use_sections.limits),
    ("Columns", use_sections.columns),
)


def write_card(
    data: Storage,
    queries: Mapping[str, str],
    filters: Sequence[tuple[str, str]],
    *,
    overwrite: bool = False,
) -> list[str]:
    """Write the card and Croissant of DATA; returns the paths of both. For the rest see Subject.

    Raises UsageError if one is there that is not as quire wrote it, unless `overwrite`; and if a
    dataset cannot be read.
    """
    for name in (CARD, croissant.FILE):
        if not overwrite:
            refuse_edited(data, name)
    card, described = _texts(data, queries, filters)
    data.put(CARD, marked(card, COMMENT).encode())
    data.put(croissant.FILE, described.encode())
    return [data.path(CARD), data.path(croissant.FILE)]


def _texts(
    data: Storage, queries: Mapping[str, str], filters: Sequence[tuple[str, str]]
) -> tuple[str, str]:
    """The texts of the card, without its mark, and of Croissant."""
    import duckdb

    try:
        with connect(data) as connection:
            subject = Subject(data, connection, load_configs(data), queries, filters)
            ((day,),) = subject.ask(LAST_DAY)
            described = croissant.croissant(data, subject.configs, subject.licences(), day)
            return _card(subject), described
    except duckdb.Error as error:
        raise UsageError(str(error).splitlines()[0]) from error


def _card(subject: Subject) -> str:
    """The text of DATA/README.md: YAML, and the sections."""
    head = front_matter(subject.configs, subject.licences())
    sections = (
        f"## {title}\n\n" + "\n".join(section(subject)).rstrip("\n") + "\n"
        for title, section in SECTIONS
    )
    return "\n".join((head, f"# {TITLE}\n", *sections))
