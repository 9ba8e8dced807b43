"""A repository on a server: which commit a name stands for, and that commit with its tree."""

import os
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import IO

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from transforms.crawl.git.git_command import Git
from transforms.lib.archives.rules import MAX_PATH_CHARACTERS, printable
from transforms.lib.network.fetch import USER_AGENT, Fetcher, FetchError
from transforms.lib.network.transfer import HttpRequest

SERVICE = "/info/refs?service=git-upload-pack"
ADVERTISEMENT = "application/x-git-upload-pack-advertisement"
AGENT = f"git/2 {USER_AGENT}"  # some servers know a client of git by how this begins
COMMIT = re.compile(r"[0-9a-f]{40}")
HEAD = "refs/quire/head"  # where the fetched commit is, here
BLOB_BYTES = 1 << 20  # blobs of so many bytes or more stay where they are
REFUSED = "unadvertised object"  # git says so where a server gives no commits by their ids
# Statuses of servers that offer filters and then fail over one: dulwich 1.2's, and so klaus.
CONFUSED = (400, 500)
# Requests of one command: it asks what the server can do, then for refs, or for objects.
REQUESTS = 2
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
MAX_REFS_BYTES = 32 << 20  # an older server lists all refs, whatever it is asked for
# Where git looks for a name, in its order.
PLACES = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}")


@dataclass(frozen=True)
class Found:
    """A commit, or a tag of one, and the full name by which the server has it; None for none."""

    id: str
    ref: str | None


@dataclass(frozen=True)
class RemoteRepository:
    """A repository at the URL where it is after all redirects."""

    url: str
    git: Git
    fetcher: Fetcher

    def find(self, ref: str | None) -> Found:
        """What a ref, or the default branch, stands for now; FetchError if it is none."""
        names = [place.format(ref) for place in PLACES] if ref else ["HEAD"]
        patterns = [*names, *(f"{name}^{{}}" for name in names)]
        options = ("ls-remote", "--symref", "--", self.url, *patterns)
        with self._asked(*options) as answer:
            pairs = _listed(answer)
        ids = {name: text for text, name in pairs if COMMIT.fullmatch(text)}
        branches = {name: text.removeprefix("ref: ") for text, name in pairs if text[:4] == "ref:"}
        for name in names:
            if name in ids:
                ref = printable(branches.get(name, name))[:MAX_PATH_CHARACTERS]
                return Found(ids.get(f"{name}^{{}}", ids[name]), ref)
        if ref is None:
            raise FetchError("empty", "no commit on its default branch")
        raise FetchError("gone", f"no branch or tag {ref!r}")

    def fetch(self, found: Found) -> None:
        """Fetch a commit with its tree and small blobs, by its id or, if need be, by its ref."""
        try:
            self._fetch(found.id)
        except FetchError as error:
            if REFUSED in error.reason and (ref := found.ref or self._ref_at(found.id)):
                self._fetch(ref)
            elif found.ref and error.status == "gone" and not error.http_status:
                raise _moved(found) from error
            else:
                raise
        self.git.forget_remotes()
        if found.id.encode() not in self.git.run("rev-parse", HEAD, f"{HEAD}^{{commit}}").split():
            raise _moved(found)

    def _ref_at(self, commit: str) -> str | None:
        """A ref that is at a commit, or at a tag of it; None if there is none."""
        with self._asked("ls-remote", "--refs", "--", self.url) as answer:
            return next((ref for id_, ref in _listed(answer) if id_ == commit), None)

    def _fetch(self, want: str) -> None:
        """Fetch an id or a ref; with its large blobs from a server that cannot leave them out."""
        try:
            self._fetch_objects(want, f"--filter=blob:limit={BLOB_BYTES}")
        except FetchError as error:
            if error.http_status not in CONFUSED:
                raise
            self.git.forget_remotes()  # and the filter with them
            self._fetch_objects(want)

    def _fetch_objects(self, want: str, *options: str) -> None:
        options += ("--depth=1", "--no-tags", "--quiet", "--no-write-fetch-head")
        options += ("--no-recurse-submodules", "--no-auto-maintenance")
        with self._asked("fetch", *options, "origin", f"+{want}:{HEAD}"):
            pass

    def _asked(self, *arguments: str) -> AbstractContextManager[IO[bytes]]:
        self.fetcher.pace(self.url, REQUESTS)
        return self.git.answer(*arguments, network=self._network, settings=self._settings)

    @cached_property
    def _request(self) -> HttpRequest:
        return self.fetcher.request(self.url, {}, 0)

    @property
    def _network(self) -> dict[str, str]:
        """The variables by which git connects as all requests do."""
        request = self._request
        network = {name: value for name, value in os.environ.items() if name.lower() in PROXIES}
        network |= {f"{scheme}_proxy": proxy for scheme, proxy in request.proxies.items()}
        network["GIT_ALLOW_PROTOCOL"] = "https:http"
        verify = DEFAULT_CA_BUNDLE_PATH if request.verify is True else request.verify
        if not verify:
            return network | {"GIT_SSL_NO_VERIFY": "1"}
        name = "GIT_SSL_CAPATH" if os.path.isdir(verify) else "GIT_SSL_CAINFO"
        return network | {name: verify}

    @property
    def _settings(self) -> dict[str, str]:
        """The settings of git for this server; a password is sent to no other."""
        request = self._request
        settings = {
            "protocol.version": "2",
            "http.followRedirects": "false",
            "http.lowSpeedLimit": "1",
            "http.lowSpeedTime": "30",
            "http.userAgent": AGENT,
            "remote.origin.url": self.url,
        }
        if request.certificate:
            settings["http.sslCert"] = request.certificate
        prepared = requests.Request("GET", self.url, auth=request.auth).prepare()
        if secret := prepared.headers.get("Authorization"):
            settings[f"http.{self.url}.extraHeader"] = f"Authorization: {secret}"
        return settings


def _listed(answer: IO[bytes]) -> list[list[str]]:
    """Id and name of each ref that `ls-remote` lists; a server may call refs as it likes."""
    lines = answer.read(MAX_REFS_BYTES).decode("utf-8", "surrogateescape").splitlines()
    return [line.split("\t") for line in lines if line.count("\t") == 1]


def _moved(found: Found) -> FetchError:
    """The failure of a commit that was there a moment ago: another try finds where its ref is."""
    return FetchError("gone", f"{found.ref} is no longer at {found.id}", again=True)


def repository_at(url: str, fetcher: Fetcher) -> str:
    """The URL of a repository after all redirects; FetchError if no server of git is there.

    It is asked for by a request of our own: git says neither where a redirect leads, nor how long
    a server wants to be left alone.
    """
    headers = {"Accept": "*/*", "Git-Protocol": "version=2", "User-Agent": AGENT}
    response = fetcher.one_try(url + SERVICE, headers, MAX_REFS_BYTES, url + SERVICE)
    place, found, _ = response.url.partition(SERVICE)
    kind = response.headers.get("Content-Type", "")
    if not found or not kind.startswith(ADVERTISEMENT):
        raise FetchError("rejected", f"no repository that git can fetch from ({kind[:100]!a})", 200)
    if b"object-format=sha256" in response.body[:1024]:
        raise FetchError("rejected", "its objects are named by sha256", 200)
    return place
