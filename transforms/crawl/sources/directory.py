"""dir:PATH, a project tree on this machine; symbolic links are not followed.

A tar of the tree is kept in the archive store, so that its tests can be run later.
"""

import glob
import os
from dataclasses import replace

from transforms.crawl.git_folder import head_of, made_at
from transforms.crawl.project import Project, read_project, wanted
from transforms.crawl.project_names import ProjectName, folder_name
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.lib.archives.folder import read_member, walk
from transforms.lib.archives.pack import FILE_BYTES, TreeTooLarge, packed
from transforms.lib.archives.rules import ArchiveError, printable
from transforms.lib.network.fetch import Fetcher, FetchError

# Where a tree declares its name.
NAMING = ("PKG-INFO", "*.egg-info/PKG-INFO", "src/*.egg-info/PKG-INFO", "*.dist-info/METADATA")
NAMING_SETTINGS = ("pyproject.toml", "setup.cfg")


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The project in the folder `place`; without metadata it is named after the folder.

    Raises FetchError if there is no such folder, it cannot be read, or it is too big.
    """
    root = _root(place)
    try:
        project = read_project(walk(root, wanted))
    except ArchiveError as error:
        raise FetchError(error.reason, error.value) from error
    named = _named(root, project)
    head = head_of(root)
    commit = head.commit if head else None
    version = project.version or named.version or commit or project.settings_version
    row = {"url": printable(root), "repo": named.project, "commit": version}
    tree = _kept_tree(root, head.made if head else made_at(root), fetcher)
    return FetchedProject(project, row | tree, certain=False)


def _kept_tree(root: str, made: int, fetcher: Fetcher) -> dict[str, object]:
    """The columns of the tree's tar in the store; none if it is too large."""
    try:
        content = packed(walk(root, lambda path: True, FILE_BYTES), made)
    except (ArchiveError, TreeTooLarge):
        return {}
    return {"archive_sha256": fetcher.store.put(content), "archive_bytes": len(content)}


def name_of(place: str) -> tuple[ProjectName, bool]:
    """The name of the project in a folder, and False: it is not that of a release.

    Raises FetchError if there is no such folder.
    """
    root = _root(place)
    found = [path for pattern in NAMING for path in glob.glob(pattern, root_dir=root)]
    paths = [path for path in (*sorted(found), *NAMING_SETTINGS) if _is_file(root, path)]
    project = read_project(read_member(os.path.join(root, path), path) for path in paths)
    return _named(root, project), False


def _root(place: str) -> str:
    root = os.path.abspath(place)
    if not os.path.isdir(root):
        what = (
            "no folder, an archive is archive:PATH" if os.path.lexists(root) else "no such folder"
        )
        raise FetchError("not_found", f"{place}: {what}")
    return root


def _is_file(root: str, path: str) -> bool:
    full = os.path.join(root, path)
    return os.path.isfile(full) and not os.path.islink(full)


def _named(root: str, project: Project) -> ProjectName:
    """What metadata, settings and the name of the folder say together."""
    named = folder_name(printable(os.path.basename(root)) or "root")
    return replace(named, project=project.name or project.settings_name or named.project)
