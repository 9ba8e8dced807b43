"""archive:PATH, a source archive on this machine or at a storage URL."""

import os
import re

from transforms.crawl.project import read_project, wanted
from transforms.crawl.sources.found import Found
from transforms.lib.archives import members
from transforms.lib.archives.rules import ARCHIVE_ENDING
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.skeleton.storage import absolute, is_url, open_file

VERSION = re.compile(r"-v?(\d[^/]*)$")


def read(place: str, fetcher: Fetcher) -> Found:
    """The project in the archive at `place`; the archive is kept in the store."""
    path = absolute(place)
    content = _content(path, fetcher.politeness.max_bytes)
    sha256 = fetcher.store.put(content)
    row = {"url": path, "archive_sha256": sha256, "archive_bytes": len(content)}
    found = read_stored(sha256, fetcher, row)
    stem = ARCHIVE_ENDING.sub("", path.rpartition("/")[2])
    version = VERSION.search(stem)
    found.row["repo"] = found.project.name or VERSION.sub("", stem)
    found.row["commit"] = found.project.version or (version[1] if version else None)
    return found


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


def read_stored(sha256: str, fetcher: Fetcher, row: dict) -> Found:
    """The project in an archive of the store."""
    with fetcher.store.open(sha256) as stream:
        return Found(read_project(members(stream, wanted)), row)
