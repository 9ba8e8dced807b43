"""archive:PATH, a source archive (tar or zip) on this machine or at a storage URL."""

import os
import re

from transforms.crawl.project import read_project, wanted
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.lib.archives import members
from transforms.lib.archives.rules import ARCHIVE_ENDING
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.skeleton.storage import absolute, is_url, open_file

FILE_NAME_VERSION = re.compile(r"-v?(\d[^/]*)$")  # tool-1.2.3, without the archive's ending


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The project in the archive at the path or URL `place`; a copy is kept in the store.

    Raises FetchError if there is no such file or it is too big, ArchiveError if it is no archive.
    """
    path = absolute(place)
    content = _content(path, fetcher.politeness.max_bytes)
    sha256 = fetcher.store.put(content)
    row = {"url": path, "archive_sha256": sha256, "archive_bytes": len(content)}
    fetched = read_stored(sha256, fetcher, row)
    stem = ARCHIVE_ENDING.sub("", path.rpartition("/")[2])
    version = FILE_NAME_VERSION.search(stem)
    fetched.row["repo"] = fetched.project.name or FILE_NAME_VERSION.sub("", stem)
    fetched.row["commit"] = fetched.project.version or (version[1] if version else None)
    return fetched


def _content(path: str, max_bytes: int) -> bytes:
    if not is_url(path) and not os.path.isfile(path):  # opening a pipe would wait for ever
        raise FetchError("gone", f"{path}: no such file")
    try:
        with open_file(path) as file:
            if file.size() > max_bytes:
                raise FetchError("too_big", f"{path}: over {max_bytes} bytes")
            content: bytes = file.read()
    except OSError as error:
        raise FetchError("gone", f"{path}: cannot be read") from error
    return content


def read_stored(sha256: str, fetcher: Fetcher, row: dict) -> FetchedProject:
    """The project in an archive of the store, with what is known of its `repositories` row.

    Raises ArchiveError if the bytes are no archive, or break the rules for archives.
    """
    with fetcher.store.open(sha256) as stream:
        return FetchedProject(read_project(members(stream, wanted)), row)
