"""Files under a folder or a URL. All of quire reads and writes storage here, by `pyarrow.fs`."""

import contextlib
import errno
import functools
import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

import pyarrow as pa
from pyarrow import fs

from transforms.lib.errors import UsageError
from transforms.lib.redaction import with_secrets
from transforms.lib.skeleton.fsspec_files import fsspec_files

GOOGLE_RETRY_SECONDS = 60

SCRATCH = re.compile(r"\.[0-9a-f]{32}\.tmp$")  # how the name of a file ends while it is written
WORK = "_work/"  # the folder, below DATA, of what stages leave until they commit
AT_A_TIME = 16  # files synchronised or moved at the same time: each waits for a disk or a server


def is_url(path_or_url: str) -> bool:
    """Whether a place is a URL, such as `s3://bucket/folder`, and not a path on this machine."""
    return "://" in path_or_url


def absolute(path_or_url: str) -> str:
    """A URL as it is, a path as an absolute one: a worker may run in another folder."""
    return path_or_url if is_url(path_or_url) else os.path.abspath(path_or_url)


def open_file(path_or_url: str) -> pa.NativeFile:
    """The file as a random-access reader of Arrow; raises OSError if it cannot be opened."""
    path = absolute(path_or_url)
    if not is_url(path):
        folder, _, name = path.rpartition("/")
        return Storage(folder or "/").open(name)
    place, mark, query = with_secrets(path).partition("?")
    folder, _, name = place.rpartition("/")
    if place.startswith("http"):  # where a query is part of a file's name; elsewhere of its store's
        return Storage(folder).open(name + mark + query)
    return Storage(folder + mark + query).open(name)


def read_file(path_or_url: str) -> bytes:
    """The content of the file; raises OSError if it cannot be read."""
    with open_file(path_or_url) as file:
        content: bytes = file.read()
        return content


def open_input(path_or_url: str) -> BufferedReader:
    """The file as a buffered reader, which has lines; raises UsageError if it cannot be opened."""
    try:
        if is_url(path_or_url):
            return BufferedReader(open_file(path_or_url))
        return open(path_or_url, "rb")
    except OSError as error:
        raise UsageError(f"{path_or_url}: {error.strerror or error}") from error


def _retry_limit(root: str) -> str:
    """For Google's storage, whose client tries for a quarter of an hour to find credentials."""
    of_google = root.startswith(("gs://", "gcs://")) and "?" not in root
    return f"?retry_limit_seconds={GOOGLE_RETRY_SECONDS}" if of_google else ""


@functools.lru_cache(64)
def _filesystem(root: str) -> tuple[fs.FileSystem, str]:
    """The file system of a root and the root's path in it; cached, as it holds connections."""
    if not is_url(root):
        return fs.LocalFileSystem(), root
    if root.startswith("hf://"):  # Arrow would take what lets faults of any type through
        return fsspec_files(root)
    try:
        system, path = fs.FileSystem.from_uri(root + _retry_limit(root))
    except (pa.ArrowInvalid, ImportError):  # a kind of URL that Arrow does not know
        return fsspec_files(root)
    except OSError as error:
        raise UsageError(f"{root}: cannot be reached ({str(error).splitlines()[0]})") from error
    return system, path.rstrip("/")


