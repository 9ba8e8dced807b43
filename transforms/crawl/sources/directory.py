"""dir:PATH, a project tree on this machine; symbolic links are not followed."""

import os

from transforms.crawl.project import read_project, wanted
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.lib.archives.folder import walk
from transforms.lib.archives.rules import ArchiveError, printable
from transforms.lib.network.fetch import Fetcher, FetchError


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The project in the folder `place`; without metadata it is named after the folder.

    Raises FetchError if there is no such folder, one in it cannot be read, or it is too big.
    """
    root = os.path.abspath(place)
    if not os.path.isdir(root):
        raise FetchError("gone", f"{place}: no such folder")
    try:
        project = read_project(walk(root, wanted))
    except ArchiveError as error:
        raise FetchError(error.reason, error.value) from error
    repo = project.name or printable(os.path.basename(root))
    row = {"url": printable(root), "repo": repo, "commit": project.version}
    return FetchedProject(project, row)
