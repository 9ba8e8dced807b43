"""A package index on 127.0.0.1: real HTTP, real source distributions, and faults per path."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from tests.support.faulty_server import Fault, FaultyServer

JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class Asked:
    """A line of the server's request log."""

    path: str
    headers: Mapping[str, str]
    at: float


@dataclass
class File:
    """A file on an index page. `sha256` is what the index says, true or not.

    `provenance` is the address of what attests it, absolute or relative to the page.
    """

    name: str
    body: bytes
    sha256: str | None
    yanked: bool | str = False
    provenance: str | None = None


def sdist(
    name: str,
    version: str,
    files: Mapping[str, str | bytes] | None = None,
    headers: str = "License-Expression: MIT",
) -> bytes:
    """A real source distribution, the same bytes each time."""
    top = f"{name}-{version}"
    members: dict[str, str | bytes] = {
        "PKG-INFO": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{headers}\n",
        f"{name}/__init__.py": f'"""{name} {version}."""\n\n__version__ = "{version}"\n',
    }
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for path, text in (members | dict(files or {})).items():
            content = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(f"{top}/{path}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(sink.getvalue(), mtime=0)


class LoopbackIndex(FaultyServer):
    """`with LoopbackIndex() as index:` … `index.url` is what PIP_INDEX_URL should be."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(Handler, port)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.url = f"{self.base}/simple"
        self.projects: dict[str, list[File]] = defaultdict(list)
        self.html: set[str] = set()  # projects whose page is HTML whatever was asked for
        self.etags = False
        self.password: str | None = None  # the Authorization header that must come
        self.most: int | None = None  # requests that are answered; others wait for `release`
        self._released = threading.Event()
        self.log: list[Asked] = []

    def add(self, name: str, *versions: str, **more: object) -> bytes:
        """A release for each version, and perhaps `yanked`; returns the last one's bytes."""
        files, headers = more.pop("files", None), more.pop("headers", "License-Expression: MIT")
        for version in versions:
            body = sdist(name, version, files, headers)
            self.add_file(name, f"{name}-{version}.tar.gz", body, **more)
        return body

    def add_file(self, project: str, filename: str, body: bytes, **more: object) -> None:
        """Any file of a project; `sha256`, `yanked` and `provenance` as the page shall say."""
        said = {"sha256": hashlib.sha256(body).hexdigest()} | more
        self.projects[project].append(File(filename, body, **said))

    def page(self, project: str) -> str:
        """The path of a project's page."""
        return f"/simple/{project}/"

    def file(self, project: str, version: str = "1.0") -> str:
        """The path of a release."""
        return f"/files/{project}-{version}.tar.gz"

    def hold(self, most: int) -> None:
        """Answer so many requests, and no others until `release`."""
        self.log.clear()
        self.most, self._released = most, threading.Event()

    def release(self) -> None:
        """Answer all again."""
        self.most = None
        self._released.set()

    def wait_to_be_released(self) -> None:
        """Where a request is held."""
        released = self._released
        if self.most is not None and len(self.log) > self.most:
            released.wait()

    def asked(self, path: str) -> list[Asked]:
        """The requests of one path."""
        return [asked for asked in self.log if asked.path == path]


class Handler(BaseHTTPRequestHandler):
    """Pages, files, conditions and faults."""

    protocol_version = "HTTP/1.1"
    server: LoopbackIndex

    def log_message(self, *args: object) -> None:
        """The log is `LoopbackIndex.log`."""

    def do_GET(self) -> None:
        index = self.server
        path = self.path.removeprefix(index.base)  # a proxy is asked for whole addresses
        if path.startswith("http://"):
            path = "/" + path.split("/", 3)[3]
        index.log.append(Asked(path, dict(self.headers), time.monotonic()))
        index.wait_to_be_released()
        if fault := index.next_fault(path):
            fault(self)
        elif index.password and self.headers.get("Authorization") != index.password:
            self.send(401)
        elif path.startswith("/simple/") and path[8:-1] in index.projects:
            self._page(path[8:-1])
        else:
            self._file(path.removeprefix("/files/"))

    def _file(self, name: str) -> None:
        files = [each for files in self.server.projects.values() for each in files]
        body = next((each.body for each in files if each.name == name), None)
        if body is None:
            self.send(404)
        else:
            self.send(200, {"ETag": '"file"'} if self.server.etags else {}, body)

    def _page(self, project: str) -> None:
        files = self.server.projects[project]
        plain = project in self.server.html or JSON not in self.headers.get("Accept", "")
        body = _html_page(files) if plain else _json_page(project, files)
        etag = f'"{hashlib.sha256(body).hexdigest()}"' if self.server.etags else ""
        if etag and self.headers.get("If-None-Match") == etag:
            self.send(304, {"ETag": etag})
            return
        kind = {"Content-Type": "text/html" if plain else JSON}
        self.send(200, kind | ({"ETag": etag} if etag else {}), body)

    def send(
        self,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        length: int | None = None,
    ) -> None:
        """A whole answer; or a part of one, if `length` says more and the line is then cut."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in (headers or {}) and status != 304:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length is not None


def _json_page(project: str, files: list[File]) -> bytes:
    entries = [
        {
            "filename": file.name,
            "url": f"../../files/{file.name}",
            "hashes": {"sha256": file.sha256} if file.sha256 else {},
            "yanked": file.yanked,
            "provenance": file.provenance,
        }
        for file in files
    ]
    return json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": entries}).encode()


def _html_page(files: list[File]) -> bytes:
    links = [
        f'<a href="/files/{file.name}{f"#sha256={file.sha256}" if file.sha256 else ""}"'
        f"{' data-yanked' if file.yanked else ''}>{file.name}</a><br/>"
        for file in files
    ]
    return ("<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>").encode()


def reply(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Fault:
    """A status, such as 429 with Retry-After, or 200 with another body."""
    return lambda handler: handler.send(status, headers, body)


def redirect(target: str, status: int = 302) -> Fault:
    """Go elsewhere. The body never ends: a client that wants it whole is lost."""

    def fault(handler: Handler) -> None:
        handler.send(status, {"Location": target}, b"x" * 100, length=1 << 40)

    return fault


def short(body: bytes) -> Fault:
    """Half of what Content-Length says, and the line is cut."""
    return lambda handler: handler.send(200, {}, body[: len(body) // 2], length=len(body))


def cut_chunks(body: bytes) -> Fault:
    """A chunked body that is cut in the middle of a chunk."""

    def fault(handler: Handler) -> None:
        part = b"%x\r\n%s" % (len(body), body[: len(body) // 2])
        handler.send(200, {"Transfer-Encoding": "chunked"}, part, length=0)

    return fault


def hang_up(handler: Handler) -> None:
    """No answer at all."""
    handler.close_connection = True


def drip(head: bytes, seconds: float = 30.0) -> Fault:
    """After `head`, a byte now and then: no read ever takes long, the whole never ends."""

    def fault(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(head)
        for _ in range(int(seconds / 0.1)):
            handler.wfile.write(b"x")
            time.sleep(0.1)

    return fault


DRIPPING_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"
DRIPPING_HEADERS = b"HTTP/1.1 200 OK\r\nX-Endless: "
DRIPPING_CHUNK_SIZE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"
