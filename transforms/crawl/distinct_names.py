"""Names for the projects of a crawl that are called after folders and files: never two by one.

What a release says of itself is its name. A folder or an archive's top folder may be called as many
others are (`tools`): where two of a crawl are, they are named with the folders that they are in
(`alice/tools`, `bob/tools`). Versions of one project are those that lie beside one another, as
`widget-1.0.zip` and `widget-1.1.zip`. The names are made before the crawl, from the beginning of
each archive, so that they depend on the sources and not on the order in which workers read them.
"""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from transforms.crawl.git.places import folders_and_name, git_place
from transforms.crawl.project_names import ProjectName
from transforms.crawl.sources import NAMED_BY_PLACE, project_of, source_key, source_parts
from transforms.lib.archives import ArchiveError
from transforms.lib.archives.rules import ARCHIVE_ENDING
from transforms.lib.network.fetch import FetchError
from transforms.lib.redaction import redacted
from transforms.lib.skeleton.storage import absolute

AT_A_TIME = 8  # sources that are opened to learn their names: each waits for a disk or a server


@dataclass(frozen=True)
class KnownSource:
    """A source of an earlier run: its key, project and version; `stays` if it is not made anew."""

    key: tuple[str, ...]
    repo: str
    version: str | None
    stays: bool


@dataclass
class Named:
    """A source with the name that it has by itself; `certain` if the user or a release says it."""

    source: str
    name: ProjectName
    certain: bool

    @property
    def beside(self) -> tuple[str, ...]:
        """What versions of one project have in common: their folder and name."""
        return _beside(source_key(self.source), self.name.project)

    @property
    def file(self) -> tuple[str, str]:
        """What no two versions have in common: version and file name."""
        return self.name.version or "", _folders(self.source, with_last=True)[-1]


def _beside(key: tuple[str, ...], project: str) -> tuple[str, ...]:
    return key[0], key[-1].rpartition("/")[0], _plain(project.rpartition("/")[2])


def _plain(name: str) -> str:
    return str(canonicalize_name(name))


def distinct_names(sources: Sequence[str], known: Sequence[KnownSource] = ()) -> list[str]:
    """For each source a name that no other project has; empty where its rows, or nobody, say it."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        found = list(pool.map(_named, sources))
    used = {_plain(each.repo) for each in known if each.stays}
    used |= {_plain(each.name.project) for each in found if each.certain}
    names = {each.source: "" for each in found}
    names |= {s: parts.name for s in sources if (parts := source_parts(s)) and parts.name}
    names |= _as_before([each for each in found if not each.certain], known, used)
    for alike in _alike(each for each in found if not (each.certain or names[each.source])):
        for project, name in _told_apart(alike, used):
            used.add(_plain(name))
            names |= {each.source: name for each in project}
    return [names[source] for source in sources]


def _named(source: str) -> Named:
    """The source with its name; an empty one if it brings several, or cannot be opened."""
    parts = source_parts(source)
    project, _ = project_of(source)
    if project or parts is None or parts.kind not in NAMED_BY_PLACE:
        return Named(source, ProjectName(project or ""), certain=True)
    try:
        return Named(source, *NAMED_BY_PLACE[parts.kind](parts.place))
    except (FetchError, ArchiveError):
        return Named(source, ProjectName(""), certain=True)


def _as_before(found: list[Named], known: Sequence[KnownSource], used: set[str]) -> dict[str, str]:
    """The names of sources that had one in an earlier run, or lie beside another version."""
    earlier = {each.key: each.repo for each in known}
    versions = {_beside(each.key, each.repo): each for each in known if each.version}
    names: dict[str, str] = {}
    for each in found:
        repo = earlier.get(source_key(each.source))
        if repo and _plain(repo) not in used:
            names[each.source] = repo
            continue
        other = versions.get(each.beside)
        if other and each.name.version and each.name.version != other.version:
            names[each.source] = other.repo
    used.update(map(_plain, names.values()))
    return names


def _alike(found: Iterator[Named]) -> list[list[list[Named]]]:
    """The sources of each name, as projects: lists of versions that lie beside one another."""
    groups: dict[str, dict[tuple[object, ...], list[Named]]] = {}
    for each in found:
        projects = groups.setdefault(_plain(each.name.project), {})
        own = (each.source,)  # without a version, or of the same as another, it stands alone
        others = projects.get(each.beside, [])
        version = each.name.version
        same = version and all(
            version != other.name.version or each.file == other.file for other in others
        )
        projects.setdefault(each.beside if same else own, []).append(each)
    return [list(projects.values()) for projects in groups.values()]


def _told_apart(alike: list[list[Named]], used: set[str]) -> Iterator[tuple[list[Named], str]]:
    """Projects of one name, each with a name that is its own."""
    plain = [project[0].name.project for project in alike]
    for with_last in (False, True):
        folders = [_folders(project[0].source, with_last=with_last) for project in alike]
        for depth in range(max(map(len, folders)) + 1):
            names = [
                "/".join([*above[len(above) - min(depth, len(above)) :], name])
                for above, name in zip(folders, plain, strict=True)
            ]
            own = {_plain(name) for name in names}
            if len(own) == len(names) and own.isdisjoint(used):
                yield from zip(alike, names, strict=True)
                return
    for project, name in zip(alike, plain, strict=True):  # in no folder, say
        number = 2
        while _plain(f"{name}-{number}") in used:
            number += 1
        yield project, f"{name}-{number}"


def _folders(source: str, *, with_last: bool) -> list[str]:
    """The names of the folders above a source, and the last one of itself."""
    parts = source_parts(source)
    if parts and parts.kind == "git":
        above, name = folders_and_name(git_place(parts.place).url)
        return [*above, name] if with_last else above
    place = redacted(absolute(parts.place if parts else source))
    *above, last = re.sub(r"^\w[\w.+-]*://", "", place).strip("/").split("/")
    return [*above, ARCHIVE_ENDING.sub("", last)] if with_last else above
