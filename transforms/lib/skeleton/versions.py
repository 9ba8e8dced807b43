"""What tells one content of an input file from another, so that `--resume` sees a changed input.

A version is part of a stage's configuration, and so of its bytes. So it is a digest of the content
wherever that can be had: the same content has the same version in any folder or bucket, at any age.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from pyarrow import fs

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage, absolute

BLOCK_BYTES = 1 << 20  # of a file at a time
AT_A_TIME = 16  # files that are read at the same time, as object stores are slow to answer
# Files are digested if all of them together have no more bytes: digests take a second for each
# gigabyte on this machine, and objects have to be fetched for them.
DIGESTED_BYTES = 64 << 30
DIGESTED_OBJECT_BYTES = 1 << 30


def file_versions(paths_or_urls: Sequence[str]) -> list[str]:
    """A text for each file that changes with its content; UsageError if one cannot be read.

    It is the sha256 of the content. If files have too many bytes for that, it is the size and the
    etag or, where there is none, the time of modification.
    """
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        sizes = pool.map(_place_and_size, paths_or_urls)
        files, objects = map(sum, zip(*sizes, strict=True)) if paths_or_urls else (0, 0)
        digested = files <= DIGESTED_BYTES and objects <= DIGESTED_OBJECT_BYTES
        return list(pool.map(_digest if digested else _state, paths_or_urls))


def file_version(path_or_url: str) -> str:
    """The same for one file."""
    return file_versions([path_or_url])[0]


def folder_version(folder: str) -> str:
    """A digest of the names and contents of all files below a folder, as hex.

    What Python has compiled there is left out, and so is what is no plain file.
    """
    digest = hashlib.sha256()
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            path = os.path.join(place, name)
            if os.path.isfile(path):
                digest.update(os.fsencode(f"{os.path.relpath(path, folder)}\0"))
                digest.update(f"{file_version(path)}\n".encode())
    return digest.hexdigest()


def digest_of(file: pa.NativeFile) -> str:
    """The sha256 of an open file as hex."""
    digest = hashlib.sha256()
    while block := file.read(BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def _opened(path_or_url: str) -> Iterator[tuple[Storage, str, pa.NativeFile]]:
    """The folder of a file, its name there, and the open file; UsageError if it cannot be read."""
    folder, _, name = absolute(path_or_url).rpartition("/")
    store = Storage(folder or "/")
    try:
        with store.open(name) as file:
            yield store, name, file
    except OSError as error:
        raise UsageError(f"{path_or_url}: cannot be read ({error!s:.200})") from error


def _place_and_size(path_or_url: str) -> tuple[int, int]:
    """The bytes of a file on this machine and of an object; one of the two is 0."""
    with _opened(path_or_url) as (store, _, file):
        here = isinstance(store.filesystem()[0], fs.LocalFileSystem)
        return (file.size(), 0) if here else (0, file.size())


def _digest(path_or_url: str) -> str:
    with _opened(path_or_url) as (_, _, file):
        return digest_of(file)


def _state(path_or_url: str) -> str:
    with _opened(path_or_url) as (store, name, file):
        known = {key.lower(): value for key, value in (file.metadata() or {}).items()}
        etag: bytes = known.get("etag", b"")
        return f"{file.size()} {etag.decode(errors='replace') or store.modified(name)}"
