"""github:OWNER/REPO[@REF], a repository on GitHub or on a server with the same interface.

Its REST interface describes the repository, in one request; git, or with --tarball the interface,
has its files at one commit.
"""

import os
import re
from urllib.parse import urlsplit

from transforms.crawl.git.places import BAD_REF, one_spelling
from transforms.crawl.git.snapshot import read_snapshot, snapshot
from transforms.crawl.github.access import SERVER_URL, server_url
from transforms.crawl.github.repository import FULL_NAME, Repository, remembered
from transforms.crawl.github.rest import GitHub
from transforms.crawl.project import Project
from transforms.crawl.sources.archive import read_stored
from transforms.crawl.sources.fetched_project import FetchedProject, failing_with
from transforms.lib.network.fetch import Fetcher, FetchError

MOST_KB = 4_000_000  # of a repository with its history, as the forge says; few are larger
PLACE = re.compile(
    r"((https?://)?(www\.)?(?P<host>[\w.:-]+)/)?"
    r"(?P<name>[\w-]+/[\w.-]+?)(\.git)?/?(@(?P<ref>.+))?",
    re.ASCII,
)
SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
NO_COMMIT = 422  # status of a ref that there is not
REST_SHA = "application/vnd.github.sha"
# What git says of a repository that has been renamed, deleted or closed since it was listed.
CHANGED = ("gone", "blocked", "bad_redirect", "empty", "rejected")
CLIENT = "github"


def parse(place: str) -> tuple[str, str | None]:
    """OWNER/REPO and the ref that a place names; FetchError if it names no repository.

    >>> parse("pallets/click@8.1.x"), parse("https://github.com/pallets/click.git")
    (('pallets/click', '8.1.x'), ('pallets/click', None))
    """
    found = PLACE.fullmatch(place.strip())
    hosts = {urlsplit(url).netloc.lower() for url in (SERVER_URL, server_url())}
    if (
        not found
        or not FULL_NAME.fullmatch(found["name"])
        or (found["host"] or SERVER_URL[8:]).lower() not in hosts
    ):
        raise FetchError("bad_url", "no OWNER/REPO or OWNER/REPO@REF")
    name, ref = found["name"], found["ref"]
    if ref and BAD_REF.search(ref):
        raise FetchError("bad_url", f"{ref[:200]!r} is no branch, tag or commit")
    return name, ref


def key(place: str) -> tuple[str, str]:
    """What is the same for every spelling of a repository, and the ref."""
    try:
        name, ref = parse(place)
    except FetchError:
        return place, ""
    return name.lower(), ref or ""


def name_only(place: str) -> tuple[str | None, None]:
    """The repository that a place names; its commit is known later."""
    try:
        return parse(place)[0], None
    except FetchError:
        return None, None


def read(place: str, fetcher: Fetcher) -> FetchedProject:
    """The files of a repository at the commit that its default branch or REF is at now.

    Raises FetchError, whose `row` holds what is known of the repository, if they cannot be had.
    """
    name, ref = parse(place)
    try:
        return _read(name, ref, fetcher)
    except FetchError as error:
        named = {"repo": name, "ref": ref, "url": f"{server_url()}/{name}.git"}
        error.row = named | error.row
        raise


def _read(name: str, ref: str | None, fetcher: Fetcher) -> FetchedProject:
    """As `read`; what a search has seen is asked for only if it is no longer so."""
    seen = remembered(fetcher.store.data, name)
    if seen and not (seen.fork and seen.parent is None and "forks" in fetcher.flags):
        try:
            fetched = _fetched(seen, name, ref, fetcher)
        except FetchError as error:
            if error.status not in CHANGED:
                raise
        else:
            if "tarball" in fetcher.flags or _same(fetched.row["url"], seen.clone_url):
                return fetched
    found = Repository.from_json(_client(fetcher).get(f"/repos/{name}").body)
    return _fetched(found, name, ref, fetcher)


def _same(url: str, other: str) -> bool:
    """Whether two URLs on one server, or on a server and where it redirects to, are of one name."""
    return urlsplit(one_spelling(url)).path.lower() == urlsplit(one_spelling(other)).path.lower()


def _fetched(found: Repository, name: str, ref: str | None, fetcher: Fetcher) -> FetchedProject:
    """The project of a repository, which was asked for as `name`; FetchError with its row."""
    row = found.row() | {"ref": ref or found.default_branch}
    if found.full_name.lower() != name.lower():
        row["renamed_from"] = name
    with failing_with(row):
        _check(found, fetcher)
        fetch = _by_tarball if "tarball" in fetcher.flags else _by_git
        project = fetch(found, ref, fetcher, row)
    project.licence_declared = found.licence or project.licence_declared
    return FetchedProject(project, row)


def _check(found: Repository, fetcher: Fetcher) -> None:
    """Raises FetchError for what is not fetched: a fork, unless by flag, and what is too big."""
    if found.fork and "forks" not in fetcher.flags:
        raise FetchError("fork", f"a fork{f' of {found.parent}' if found.parent else ''}")
    if (found.size or 0) > MOST_KB:
        raise FetchError("too_big", f"{found.size} kB with its history, over {MOST_KB}")


def _by_git(found: Repository, ref: str | None, fetcher: Fetcher, row: dict) -> Project:
    """The files of git's objects, which are kept as one archive; fills `row`."""
    taken = snapshot(found.clone_url, ref, fetcher, _client(fetcher).token)
    row |= taken.row
    return read_snapshot(taken, fetcher)


def _by_tarball(found: Repository, ref: str | None, fetcher: Fetcher, row: dict) -> Project:
    """The files of the archive that the interface makes of a commit; fills `row`."""
    client, path = _client(fetcher), f"/repos/{found.full_name}"
    try:
        answer = client.get(f"{path}/commits/{ref or 'HEAD'}", accept=REST_SHA)
    except FetchError as error:
        if error.http_status != NO_COMMIT:
            raise
        raise FetchError("gone", error.reason, NO_COMMIT) from error
    if not answer.url.startswith(f"{client.base}{path}/"):
        raise FetchError("bad_redirect", "it has another name now", 301)
    commit = answer.body.strip()
    if not SHA.fullmatch(commit):
        raise FetchError("server_error", "an answer that names no commit", 200)
    row |= {"commit": commit, "url": f"{client.base}{path}/tarball/{commit}"}
    place = client.archive_url(f"{path}/tarball/{commit}")
    response = fetcher.archive(place, linked_from=client.base)
    with fetcher.store.open(response.sha256) as stream:
        row |= {"archive_sha256": response.sha256, "archive_bytes": stream.seek(0, os.SEEK_END)}
    row |= {"http_status": response.http_status, "etag": response.etag}
    return read_stored(response.sha256, fetcher, row).project


def _client(fetcher: Fetcher) -> GitHub:
    """The client of this worker."""
    if CLIENT not in fetcher.clients:
        made = GitHub(fetcher.store.data, fetcher.slots, politeness=fetcher.politeness)
        fetcher.clients[CLIENT] = made
    client: GitHub = fetcher.clients[CLIENT]
    return client
