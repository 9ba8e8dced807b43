"""File systems that Arrow does not know, such as `https://` and `hf://`, by fsspec where it is."""

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from pyarrow import fs

from transforms.lib.errors import UsageError

# What `pip install` takes for a kind of URL, beside fsspec.
BACKENDS = {"https": "aiohttp", "http": "aiohttp", "hf": "huggingface_hub", "az": "adlfs"}


def fsspec_files(root: str) -> tuple[fs.FileSystem, str]:
    """The file system of a URL by fsspec, and the URL's path in it.

    fsspec is no dependency of quire. Raises UsageError that says what to install if it, or what it
    needs for this kind of URL, is not there, and for a kind that it does not know.
    """
    scheme = root.partition("://")[0]
    packages = " and ".join(["fsspec", *filter(None, [BACKENDS.get(scheme)])])
    try:
        system, path = _fsspec().url_to_fs(root)
    except ImportError as error:
        raise UsageError(
            f"{root}: not a URL that quire can read or write; install {packages} for it, or "
            "download the files (s3:// and gs:// need nothing more)"
        ) from error
    except ValueError as error:
        raise UsageError(f"{root}: not a URL that quire can read or write ({error})") from error
    return fs.PyFileSystem(Handler(system)), path.rstrip("/")


class Handler(fs.FSSpecHandler):
    """fsspec for Arrow, with every fault an OSError: that of a network may be of any type."""

    def get_file_info(self, paths: list[str]) -> list[fs.FileInfo]:
        """What each path is."""
        with _faults_as_oserror():
            return list(super().get_file_info(paths))

    def get_file_info_selector(self, selector: fs.FileSelector) -> list[fs.FileInfo]:
        """What is below a folder."""
        with _faults_as_oserror():
            return list(super().get_file_info_selector(selector))

    def open_input_file(self, path: str) -> Any:
        """The file as one that can be read anywhere."""
        with _faults_as_oserror():
            return super().open_input_file(path)


@contextlib.contextmanager
def _faults_as_oserror() -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # each backend has types of its own
        raise OSError(f"{type(error).__name__}: {error!s:.200}") from error


def _fsspec() -> Any:
    return importlib.import_module("fsspec.core")
