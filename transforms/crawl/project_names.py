"""What the names of folders and archives say: a project, its version, the commit of a forge."""

import re
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

# What browsers and people add to the name of a file that is there already.
COPY = re.compile(r"[ _-]?\(\d+\)$")
TAG = re.compile(r"((release|rel|version|ver)[-_/.]?)?v?(?P<version>\d.*)", re.IGNORECASE)
DOTTED = re.compile(r"\d+(\.\d+)+[\w.+!-]*", re.ASCII)
DESCRIBED = re.compile(r"(?P<name>.+)-\d+-g(?P<commit>[0-9a-f]{7,40})")  # as `git describe` does
# A commit, whole or shortened: with a letter, or it may be a version or a date, and with a digit.
COMMIT = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{7,64}")
SHORTEST_COMMIT = 7  # digits of a shortened commit
REFERENCE = re.compile(r"refs[-_/](heads|tags)[-_/](?P<ref>.+)")  # GitHub's names of downloads
BRANCHES = {"main", "master", "trunk", "develop", "HEAD"}
# Names of files that say nothing of what is in them.
GENERIC = BRANCHES | {
    *("archive", "code", "default", "dev", "devel", "download", "latest", "project", "repo"),
    *("repository", "snapshot", "source", "src", "stable", "tarball", "zipball"),
}


@dataclass(frozen=True)
class ProjectName:
    """A project's name as a folder or file has it, and the version or commit that it names."""

    project: str
    version: str | None = None
    commit: str | None = None

    @property
    def exact(self) -> bool:
        """Whether it says more than a name."""
        return bool(self.version or self.commit)


def version_in(ref: str) -> str | None:
    """The version that a tag or the end of a name is; None if it is none.

    >>> [version_in(ref) for ref in ("v1.2.3", "release-2.0rc1", "3d", "main")]
    ['1.2.3', '2.0rc1', None, None]
    """
    tag = TAG.fullmatch(ref)
    if not tag:
        return None
    version = tag["version"]
    try:
        Version(version)
    except InvalidVersion:
        return version if DOTTED.fullmatch(version) else None
    return version


def parse_name(text: str, ref: str | None = None) -> ProjectName:
    """The parts of a name such as `widget-1.2.3`, as forges and source distributions write it.

    `ref` is the tag or branch that it may end with.

    >>> parse_name("widget-v1.2.3")
    ProjectName(project='widget', version='1.2.3', commit=None)
    >>> parse_name("widget-feature-x", "feature-x").project, parse_name("python-3d").project
    ('widget', 'python-3d')
    """
    commit = None
    if described := DESCRIBED.fullmatch(text):
        text, commit = described["name"], described["commit"]
    elif "-" in text and COMMIT.fullmatch(text.rpartition("-")[2]):
        text, _, commit = text.rpartition("-")
    if ref and text.endswith(f"-{ref}") and len(text) > len(ref) + 1:
        return ProjectName(text[: -len(ref) - 1], version_in(ref), commit)
    for dash in re.finditer("(?<=.)-", text):
        if version := version_in(text[dash.end() :]):
            return ProjectName(text[: dash.start()], version, commit)
    name, _, branch = text.rpartition("-")
    return ProjectName(name if name and branch in BRANCHES else text, None, commit)


def folder_name(folder: str) -> ProjectName:
    """The parts of a folder's name; a number alone is no version there, but part of the name.

    >>> folder_name("widget-1.2.3").version, folder_name("tools-2").project
    ('1.2.3', 'tools-2')
    """
    found = parse_name(folder)
    dotted = found.version and "." in found.version
    return found if dotted else ProjectName(folder)


def archive_name(stem: str, top: str | None, commit: str | None = None) -> ProjectName:
    """What an archive's file name without ending and its top folder say together.

    Forges call the file after a tag or branch, and the folder after project and tag: the folder
    counts then, and where the archive names the commit that it is of, as forges' archives do.

    >>> archive_name("v1.2.3", "widget-1.2.3")
    ProjectName(project='widget', version='1.2.3', commit=None)
    >>> archive_name("tool-1.0", "src").project, archive_name("refs-heads-x", "widget-x").project
    ('tool', 'widget')
    """
    stem = COPY.sub("", stem)
    reference = REFERENCE.fullmatch(stem)
    ref = reference["ref"] if reference else stem
    by_file = parse_name(stem)
    if top is None:
        return ProjectName(stem, version_in(ref)) if _is_ref(stem) else by_file
    name, _, short = top.rpartition("-")
    if name and len(short) >= SHORTEST_COMMIT and (commit or "").startswith(short):
        top = name
    by_top = _below_ref(top, ref)
    if _is_ref(stem) or commit or by_top.exact or by_top.project != top:
        version = by_top.version or version_in(ref) or by_file.version
        return ProjectName(by_top.project, version, by_top.commit or by_file.commit)
    return by_file


def _is_ref(stem: str) -> bool:
    """Whether a file name is that of a tag, a branch or a commit, or says nothing."""
    known = stem in GENERIC or COMMIT.fullmatch(stem) or REFERENCE.fullmatch(stem)
    return bool(known or version_in(stem))


def _below_ref(top: str, ref: str) -> ProjectName:
    """The parts of a top folder, which ends with the ref or, as on GitHub, with it without `v`."""
    found = parse_name(top, ref)
    bare = version_in(ref)
    return found if found.project != top or not bare else parse_name(top, bare)
