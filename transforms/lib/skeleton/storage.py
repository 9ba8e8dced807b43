"""DATA as a folder or URL: the only layer that touches storage, `pyarrow.fs` underneath."""

import contextlib
import functools
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyarrow import fs

from transforms.lib.errors import UsageError


@functools.lru_cache(64)
def _filesystem(root: str) -> tuple[fs.FileSystem, str]:
    """Kept, as one of an object store has connections of its own."""
    if "://" in root:
        system, path = fs.FileSystem.from_uri(root)
        return system, path.rstrip("/")
    return fs.LocalFileSystem(), root


@dataclass(frozen=True)
class Storage:
    """A root (local path, s3:// or gs:// URL); names below it are relative, with `/`."""

    root: str

    def __post_init__(self) -> None:
        if self.local:  # a worker may stand in another folder
            object.__setattr__(self, "root", os.path.abspath(self.root))

    def filesystem(self) -> tuple[fs.FileSystem, str]:
        """The file system below, and the root as a path in it."""
        return _filesystem(self.root)

    @property
    def local(self) -> bool:
        """Whether the root is a folder of this machine (then commits can rename)."""
        return "://" not in self.root

    def path(self, name: str = "") -> str:
        """The full path or URL of `name`, as a user would write it."""
        return f"{self.root.rstrip('/')}/{name}".rstrip("/")

    def open(self, name: str) -> pa.NativeFile:
        """A random-access reader; FileNotFoundError if there is none."""
        system, root = self.filesystem()
        return system.open_input_file(f"{root}/{name}")

    def read(self, name: str) -> bytes:
        """The whole content of `name`; FileNotFoundError if there is none."""
        with self.open(name) as file:
            content: bytes = file.read()
            return content

    def put(self, name: str, content: bytes | pa.Buffer) -> None:
        """Write `name` whole or not at all."""
        with self.create(name) as stream:
            stream.write(content)

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[pa.NativeFile]:
        """A stream that becomes `name`, whole, when it ends without an error: by a rename here.

        An object store shows a finished object only; where an error left a part of one under the
        name, no manifest lists it.
        """
        system, root = self.filesystem()
        target = f"{root}/{name}"
        if isinstance(system, fs.LocalFileSystem):  # elsewhere there are no folders
            system.create_dir(os.path.dirname(target), recursive=True)
        if not self.local:
            with system.open_output_stream(target) as stream:
                yield stream
            return
        # Unique, so that a worker that outlives a killed run can never tear a file.
        scratch = f"{target}.{uuid.uuid4().hex}.tmp"
        try:
            with system.open_output_stream(scratch) as stream:
                yield stream
            os.replace(scratch, target)
        except OSError as error:
            raise OSError(error.errno, os.strerror(error.errno or 0), target) from error
        finally:
            if os.path.exists(scratch):
                os.unlink(scratch)

    def put_json(self, name: str, value: Any) -> None:
        """Write `value` as JSON with sorted keys: equal values are equal bytes."""
        self.put(name, (json.dumps(value, indent=1, sort_keys=True) + "\n").encode())

    def read_json(self, name: str) -> Any:
        """The JSON value of `name`, or None if there is no such file; UsageError if it is none."""
        try:
            return json.loads(self.read(name))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise UsageError(f"{self.path(name)}: not JSON ({error})") from error

    def exists(self, name: str) -> bool:
        """Whether a file `name` exists."""
        system, root = self.filesystem()
        return bool(system.get_file_info(f"{root}/{name}").type == fs.FileType.File)

    def list(self, folder: str, *, recursive: bool = False) -> list[str]:
        """Names of the files in `folder`, relative to it, sorted; empty if there is none."""
        system, root = self.filesystem()
        base = f"{root}/{folder}".rstrip("/")
        selector = fs.FileSelector(base, recursive=recursive, allow_not_found=True)
        infos = [info for info in system.get_file_info(selector) if info.type == fs.FileType.File]
        return sorted(info.path[len(base) + 1 :] for info in infos)

    def delete(self, name: str) -> None:
        """Remove the file `name`, if it is there."""
        if self.exists(name):
            system, root = self.filesystem()
            system.delete_file(f"{root}/{name}")

    def delete_folder(self, folder: str) -> None:
        """Remove `folder` and all below it, if it is there."""
        system, root = self.filesystem()
        if system.get_file_info(f"{root}/{folder}").type == fs.FileType.Directory:
            with contextlib.suppress(FileNotFoundError):  # a store lists folders that it lacks
                system.delete_dir(f"{root}/{folder}")
