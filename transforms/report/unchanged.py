"""Files that quire writes and people edit: whether one is still as quire wrote it."""

import hashlib
import re

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage

MARK = "Written by quire; the sha256 of all other lines is "
MARKED_LINE = re.compile(rf"[^\n]*{re.escape(MARK)}([0-9a-f]{{64}})[^\n]*\n")


def marked(text: str, line: str, before: int | None = None) -> str:
    r"""The text with a line that says that quire wrote it: the last one, or where `before` says.

    line: what stands around the mark, such as `# {}`; before: a place in the text, after a `\n`.

    >>> is_unchanged(marked("a\n", "# {}")), is_unchanged("a\n")
    (True, False)
    """
    place = len(text) if before is None else before
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[:place]}{line.replace('{}', MARK + digest)}\n{text[place:]}"


def is_unchanged(text: str) -> bool:
    """Whether quire wrote the text, and nobody has changed it since."""
    found = MARKED_LINE.search(text)
    if not found:
        return False
    rest = text[: found.start()] + text[found.end() :]
    return hashlib.sha256(rest.encode()).hexdigest() == found[1]


def refuse_edited(place: Storage, name: str) -> None:
    """Raises UsageError if there is a file of this name that is not as quire wrote it."""
    if place.exists(name) and not is_unchanged(place.read(name).decode(errors="replace")):
        raise UsageError(
            f"{place.path(name)}: not as quire wrote it; --overwrite replaces it, "
            "or move it elsewhere first"
        )
