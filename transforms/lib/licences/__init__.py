"""Licences of a project: declared in its metadata, detected in its texts, normalised to SPDX."""

import re
from collections.abc import Iterable
from email.message import Message
from email.parser import HeaderParser
from pathlib import PurePosixPath

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from transforms.lib.licences.blue_oak import ratings
from transforms.lib.licences.texts import spdx_ids

MAX_TEXT_CHARACTERS = 40_000  # that are matched of a text; the GPL has 35,000
MAX_TEXTS = 20  # that are matched of a project, the shortest first
MAX_NAME_CHARACTERS = 60  # a longer License field is a text, not a name
MAX_EXPRESSION_CHARACTERS = 1000  # of an expression, or of all classifiers
NO_ASSERTION = "NOASSERTION"
PERMITTED = "MIT"  # stands for brackets whose licences are permissive
LICENCE_FILE = re.compile(r"((un)?licen[cs]es?|copying|copyright)([-._].*)?", re.IGNORECASE)
TEXT_ENDINGS = ("", ".txt", ".md", ".rst", ".html")
# SPDX ids of the package index's classifiers and of the commonest names in License fields.
SPDX_BY_NAME = {
    "mit license": "MIT",
    "the mit license": "MIT",
    "apache software license": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd 3-clause": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "python software foundation license": "PSF-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "the unlicense (unlicense)": "Unlicense",
    "zope public license": "ZPL-2.1",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu lesser general public license v3 or later (lgplv3+)": "LGPL-3.0-or-later",
    "gnu affero general public license v3": "AGPL-3.0-only",
    "gnu affero general public license v3 or later (agplv3+)": "AGPL-3.0-or-later",
    "other/proprietary license": "LicenseRef-Proprietary",
}
# Names that several licences share. A licence text decides; without one the commonest is meant.
SPDX_BY_VAGUE_NAME = {"bsd license": "BSD-3-Clause", "bsd": "BSD-3-Clause", "apache": "Apache-2.0"}
# Ids that SPDX has renamed: GPL-2.0 to GPL-2.0-only, GPL-2.0+ to GPL-2.0-or-later.
RENAMED_ID = re.compile(r"\b([AL]?GPL-\d\.\d|GFDL-\d\.\d)(\+|(?![-\w.]))")


def is_licence_file(path: str) -> bool:
    """Whether a file states the project's licence, by its path.

    Such files are at the top, in a folder LICENSES there, or in the metadata folder of a wheel.

    >>> [is_licence_file(path) for path in ("LICENCE.txt", "LICENSES/MIT.txt", "src/LICENSE")]
    [True, True, False]
    """
    *folders, name = path.split("/")
    if folders and folders[0].endswith(".dist-info"):
        folders = folders[1:]
    ending = PurePosixPath(name).suffix
    if ending not in TEXT_ENDINGS and ending != ending.upper():  # LICENSE.APACHE, LICENSE-2.0
        return False
    in_folder = len(folders) == 1 and folders[0].upper() == "LICENSES"
    return in_folder or (not folders and LICENCE_FILE.fullmatch(name) is not None)


def declared(pkg_info: str) -> str | None:
    """The licence that PKG-INFO declares, as it is written there; None if it declares none.

    The field License-Expression (PEP 639) comes before classifiers, and these before License:

    >>> declared("License: see below\\nClassifier: License :: OSI Approved :: MIT License\\n")
    'MIT License'
    """
    headers = HeaderParser().parsestr(pkg_info)
    if expression := _header(headers, "License-Expression"):
        return expression[:MAX_EXPRESSION_CHARACTERS]
    classifiers = [str(value) for value in headers.get_all("Classifier", [])]
    names = {c.split("::")[-1].strip() for c in classifiers if c.startswith("License ::")}
    if names := names - {"OSI Approved"}:
        return " OR ".join(sorted(names))[:MAX_EXPRESSION_CHARACTERS]
    text = _header(headers, "License")
    if len(text) > MAX_NAME_CHARACTERS or "\n" in text or text == "UNKNOWN":
        return None
    return text or None


def _header(headers: Message, name: str) -> str:
    return str(headers.get(name) or "").strip()


def detected(texts: Iterable[str]) -> str | None:
    """The SPDX ids of licence texts, sorted and joined by AND; None if no text is known."""
    all_ids: set[str] = set()
    distinct = {text[:MAX_TEXT_CHARACTERS] for text in texts}
    for text in sorted(distinct, key=lambda text: (len(text), text))[:MAX_TEXTS]:
        ids = spdx_ids(text)
        if ids is None:
            break  # this text took too long, and the longer ones would too
        all_ids.update(ids)
    return " AND ".join(sorted(all_ids)) or None


def normalised(declared: str | None, detected: str | None) -> str:
    """One SPDX expression: the declared licence if it can be one, else the detected one.

    NOASSERTION if there is neither.

    >>> normalised("Apache License 2.0", "MIT"), normalised("our own terms", "MIT")
    ('Apache-2.0', 'MIT')
    >>> normalised("BSD", "BSD-2-Clause"), normalised("BSD", None), normalised(None, None)
    ('BSD-2-Clause', 'BSD-3-Clause', 'NOASSERTION')
    """
    exact = _with_ids(declared, SPDX_BY_NAME)
    vague = _with_ids(declared, SPDX_BY_NAME | SPDX_BY_VAGUE_NAME)
    for candidate in (exact, detected, vague):
        if candidate and (expression := canonical(candidate)):
            return expression
    return NO_ASSERTION


def _with_ids(declared: str | None, spdx_by_name: dict[str, str]) -> str:
    """The declared licence with its names, which OR separates, replaced by SPDX ids."""
    names = (declared or "").split(" OR ")
    return " OR ".join(spdx_by_name.get(name.lower(), name) for name in names)


def canonical(expression: str) -> str | None:
    """The expression in SPDX's spelling; None if it is not an SPDX expression."""
    if len(expression) > MAX_EXPRESSION_CHARACTERS:
        return None
    try:
        canonical = str(canonicalize_license_expression(expression))
    except InvalidLicenseExpression:
        return None
    return RENAMED_ID.sub(lambda old: old[1] + ("-or-later" if old[2] else "-only"), canonical)


def is_permissive(expression: str | None) -> bool:
    """Whether an SPDX expression permits use under permissive licences alone (see `blue_oak`).

    One licence of an OR must be in the list, and every licence of an AND:

    >>> is_permissive("MIT OR GPL-3.0-only"), is_permissive("MIT AND GPL-3.0-only")
    (True, False)
    """
    text = expression or ""
    while inner := re.search(r"\(([^()]*)\)", text):
        stand_in = PERMITTED if _is_permissive(inner[1]) else NO_ASSERTION
        text = text[: inner.start()] + stand_in + text[inner.end() :]
    return _is_permissive(text)


def _is_permissive(expression: str) -> bool:
    """As `is_permissive`, for an expression without brackets."""
    # An exception (WITH) is left out: it grants more than its licence, never less.
    return any(
        all(part.split(" WITH ")[0].strip() in ratings() for part in choice.split(" AND "))
        for choice in expression.split(" OR ")
    )
