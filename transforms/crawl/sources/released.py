"""github:OWNER/REPO@REF, where REF may be what a release was built from (github-from:pypi)."""

from transforms.crawl.github.built import built_at
from transforms.crawl.sources.fetched_project import FetchedProject
from transforms.crawl.sources.github import read as read_repository
from transforms.lib.network.fetch import Fetcher, FetchError


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The files of a repository; of a release's, with the release, at the tag that it has.

    Raises FetchError if they cannot be had. A release without a tag is none: its default branch is
    another thing.
    """
    built = built_at(fetcher.store.data, place)
    if built is None:
        return read_repository(place, fetcher)
    row: dict[str, object] = {}
    for ref in built.refs:
        try:
            fetched = read_repository(f"{built.repository}@{ref}", fetcher)
        except FetchError as error:
            error.row = error.row | built.row
            if not _lacks_ref(error) or built.provenance == "attested":
                raise
            row = error.row
        else:
            fetched.row |= built.row
            return fetched
    failure = FetchError("no_such_version", f"no tag {' or '.join(built.refs)}")
    failure.row = row | {"ref": None}
    raise failure


def _lacks_ref(error: FetchError) -> bool:
    """Whether a repository is there, and the ref is not."""
    return error.status == "gone" and error.http_status not in (404, 410)
