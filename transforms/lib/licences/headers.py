"""The licence that stands in the head of a file: SPDX lines, and the notices of common licences.

The head is what a file begins with: comments, a docstring, and comments again. Nearly all heads
without a licence are told by compiled code; the others are matched with the patterns below, which
are after the notices that each licence asks for ("How to Apply These Terms").
"""

import functools
import re
from collections.abc import Iterator

import numpy as np

from transforms.lib.compiled import kernel
from transforms.lib.duplicates.notices import (
    NOTICE_WORDS,
    OF_COMMENTS,
    OF_DOCSTRINGS,
    comments_end,
    docstring_end,
    words_of_notice,
)
from transforms.lib.licences import canonical, is_permissive
from transforms.lib.licences.blue_oak import is_copyleft
from transforms.lib.text.batch import TextBatch

HEAD_BYTES = 8_000  # that are looked at; the longest common notice, BSD's, has 1,600
MAX_TAGS = 5  # SPDX lines of one head
MAX_PLACES = 10  # of one word in a head
BEFORE, AFTER = 64, 200  # characters around a word that a pattern may need
# A head without any of these words holds no licence that is known here.
LICENCE_WORDS = ("licens", "licenc", "spdx", "redist", "unencu", "permis")
LICENCE_BITS = sum(1 << (OF_COMMENTS + OF_DOCSTRINGS).index(word) for word in LICENCE_WORDS)

TAG = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]+)", re.IGNORECASE)
TAG_ENDS = "*/->\"';# \t"  # what a comment or a docstring may end with
LINE_BEGIN = re.compile(r"^[\s#*;:%/-]+", re.MULTILINE)
THE = r" ?(?:either )?(?:the )?(?:terms of )?(?:either )?(?:the )?"
UNDER = r"(?:\bunder|\bsubject to|\bby|\blicen[cs]e[ds]?|:)" + THE
VERSION = r",? ?\(?(?:version ?|v\.? ?)?"
GNU_LICENCE = (
    r"(?:version (?P<of>\d) of the )?(?:gnu )?"
    r"(?:(?P<kind>affero |lesser |library |library or lesser )?general public licen[cs]e"
    r"|(?P<short>[al]?gpl))(?P<rest>.{0,160})"
)
GNU = re.compile(UNDER + GNU_LICENCE)
GNU_OF_SEVERAL = re.compile(r"(?:\bor|\band|" + UNDER + ")" + THE + GNU_LICENCE)
GNU_VERSION = re.compile(r"(?:\bversion |\bv\.? ?|^[ ,-]*|\(|gpl-)(\d(?:\.\d)?)\b|^v(\d(?:\.\d)?)")
LATER = re.compile(r"\d\+|later|newer|above|greater")
GNU_KINDS = {"a": ("AGPL", "3.0"), "l": ("LGPL", "2.0"), "": ("GPL", "1.0")}
ANY_VERSION = {f"{name}-{version}-or-later" for name, version in GNU_KINDS.values()}
# A word of a head in lower case and with single blanks, a pattern for it, and the SPDX id, in which
# {} is the version. The pattern is tried around the word alone, which takes a tenth of the time.
NOTICES = tuple(
    (word, re.compile(pattern), name)
    for word, pattern, name in (
        ("apache", UNDER + r"apache(?: software)?(?: license)?" + VERSION + r"2\b", "Apache-2.0"),
        ("mozilla", UNDER + r"mozilla public licen[cs]e" + VERSION + r"(\d\.\d)", "MPL-{}"),
        (" mpl", UNDER + r"mpl" + VERSION + r"(\d\.\d)", "MPL-{}"),
        ("eclipse", UNDER + r"eclipse public licen[cs]e" + VERSION + r"(\d\.\d)", "EPL-{}"),
        ("zope", UNDER + r"zope public licen[cs]e" + VERSION + r"(\d\.\d)", "ZPL-{}"),
        ("boost", UNDER + r"boost software licen[cs]e" + VERSION + r"1\.0", "BSL-1.0"),
        ("permission", r"permission is hereby granted, free of charge, to any person", "MIT"),
        (" mit", UNDER + r"(?:expat|mit)(?:[ /]x11| style)? licen[cs]e", "MIT"),
        (" mit", r"\blicen[cs]e ?: ?mit\b", "MIT"),
        ("bsd", UNDER + r"(?:(?:simplified|2-clause) bsd|bsd[ -]2-clause)", "BSD-2-Clause"),
        ("bsd", UNDER + r"(?:an? )?(?:(?:new|modified|revised|3-clause) )?bsd"
                r"(?:[ -](?:3-clause|style|new))? licen[cs]e", "BSD-3-Clause"),
        ("bsd", r"\blicen[cs]e ?: ?(?:new )?bsd\b(?![ -][24])", "BSD-3-Clause"),
        ("permission", r"permission to use, copy, modify,? and(?:/or)? distribute this software "
                       r"for any purpose with or without fee", "ISC"),
        ("unencumbered", r"this is free and unencumbered software", "Unlicense"),
        ("psf", r"licensed to psf under a contributor agreement", "PSF-2.0"),
    )
)  # fmt: skip
BSD_TEXT = "redistribution and use in source and binary forms"
BSD_CLAUSES = (
    ("BSD-4-Clause", re.compile("advertising materials")),
    ("BSD-3-Clause", re.compile("endorse or promote")),
)
CHOICE = re.compile(
    r"dual(?:ly)?[- ]licen|\balternatively\b|under either|either of the|either the |choice of"
)


