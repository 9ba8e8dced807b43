"""The index as the build sandbox sees it: pages, files, parts of files, and what it records."""

import http.client
import json
import socket
from datetime import date
from pathlib import Path

import pytest

from tests.support.tiny_wheels import TinyIndex
from transforms.ci.package_proxy import LockedIndex, PackageProxy, distribution
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.skeleton.storage import Storage


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def get(proxy: PackageProxy, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    connection = Connection(proxy.socket)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


@pytest.fixture
def index() -> TinyIndex:
    made = TinyIndex()
    made.add("six", "1.0")
    return made


def url_of(proxy: PackageProxy) -> str:
    (file,) = json.loads(get(proxy, "/simple/six/")[1])["files"]
    return "/" + str(file["url"]).split("/", 3)[3]


def test_a_file_that_is_read_whole_is_recorded(index: TinyIndex) -> None:
    (name,) = index.files
    with PackageProxy(index) as proxy:
        path = url_of(proxy)
        assert get(proxy, path, Range="bytes=2-5") == (206, index.files[name][2:6])
        assert get(proxy, path, Range="bytes=-1")[0] in (200, 206)
        assert get(proxy, path, "HEAD")[0] == 200
        proxy.used.clear()
        assert get(proxy, path) == (200, index.files[name])
        assert list(proxy.used) == [name]


@pytest.mark.parametrize(
    "path", ["/", "/simple/", "/simple/a b/", "/../etc/passwd", "/files/00/x", "/simple/none/"]
)
def test_nothing_else_can_be_reached(index: TinyIndex, path: str) -> None:
    with PackageProxy(index) as proxy:
        assert get(proxy, path.replace(" ", "%20"))[0] == 404


def test_pages_are_bound_by_a_day_but_for_what_is_unbound(index: TinyIndex) -> None:
    index.add("six", "2.0")
    index.uploaded["six-2.0-py3-none-any.whl"] = "2022-01-01T00:00:00Z"
    versions = []
    with PackageProxy(index) as proxy:
        for before, unbound in (
            (None, ()),
            (date(2021, 1, 1), ()),
            (date(2021, 1, 1), ("six",)),
            (date(2019, 1, 1), ()),  # nothing is so old: it has been removed since
        ):
            proxy.before, proxy.unbound = before, unbound
            files = json.loads(get(proxy, "/simple/Six/")[1])["files"]
            versions.append([distribution(file["filename"])[1] for file in files])
    assert versions == [["1.0", "2.0"], ["1.0"], ["1.0", "2.0"], ["1.0", "2.0"]]


def test_a_lock_lists_its_own_files_alone(index: TinyIndex, tmp_path) -> None:
    store = ArchiveStore(Storage(str(tmp_path)))
    (name,) = index.files
    sha256 = store.put(index.files[name])
    with PackageProxy(LockedIndex(store, {name: sha256, "gone-1.0.tar.gz": "0" * 64})) as proxy:
        assert get(proxy, url_of(proxy)) == (200, index.files[name])
        assert get(proxy, "/simple/other/")[0] == 404
        assert get(proxy, f"/files/{'0' * 64}/gone-1.0.tar.gz")[0] == 404


def test_the_socket_is_gone_afterwards(index: TinyIndex) -> None:
    with PackageProxy(index) as proxy:
        assert Path(proxy.socket).exists()
    assert not Path(proxy.socket).parent.exists()


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("a.b-1.0.tar.gz", ("a-b", "1.0")),
        ("A_B-1.0-py3-none-any.whl", ("a-b", "1.0")),
        ("old-0.1dev.zip", ("old", "0.1.dev0")),
        ("odd-x-y.tar.bz2", ("odd-x", "y")),
    ],
)
def test_names_of_files(filename: str, expected: tuple[str, str]) -> None:
    assert distribution(filename) == expected
