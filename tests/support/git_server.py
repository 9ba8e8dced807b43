"""Repositories on 127.0.0.1: git's own `http-backend` behind real HTTP, and faults per path."""

import os
import subprocess
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.support.faulty_server import FaultyServer

GIT_ENVIRONMENT = {
    **{"PATH": os.environ["PATH"], "HOME": "/nowhere", "LC_ALL": "C"},
    **{"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull},
    **{"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"},
    **{"GIT_COMMITTER_NAME": "c", "GIT_COMMITTER_EMAIL": "c@example.org"},
    **{"GIT_AUTHOR_DATE": "1600000000 +0000", "GIT_COMMITTER_DATE": "1600000000 +0000"},
}
COMMITTED = 1_600_000_000


class Repository:
    """A bare repository, made by git itself, whose commits have the same ids each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", "--initial-branch=main")
        self.git("config", "uploadpack.allowFilter", "true")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")

    def git(self, *arguments: str, given: bytes = b"") -> str:
        """What git answers, without the last line end."""
        return self.raw(*arguments, given=given).decode().strip()

    def raw(self, *arguments: str, given: bytes = b"") -> bytes:
        """The bytes that git answers."""
        environment = GIT_ENVIRONMENT | {"GIT_DIR": str(self.folder)}
        done = subprocess.run(
            ["git", *arguments], input=given, env=environment, capture_output=True, check=True
        )
        return done.stdout

    def blob(self, content: bytes) -> str:
        """The id of a blob, which is made."""
        return self.git("hash-object", "-w", "--stdin", given=content)

    def tree(self, entries: list[tuple[int, bytes, str]]) -> str:
        """The id of a tree of modes, names and ids, however odd they are."""
        raw = b"".join(b"%o %s\0" % (m, n) + bytes.fromhex(id_) for m, n, id_ in entries)
        return self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=raw)

    def files(self, files: Mapping[str, bytes]) -> str:
        """The id of a tree of files, with folders where paths have them."""
        below: dict[str, dict[str, bytes]] = {}
        entries = []
        for path, content in files.items():
            folder, slash, rest = path.partition("/")
            if slash:
                below.setdefault(folder, {})[rest] = content
            else:
                entries.append((0o100644, path.encode(), self.blob(content)))
        entries += [(0o40000, name.encode(), self.files(each)) for name, each in below.items()]
        return self.tree(sorted(entries, key=lambda e: e[1] + (b"/" if e[0] == 0o40000 else b"")))

    def commit(self, tree: str, ref: str = "refs/heads/main", parent: str | None = None) -> str:
        """The id of a commit of a tree, at which a ref then is."""
        parents = ["-p", parent] if parent else []
        commit = self.git("commit-tree", tree, *parents, "-m", "change")
        self.git("update-ref", ref, commit)
        return commit


class GitServer(FaultyServer):
    """`with GitServer(folder) as server:` serves the repositories below a folder at `server.url`.

    `asked` has the path of each request, `sent` the bytes of all bodies, and `seen` the
    Authorization headers. `begins`, if set, is called before each request with its path.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(Handler)
        self.root = root
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []
        self.seen: list[str | None] = []
        self.sent = 0
        self.password: str | None = None
        self.without_versions = False  # as servers are that know but the first protocol
        self.begins: Callable[[str], None] = lambda path: None

    def repository(self, name: str, files: Mapping[str, bytes] | None = None) -> Repository:
        """A new repository, with a commit of `files` on main."""
        made = Repository(self.root / name)
        if files is not None:
            made.commit(made.files(files))
        return made


class Handler(BaseHTTPRequestHandler):
    """One request, answered by `git http-backend` as a CGI program."""

    protocol_version = "HTTP/1.1"
    server: GitServer

    def log_message(self, *args: object) -> None:
        """The log is `GitServer.asked`."""

    def do_GET(self) -> None:
        server, path = self.server, self.path.partition("?")[0]
        server.asked.append(path)
        server.seen.append(self.headers.get("Authorization"))
        server.begins(path)
        given = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if fault := server.next_fault(path):
            fault(self)
        elif server.password and self.headers.get("Authorization") != server.password:
            self.send(401, {"WWW-Authenticate": 'Basic realm="git"'})
        else:
            self.send(*self.backend(given))

    do_POST = do_GET

    def backend(self, given: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body that git's own program gives."""
        path, _, query = self.path.partition("?")
        environment = GIT_ENVIRONMENT | {
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": ""
            if self.server.without_versions
            else self.headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=given, env=environment, capture_output=True, check=False
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")]
        headers = {name: value for name, _, value in lines if name}
        return int(headers.pop("Status", "200").split()[0]), headers, body

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
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.server.sent += len(body)
        self.close_connection = length is not None
