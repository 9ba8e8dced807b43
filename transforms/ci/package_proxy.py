"""The package index as the build sandbox sees it: nothing else of the network can be reached.

The proxy runs in quire's process, on a Unix socket in a private folder. It answers two kinds of
requests, pages of the simple API and files that such a page listed. They come from the index that
pip is configured for, and every file is kept by its sha256 in the archive store; or from a lock and
the store alone. So it is recorded what an environment was made of, and the same environment can be
made again without a network.
"""

import contextlib
import functools
import json
import os
import re
import socketserver
import tempfile
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler
from typing import Any, BinaryIO, Protocol, Self
from urllib.parse import unquote

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.network.index_pages import IndexEntry, index_page, page_entries
from transforms.lib.network.pip_settings import index_urls

PORT = 8099  # inside the sandbox, in its own network namespace
JSON = "application/vnd.pypi.simple.v1+json"
PAGE = re.compile(r"/simple/(?P<project>[\w.-]+)/")
FILE = re.compile(r"/files/(?P<sha256>[0-9a-f]{64})/(?P<name>[^/]+)")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
MOST_PAGES = 300  # that are kept in memory
RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class PackageIndex(Protocol):
    """What pages and files come from; its methods raise FetchError."""

    def listed(self, project: str) -> list[dict[str, Any]]:
        """The files of a project as the simple API has them, with addresses of the proxy."""

    def file(self, sha256: str, name: str) -> BinaryIO:
        """A file that was listed, open."""


@dataclass
class RemoteIndex:
    """The index that pip is configured for; pages are asked for once, files are kept by sha256."""

    fetcher: Fetcher
    _pages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _files: dict[str, tuple[str, str]] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def listed(self, project: str) -> list[dict[str, Any]]:
        """As in PackageIndex."""
        with self._turn:
            if project not in self._pages:
                while len(self._pages) >= MOST_PAGES:
                    del self._pages[next(iter(self._pages))]
                self._pages[project] = self._asked(project)
            return self._pages[project]

    def _asked(self, project: str) -> list[dict[str, Any]]:
        """The files of a project in all indexes; raises FetchError if one fails.

        An index that fails may be the one that has the project, and another project of the same
        name may be in the next one. Files without a sha256 are left out.
        """
        listed = []
        for index in index_urls():
            try:
                entries = list(page_entries(index_page(index, project, self.fetcher)))
            except FetchError as error:
                if error.status not in ("gone", "not_found"):
                    raise
                continue
            for entry in entries:
                if entry.sha256 and SHA256_HEX.fullmatch(entry.sha256):
                    self._files[entry.sha256] = entry.url, entry.filename
                    listed.append(_as_listed(entry, entry.sha256))
        return listed

    def file(self, sha256: str, name: str) -> BinaryIO:
        """As in PackageIndex."""
        with self._turn:
            if sha256 not in self._files:
                raise FetchError("gone", name, 404)
            if not self.fetcher.store.has(sha256):
                self.fetcher.archive(self._files[sha256][0], sha256)
        return self.fetcher.store.open(sha256)


def _as_listed(entry: IndexEntry, sha256: str) -> dict[str, Any]:
    """A file as the page says that the sandbox gets."""
    told = {
        "requires-python": entry.requires_python,
        "upload-time": entry.upload_time,
        "yanked": entry.yanked or None,
    }
    file = {
        "filename": entry.filename,
        "hashes": {"sha256": sha256},
        "url": address(sha256, entry.filename),
    }
    return file | {key: value for key, value in told.items() if value is not None}


@dataclass(frozen=True)
class LockedIndex:
    """An index of the files of a lock alone, from the archive store; it has no network."""

    store: ArchiveStore
    locked: Mapping[str, str]  # the sha256 of each file by its name

    def listed(self, project: str) -> list[dict[str, Any]]:
        """As in PackageIndex."""
        return [
            {"filename": filename, "hashes": {"sha256": sha256}, "url": address(sha256, filename)}
            for filename, sha256 in sorted(self.locked.items())
            if distribution(filename)[0] == project
        ]

    def file(self, sha256: str, name: str) -> BinaryIO:
        """As in PackageIndex; a file that is not in the store any more is gone."""
        if self.locked.get(name) != sha256:
            raise FetchError("gone", name, 404)
        try:
            return self.store.open(sha256)
        except FileNotFoundError as error:
            raise FetchError("gone", name, 404) from error


