"""archive:PATH, a source archive (tar or zip) on this machine or at a storage URL."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from transforms.crawl.project import Project, names_project, read_project, wanted
from transforms.crawl.project_names import ProjectName, archive_name
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.lib.archives import ArchiveContents, beginning, contents
from transforms.lib.archives.rules import ARCHIVE_ENDING
from transforms.lib.errors import UsageError
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.redaction import redacted
from transforms.lib.skeleton.storage import absolute, is_url, open_file

BEGINNING_BYTES = 4 << 20  # of an archive that are read to learn its name


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The project in the archive at the path or URL `place`; a copy is kept in the store.

    Raises FetchError if there is no such file or it is too big, ArchiveError if it is no archive.
    """
    path = absolute(place)
    content = _content(path, fetcher.politeness.max_bytes)
    sha256 = fetcher.store.put(content)
    row = {"url": redacted(path), "archive_sha256": sha256, "archive_bytes": len(content)}
    with fetcher.store.open(sha256) as stream:
        found = contents(stream, wanted)
        project = read_project(found.members)
    named = _named(path, found, project)
    row["repo"] = named.project
    row["commit"] = (
        project.version or named.version or found.commit or named.commit or project.settings_version
    )
    return FetchedProject(project, row, certain=project.name is not None)


def name_of(place: str) -> tuple[ProjectName, bool]:
    """The name of the project in an archive, by the archive's beginning.

    And whether it is that of a release. Raises FetchError if the archive cannot be opened.
    """
    path = absolute(place)
    with _opened(path) as stream:
        found = beginning(stream, names_project, BEGINNING_BYTES)
        project = read_project(found.members)
    return _named(path, found, project), project.name is not None


def _named(path: str, found: ArchiveContents, project: Project) -> ProjectName:
    """What metadata, settings, top folder and file name say together."""
    stem = ARCHIVE_ENDING.sub("", redacted(path).rpartition("/")[2])
    named = archive_name(stem, found.top, found.commit)
    return replace(named, project=project.name or project.settings_name or named.project)


def _content(path: str, max_bytes: int) -> bytes:
    with _opened(path) as file:
        if file.size() > max_bytes:
            raise FetchError("too_big", f"{redacted(path)}: over {max_bytes} bytes")
        content: bytes = file.read()
    return content


@contextlib.contextmanager
def _opened(path: str) -> Iterator[pa.NativeFile]:
    """The file at a path or URL; FetchError if it cannot be opened or read."""
    shown = redacted(path)
    if not is_url(path) and not os.path.isfile(path):  # opening a pipe would wait for ever
        there = os.path.lexists(path)
        raise (
            FetchError("unreadable", f"{shown}: no file")
            if there
            else FetchError("not_found", f"{shown}: no such file")
        )
    try:
        with open_file(path) as file:
            yield file
    except FileNotFoundError as error:
        raise FetchError("not_found", f"{shown}: no such file") from error
    except (UsageError, ImportError, pa.ArrowInvalid) as error:
        raise FetchError("bad_url", _line(error)) from error
    except OSError as error:
        status = "unreachable" if is_url(path) else "unreadable"
        raise FetchError(status, f"{shown}: {error.strerror or _line(error)}") from error


def _line(error: BaseException) -> str:
    return redacted(str(error).split("\n")[0][:200])


def read_stored(sha256: str, fetcher: Fetcher, row: dict) -> FetchedProject:
    """The project in an archive of the store, with what is known of its `repositories` row.

    Raises ArchiveError if the bytes are no archive, or break the rules for archives.
    """
    with fetcher.store.open(sha256) as stream:
        return FetchedProject(read_project(contents(stream, wanted).members), row)
