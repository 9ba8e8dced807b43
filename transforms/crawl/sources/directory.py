"""dir:PATH, a project tree on this machine; links are not followed."""

import os

from transforms.crawl.project import read_project, wanted
from transforms.crawl.sources.found import Found
from transforms.lib.archives.folder import walk
from transforms.lib.archives.rules import ArchiveError, printable
from transforms.lib.network.fetch import Fetcher, FetchError


def read(place: str, fetcher: Fetcher) -> Found:
    """The project below the folder `place`."""
    root = os.path.abspath(place)
    if not os.path.isdir(root):
        raise FetchError("gone", f"{place}: no such folder")
    try:
        project = read_project(walk(root, wanted))
    except ArchiveError as error:
        raise FetchError(error.reason, error.value) from error
    repo = project.name or printable(os.path.basename(root))
    return Found(project, {"url": printable(root), "repo": repo, "commit": project.version})