def address(sha256: str, filename: str) -> str:
    """The address of a file inside the sandbox."""
    return f"http://127.0.0.1:{PORT}/files/{sha256}/{filename}"


def distribution(filename: str) -> tuple[str, str]:
    """The name and version of a wheel or sdist by its file name; empty if it is neither.

    >>> distribution("zope.interface-5.0.tar.gz"), distribution("six-1.16.0-py2.py3-none-any.whl")
    (('zope-interface', '5.0'), ('six', '1.16.0'))
    """
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename):
        stem = re.sub(r"\.(tar\.\w+|zip|tgz|egg)$", "", filename)
        bare, _, text = stem.rpartition("-")
        return canonicalize_name(bare), text
    return name, str(version)


@dataclass
class PackageProxy:
    """A server on a Unix socket, from `with` to its end; `socket` is its path.

    `used` are the files that were asked for since it was last cleared: the sha256 by the file name.
    `before` bounds what is listed by a day, but for packages that are `unbound`, and those of which
    nothing is so old.
    """

    index: PackageIndex
    before: date | None = None
    unbound: Collection[str] = ()
    used: dict[str, str] = field(default_factory=dict)
    socket: str = ""
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> Self:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="quire-index-"))
        self.socket = os.path.join(folder, "index")
        server = _Server(self.socket, functools.partial(_Handler, self))
        os.chmod(self.socket, 0o666)  # the folder is this user's alone; the sandbox has another
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self._stack.callback(server.server_close)
        self._stack.callback(server.shutdown)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def page(self, project: str) -> bytes:
        """A page of the simple API; raises FetchError if no file is on it."""
        name = canonicalize_name(project)
        files = self.index.listed(name)
        if self.before and name not in self.unbound:
            # Of some packages all that was old has been removed since (atomicwrites).
            old = [file for file in files if str(file.get("upload-time", "")) < f"{self.before}"]
            files = old or files
        if not files:
            raise FetchError("gone", name, 404)
        page = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
        return json.dumps(page).encode()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are not worth a word."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, proxy: PackageProxy, *arguments: Any) -> None:
        self._proxy = proxy
        super().__init__(*arguments)

    def address_string(self) -> str:
        return "sandbox"

    def log_message(self, *arguments: object) -> None:
        """Nothing is logged."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(self.path.partition("?")[0].partition("#")[0])
        try:
            if page := PAGE.fullmatch(path if path.endswith("/") else f"{path}/"):
                self._send(200, self._proxy.page(page["project"]), JSON)
            elif file := FILE.fullmatch(path):
                self._send_file(file["sha256"], file["name"])
            else:
                self._send(404, b"")
        except FetchError as error:
            self._send(404 if error.http_status in (404, 410) else 502, str(error).encode())
        except (KeyError, TypeError, ValueError):  # the index's page is no page
            self._send(502, b"no page of the simple API")

    def _send_file(self, sha256: str, name: str) -> None:
        """A file, or the part of it that is asked for: installers read metadata from the end."""
        with self._proxy.index.file(sha256, name) as stream:
            size = stream.seek(0, os.SEEK_END)
            wanted = RANGE.fullmatch(self.headers.get("Range", ""))
            if not wanted:
                self._proxy.used[name] = sha256
            begin = int(wanted[1]) if wanted else 0
            end = min(int(wanted[2] or size - 1), size - 1) if wanted else size - 1
            stream.seek(begin)
            body = stream.read(max(0, end + 1 - begin))
        range_ = f"bytes {begin}-{end}/{size}" if wanted else ""
        self._send(206 if wanted else 200, body, range_=range_)

    def _send(
        self, status: int, body: bytes, kind: str = "application/octet-stream", range_: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        if range_:
            self.send_header("Content-Range", range_)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
