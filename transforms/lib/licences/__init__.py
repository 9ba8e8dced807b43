"""Licences of a project: declared, detected in its texts, and one normalised SPDX expression."""

import re
from collections.abc import Iterable
from email.message import Message
from email.parser import HeaderParser
from pathlib import PurePosixPath

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from transforms.lib.licences.texts import spdx_ids

TEXT_LIMIT = 40_000  # characters of a text that are matched; the GPL has 35,000
MAX_TEXTS = 20
SHORT = 60  # a License field longer than this is a text, not a name
LONG = 1000  # characters of an expression or of the classifiers
NO_ASSERTION = "NOASSERTION"
LICENCE_FILE = re.compile(r"((un)?licen[cs]es?|copying|copyright)([-._].*)?", re.IGNORECASE)
TEXT_ENDINGS = ("", ".txt", ".md", ".rst", ".html")
# What the packaging index's classifiers and the commonest free-text names mean in SPDX.
NAMES = {
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
# Names that several licences share: a licence text says which; without one it is the commonest.
VAGUE = {"bsd license": "BSD-3-Clause", "bsd": "BSD-3-Clause", "apache": "Apache-2.0"}
# SPDX has renamed them: the plain ones to "only", those with a plus to "or later".
RENAMED = re.compile(r"\b([AL]?GPL-\d\.\d|GFDL-\d\.\d)(\+|(?![-\w.]))")
PERMISSIVE = (
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "HPND",
    "ISC",
    "MIT",
    "MIT-0",
    "NCSA",
    "PSF-2.0",
    "PostgreSQL",
    "Python-2.0",
    "Unlicense",
    "WTFPL",
    "X11",
    "ZPL-2.1",
    "Zlib",
)


def is_licence_file(path: str) -> bool:
    """Whether a file states the licence: at the top, under LICENSES/, or in a wheel's metadata."""
    *folders, name = path.split("/")
    if folders and folders[0].endswith(".dist-info"):
        folders = folders[1:]
    ending = PurePosixPath(name).suffix
    if ending not in TEXT_ENDINGS and ending != ending.upper():  # LICENSE.APACHE, LICENSE-2.0
        return False
    in_folder = len(folders) == 1 and folders[0].upper() == "LICENSES"
    return in_folder or (not folders and LICENCE_FILE.fullmatch(name) is not None)


def declared(pkg_info: str) -> str | None:
    """What PKG-INFO declares: License-Expression (PEP 639), else classifiers, else License."""
    headers = HeaderParser().parsestr(pkg_info)
    if expression := _header(headers, "License-Expression"):
        return expression[:LONG]
    classifiers = [str(value) for value in headers.get_all("Classifier", [])]
    found = [c.split("::")[-1].strip() for c in classifiers if c.startswith("License ::")]
    if named := {name for name in found if name != "OSI Approved"}:
        return " OR ".join(sorted(named))[:LONG]
    text = _header(headers, "License")
    if len(text) > SHORT or "\n" in text or text == "UNKNOWN":
        return None
    return text or None


def _header(headers: Message, name: str) -> str:
    return str(headers.get(name) or "").strip()


def detected(texts: Iterable[str]) -> str | None:
    """SPDX ids found in licence texts, joined by AND; None if there are none."""
    found: set[str] = set()
    distinct = sorted({text[:TEXT_LIMIT] for text in texts}, key=lambda text: (len(text), text))
    for text in distinct[:MAX_TEXTS]:
        ids = spdx_ids(text)
        if ids is None:
            break  # the longer ones would take as long
        found.update(ids)
    return " AND ".join(sorted(found)) or None


def normalised(declared: str | None, detected: str | None) -> str:
    """An SPDX expression: the declared one if it is one, else the detected, else NOASSERTION."""
    for candidate in (_named(declared, NAMES), detected, _named(declared, NAMES | VAGUE)):
        if candidate and (expression := _canonical(candidate)):
            return expression
    return NO_ASSERTION


def _named(declared: str | None, names: dict[str, str]) -> str:
    """The declared licence with its names, several joined by OR, replaced by SPDX ids."""
    parts = (declared or "").split(" OR ")
    return " OR ".join(names.get(part.lower(), part) for part in parts)


def _canonical(expression: str) -> str | None:
    if len(expression) > LONG:
        return None
    try:
        found = str(canonicalize_license_expression(expression))
    except InvalidLicenseExpression:
        return None
    return RENAMED.sub(lambda old: old[1] + ("-or-later" if old[2] else "-only"), found)


def is_permissive(expression: str | None) -> bool:
    """Whether a licence of an OR, and every licence of an AND, is on the printed list."""
    text = expression or ""
    while inner := re.search(r"\(([^()]*)\)", text):
        verdict = PERMISSIVE[0] if _is_permissive(inner[1]) else NO_ASSERTION
        text = text[: inner.start()] + verdict + text[inner.end() :]
    return _is_permissive(text)


def _is_permissive(flat: str) -> bool:
    # An exception (WITH) grants more than its licence, never less.
    return any(
        all(part.split(" WITH ")[0].strip() in PERMISSIVE for part in choice.split(" AND "))
        for choice in flat.split(" OR ")
    )