def licences_of_heads(batch: TextBatch) -> list[str | None]:
    r"""The SPDX expression that stands in the head of each text; None where none is known.

    >>> import pyarrow as pa
    >>> from transforms.lib.text.batch import text_batch
    >>> mit, gpl = "# SPDX-License-Identifier: MIT\n", "# Under the GNU GPL v3 license or later\n"
    >>> licences_of_heads(text_batch(pa.array([mit, gpl, "x = 1  # License: MIT\n"])))
    ['MIT', 'GPL-3.0-or-later', None]
    """
    begins, ends = np.zeros((2, len(batch)), np.int64)
    _heads(batch.data, batch.offsets, NOTICE_WORDS, begins, ends)
    found: list[str | None] = [None] * len(batch)
    for row in np.flatnonzero(ends):
        head = batch.data[begins[row] : ends[row]].tobytes()
        found[row] = licence_of_head(head.decode(errors="replace"))
    return found


def conflicts(project: str | None, file: str | None) -> bool:
    """Whether a file says copyleft, and leaves no choice, in a project that says permissive.

    >>> conflicts("MIT", "GPL-3.0-or-later"), conflicts("MIT", "MIT OR GPL-2.0-only")
    (True, False)
    """
    if file is None or is_permissive(file) or not is_permissive(project):
        return False
    return any(map(is_copyleft, re.split(r"[\s()]+", file)))


@functools.lru_cache(4096)  # files of a project begin alike
def licence_of_head(head: str) -> str | None:
    """The SPDX expression that a head states; SPDX lines come before notices."""
    tags = [canonical(tag.rstrip(TAG_ENDS)) for tag in TAG.findall(head)[:MAX_TAGS]]
    if stated := sorted({tag for tag in tags if tag}):
        return " AND ".join(_bracketed(tag) for tag in stated) if len(stated) > 1 else stated[0]
    text = " ".join(LINE_BEGIN.sub("", head).lower().replace('"', "").split())
    ids = _gnu(text) | _notices(text)
    joint = " OR " if len(ids) > 1 and CHOICE.search(text) else " AND "
    return joint.join(sorted(ids)) or None


def _bracketed(expression: str) -> str:
    return f"({expression})" if " OR " in expression else expression


def _gnu(text: str) -> set[str]:
    """The ids of the licences of GNU; without a version, any version is meant."""
    ids: set[str] = set()
    if "general public" not in text and "gpl" not in text:
        return ids
    pattern = GNU_OF_SEVERAL if CHOICE.search(text) else GNU
    for match in (*_around("general public", pattern, text), *_around("gpl", pattern, text)):
        kind = (match["short"] or "").removesuffix("gpl") or (match["kind"] or "")[:1]
        name, version = GNU_KINDS[kind]
        rest = match["rest"].split("general public")[0]  # of the next licence
        stated = GNU_VERSION.search(rest)
        number = match["of"] or (stated and (stated[1] or stated[2]))
        later = not number or LATER.search(rest)
        version = f"{number}.0" if number and len(number) == 1 else number or version
        ids.add(f"{name}-{version}-{'or-later' if later else 'only'}")
    versioned = {each.partition("-")[0] for each in ids if each not in ANY_VERSION}
    unclear = {each for each in ANY_VERSION if each.partition("-")[0] in versioned}
    return {each for each in ids - unclear if canonical(each)}


def _around(word: str, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yields the matches of a pattern around the first MAX_PLACES places of a word."""
    at = text.find(word)
    for _ in range(MAX_PLACES):
        if at < 0:
            return
        if match := pattern.search(text, max(0, at - BEFORE), at + AFTER):
            yield match
        at = text.find(word, at + len(word))


def _notices(text: str) -> set[str]:
    """The ids of the other licences."""
    ids = set()
    for word, pattern, name in NOTICES:
        if match := next(_around(word, pattern, text), None):
            ids.add(name.format(*match.groups()))
    if BSD_TEXT in text:
        ids -= {"BSD-3-Clause", "BSD-2-Clause"}  # a short name of what the text says in full
        ids.add(next((name for name, clause in BSD_CLAUSES if clause.search(text)), "BSD-2-Clause"))
    return {each for each in ids if canonical(each)}


@kernel
def _heads(data, offsets, notice_words, begins, ends):  # type: ignore[no-untyped-def]
    """Writes where the head of each text begins and ends, if it has a word of LICENCE_WORDS."""
    for i in range(len(offsets) - 1):
        begin = offsets[i]
        end = min(offsets[i + 1], begin + HEAD_BYTES)
        at = begin
        if end - begin > 3 and data[at] == 0xEF and data[at + 1] == 0xBB and data[at + 2] == 0xBF:
            at += 3  # a byte order mark
        at = comments_end(data, at, end)
        at = docstring_end(data, at, end)
        at = comments_end(data, at, end)
        if words_of_notice(data, begin, at, notice_words) & LICENCE_BITS:
            begins[i] = begin
            ends[i] = at