@dataclass(frozen=True)
class Storage:
    """A root (a path on this machine, or an s3:// or gs:// URL) and the files below it.

    Files and folders are named by their path below the root, with `/`. Methods raise UsageError
    for a root that is a URL of an unknown kind.

    >>> Storage("s3://bucket/data").path("files/part-0.parquet")
    's3://bucket/data/files/part-0.parquet'
    """

    root: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", absolute(self.root))

    def filesystem(self) -> tuple[fs.FileSystem, str]:
        """The Arrow file system that the root is in, and the root's path in it."""
        return _filesystem(self.root if self.local else with_secrets(self.root))

    @property
    def local(self) -> bool:
        """Whether the root is a path on this machine, where files can be renamed."""
        return not is_url(self.root)

    def path(self, name: str = "") -> str:
        """The full path or URL of `name`, as a user would write it."""
        return f"{self.root.rstrip('/')}/{name}".rstrip("/")

    def open(self, name: str) -> pa.NativeFile:
        """A random-access reader of the file; raises FileNotFoundError if there is none."""
        system, root = self.filesystem()
        return system.open_input_file(f"{root}/{name}")

    def read(self, name: str) -> bytes:
        """The content of the file; raises FileNotFoundError if there is none."""
        with self.open(name) as file:
            content: bytes = file.read()
            return content

    def put(self, name: str, content: bytes | pa.Buffer, *, durable: bool = True) -> None:
        """Write the file, whole or not at all; `durable` as for `create`."""
        with self.create(name, durable=durable) as stream:
            stream.write(content)

    @contextlib.contextmanager
    def create(self, name: str, *, durable: bool = True) -> Iterator[pa.NativeFile]:
        """A stream whose content becomes the file when the context ends without an error.

        On this machine the file appears by a rename, so it is never seen in part; a `durable` one
        is on the disk before it appears, so that a power cut leaves it whole or not at all. That
        it is there at all is made sure of but for what is under `_work`, which is made again. An
        object store shows only complete objects. If an error leaves a part of one there, no
        manifest lists it.
        """
        system, root = self.filesystem()
        target = f"{root}/{name}"
        if isinstance(system, fs.LocalFileSystem):  # object stores have no folders to make
            system.create_dir(os.path.dirname(target), recursive=True)
        if not self.local:
            with system.open_output_stream(target) as stream:
                yield stream
            return
        # A unique name: a worker that outlives a killed run must not write into our file.
        scratch = f"{target}.{uuid.uuid4().hex}.tmp"
        try:
            with system.open_output_stream(scratch) as stream:
                yield stream
            if durable:
                _to_disk(scratch)
            os.replace(scratch, target)
            if durable and not name.startswith(WORK):
                _to_disk(os.path.dirname(target))
        except OSError as error:
            if error.errno is None:  # of Arrow, which names the file itself
                raise
            raise OSError(error.errno, os.strerror(error.errno), target) from error
        finally:
            if os.path.exists(scratch):
                os.unlink(scratch)

    def to_disk(self, names: Iterable[str]) -> None:
        """Have files that were not created as durable, and their folders, outlive a power cut.

        Does nothing on an object store, which answers when it has stored an object.
        """
        if self.local:
            paths = [self.path(name) for name in names]
            with ThreadPoolExecutor(AT_A_TIME) as pool:
                list(pool.map(_to_disk, paths))
            for folder in sorted({os.path.dirname(path) for path in paths}):
                _to_disk(folder)

    def move(self, names: Iterable[tuple[str, str]]) -> None:
        """Move files to other names, over files that have them; those that are gone are skipped.

        On this machine by a rename; an object store has none, and copies.
        """
        system, root = self.filesystem()

        def move(pair: tuple[str, str]) -> None:
            source, target = (f"{root}/{name}" for name in pair)
            if self.exists(pair[0]):
                if self.local:
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                system.move(source, target)

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(move, names))

    def remove_scratch(self, folder: str, *, recursive: bool = False) -> None:
        """Remove what killed processes were writing in a folder; nobody may be at work there."""
        if self.local:
            for name in self.list(folder, recursive=recursive):
                if SCRATCH.search(name):
                    self.delete(f"{folder}/{name}".lstrip("/"))

    def put_json(self, name: str, value: Any, *, durable: bool = True) -> None:
        """Write a value as JSON with sorted keys, so that equal values are equal bytes."""
        content = (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
        self.put(name, content, durable=durable)

    def read_json(self, name: str) -> Any:
        """The value of a JSON file, or None if there is no file; UsageError if it is not JSON."""
        try:
            return json.loads(self.read(name))
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{self.path(name)}: not JSON ({error!s:.200})") from error
        except OSError as error:
            line = str(error).split("\n")[0][:200]
            raise UsageError(f"{self.path(name)}: cannot be read ({line})") from error

    def exists(self, name: str) -> bool:
        """Whether there is a file of this name; a folder is none."""
        system, root = self.filesystem()
        return bool(system.get_file_info(f"{root}/{name}").type == fs.FileType.File)

    def size(self, name: str) -> int | None:
        """The bytes of the file; None if there is no file of this name."""
        system, root = self.filesystem()
        info = system.get_file_info(f"{root}/{name}")
        return info.size if info.type == fs.FileType.File else None

    def modified(self, name: str) -> int | None:
        """When the file was last modified, in nanoseconds since 1970; None if there is none."""
        system, root = self.filesystem()
        time: int | None = system.get_file_info(f"{root}/{name}").mtime_ns
        return time

    def list(self, folder: str, *, recursive: bool = False) -> list[str]:
        """The files in a folder, by their paths below it, sorted; empty if there is no folder."""
        return sorted(self.sizes(folder, recursive=recursive))

    def sizes(self, folder: str, *, recursive: bool = False) -> dict[str, int]:
        """The bytes of each file in a folder, by its path below it; empty if there is no folder."""
        system, root = self.filesystem()
        base = f"{root}/{folder}".rstrip("/")
        selector = fs.FileSelector(base, recursive=recursive, allow_not_found=True)
        infos = [info for info in system.get_file_info(selector) if info.type == fs.FileType.File]
        return {info.path[len(base) + 1 :]: info.size for info in infos}

    def delete(self, name: str) -> None:
        """Remove the file, if there is one."""
        if self.exists(name):
            system, root = self.filesystem()
            system.delete_file(f"{root}/{name}")

    def delete_folder(self, folder: str) -> None:
        """Remove the folder and all files below it, if there is one."""
        system, root = self.filesystem()
        if system.get_file_info(f"{root}/{folder}").type == fs.FileType.Directory:
            with contextlib.suppress(FileNotFoundError):  # some stores list folders they lack
                system.delete_dir(f"{root}/{folder}")


def _to_disk(path: str) -> None:
    """Have what the kernel holds of a file or a folder written to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems have no such call
            raise
    finally:
        os.close(handle)
