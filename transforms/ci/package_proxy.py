"""The package index as the build sandbox sees it: nothing else of the network can be reached.

The proxy runs in quire's process, on a Unix socket in a private folder. It answers two kinds of
requests, pages of the simple API and files that such a page listed, asks the index that pip is
configured for, and keeps every file by its sha256 in the archive store. So it is recorded what an
environment was made of, and the same environment can be made again without a network.
"""

import contextlib
import functools
import json
import os
import re
import socketserver
import tempfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import unquote

from packaging.utils import canonicalize_name

from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, FetchError
from transforms.lib.network.pip_settings import index_urls

PORT = 8099  # inside the sandbox, in its own network namespace
ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
JSON = "application/vnd.pypi.simple.v1+json"
PAGE = re.compile(r"/simple/(?P<project>[\w.-]+)/")
FILE = re.compile(r"/files/(?P<sha256>[0-9a-f]{64})/(?P<name>[^/]+)")
RANGE = re.compile(r"bytes=(\d+)-(\d*)")
# Keys of a file on a page that installers use.
KEPT_KEYS = ("filename", "hashes", "requires-python", "size", "upload-time", "yanked")


@dataclass
class PackageProxy:
    """A server on a Unix socket, from `with` to its end; `socket` is its path.

    `used` are the files that were asked for: the sha256 by the file name.
    """

    fetcher: Fetcher
    used: dict[str, str] = field(default_factory=dict)
    socket: str = ""
    _files: dict[str, tuple[str, str]] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)
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

    @property
    def store(self) -> ArchiveStore:
        """Where files are kept."""
        return self.fetcher.store

    def page(self, project: str) -> bytes:
        """The page of a project as JSON, its files with addresses here; raises FetchError."""
        name = canonicalize_name(project)
        files: list[dict[str, Any]] = []
        with self._turn:
            for index in index_urls():
                with contextlib.suppress(FetchError):
                    page = self.fetcher.page(f"{index}/{name}/", ACCEPT)
                    files += json.loads(page.body)["files"] if "json" in page.content_type else []
        listed = []
        for file in files:
            sha256, filename = str(file["hashes"].get("sha256") or ""), str(file["filename"])
            if re.fullmatch(r"[0-9a-f]{64}", sha256):
                self._files[sha256] = (str(file["url"]), filename)
                kept = {key: file[key] for key in KEPT_KEYS if key in file}
                listed.append(kept | {"url": f"http://127.0.0.1:{PORT}/files/{sha256}/{filename}"})
        if not listed:
            raise FetchError("gone", name, 404)
        meta = {"api-version": "1.1"}
        return json.dumps({"meta": meta, "name": name, "files": listed}).encode()

    def file(self, sha256: str, name: str) -> bytes:
        """The content of a file that a page listed; raises FetchError."""
        if sha256 not in self._files:
            raise FetchError("gone", name, 404)
        url, filename = self._files[sha256]
        with self._turn:
            if not self.store.has(sha256):
                self.fetcher.archive(url, sha256)
            self.used[filename] = sha256
            with self.store.open(sha256) as stream:
                return stream.read()


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
                self._send_file(self._proxy.file(file["sha256"], file["name"]))
            else:
                self._send(404, b"")
        except FetchError as error:
            self._send(404 if error.http_status in (404, 410) else 502, str(error).encode())
        except (KeyError, TypeError, ValueError):  # the index's page is no page
            self._send(502, b"no page of the simple API")

    def _send_file(self, content: bytes) -> None:
        wanted = RANGE.fullmatch(self.headers.get("Range", ""))
        if not wanted:
            self._send(200, content)
            return
        begin = int(wanted[1])
        end = min(int(wanted[2] or len(content) - 1), len(content) - 1)
        self._send(206, content[begin : end + 1], range_=f"bytes {begin}-{end}/{len(content)}")

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
