"""When a project was as it is: the day of its commit, or that of its version in the index.

A folder that git does not know has no date. The index has one, by the name and version that the
project declares: the middle between the release of that version, or of the newest one below it, and
the next release.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from transforms.ci.attempt import Checkout
from transforms.ci.package_proxy import PackageIndex, distribution
from transforms.lib.network.fetch import FetchError

# Where a version is written as a text, and how.
VERSION_FILE = re.compile(
    r"(setup|((src|lib)/)?[\w-]+(/(__init__|_*version_*|__about__|_meta|about))?)\.py"
)
AFTER_LAST = timedelta(days=730)  # a project's last release stands for so many days
VERSION = re.compile(r"""^\s*(?:__version__|VERSION|version)\s*=\s*["']([\w.+!-]+)["']""", re.M)


def day_of(project: Checkout, modules: Mapping[str, str], index: PackageIndex) -> date | None:
    """The day of a project: of its commit, or of its version in an index; None if neither is known.

    `modules` are the texts of its modules by path.
    """
    if project.committed is not None:
        return project.committed
    version = _version(project, modules)
    if version is None or not project.tree.name:
        return None
    try:
        listed = index.listed(canonicalize_name(project.tree.name))
    except FetchError:
        return None
    return _between_releases(version, listed)


def _version(project: Checkout, modules: Mapping[str, str]) -> Version | None:
    """The version that a project declares, or that its modules name."""
    texts = [project.version or "", project.tree.version]
    for path in sorted(filter(VERSION_FILE.fullmatch, modules), key=lambda path: path.count("/")):
        texts += VERSION.findall(modules[path])
    for text in filter(None, texts):
        try:
            return Version(text)
        except InvalidVersion:
            continue
    return None


def _between_releases(version: Version, listed: Iterable[Mapping[str, Any]]) -> date | None:
    """The day between the newest release that is not above a version and the one after it.

    Without one after it, it is half of AFTER_LAST later.
    """
    days: dict[Version, date] = {}
    for file in listed:
        time = str(file.get("upload-time", ""))
        try:
            each, day = Version(distribution(file["filename"])[1]), date.fromisoformat(time[:10])
        except (InvalidVersion, ValueError):
            continue
        days[each] = min(day, days.get(each, day))
    known = [each for each in days if each <= version]
    if not known:
        return None
    begin = days[max(known)]
    later = [day for each, day in days.items() if each > version and day >= begin]
    return begin + (min(later, default=begin + AFTER_LAST) - begin) / 2
