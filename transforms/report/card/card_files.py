"""DATA/README.md and DATA/croissant.json, written together: both describe the same rows."""

from collections.abc import Mapping, Sequence

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.storage import Storage
from transforms.report import croissant
from transforms.report.card.dataset_card import dataset_card
from transforms.report.card.subject import Subject
from transforms.report.configs import load_configs
from transforms.report.unchanged import marked, refuse_edited

CARD = "README.md"  # the name that the Hub and `datasets` look for
COMMENT = "<!-- {} -->"
LAST_DAY = "SELECT strftime(max(started_at AT TIME ZONE 'UTC'), '%Y-%m-%d') FROM runs"


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
            return dataset_card(subject), described
    except duckdb.Error as error:
        raise UsageError(str(error).splitlines()[0]) from error
