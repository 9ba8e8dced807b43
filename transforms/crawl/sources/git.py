"""git:URL[@REF], one commit of a repository, by https: a branch, a tag, or the default branch."""

from transforms.crawl.git.places import folders_and_name, git_place, one_spelling
from transforms.crawl.git.snapshot import read_snapshot, snapshot
from transforms.crawl.project_names import ProjectName
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.redaction import redacted, with_secrets


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The project at a commit, called after the last two parts of its URL.

    Raises FetchError, whose `row` holds what is known of it, if it cannot be fetched.
    """
    named = git_place(with_secrets(place))
    row: dict[str, object] = {"url": redacted(named.url), "ref": named.ref}
    try:
        found = snapshot(named.url, named.ref, fetcher)
    except FetchError as error:
        error.row = row
        raise
    _, name = folders_and_name(named.url)
    project = read_snapshot(found, fetcher)
    ref = {"ref": named.ref or (found.ref or "").removeprefix("refs/heads/") or None}
    return FetchedProject(project, found.row | ref | {"repo": name}, certain=False)


def name_of(place: str) -> tuple[ProjectName, bool]:
    """The name of the project at URL[@REF], and False: it is not that of a release.

    Its version is what no commit is called. Raises FetchError if there is no such URL.
    """
    named = git_place(place)
    return ProjectName(folders_and_name(named.url)[1], f"@{named.ref or ''}"), False


def key_of(place: str) -> tuple[str, str]:
    """The ref, and the URL in one spelling; the text itself if there is no such URL."""
    try:
        named = git_place(place)
    except FetchError:
        return "", place
    return named.ref or "", one_spelling(named.url)
