"""Files of this machine that pip's settings name: by a path, or by a `file:` URL."""

import os
from urllib.parse import quote, urlsplit
from urllib.request import url2pathname

from transforms.lib.network.transfer import FetchError


def is_file_url(url: str) -> bool:
    """Whether a URL names a file of this machine."""
    return url.startswith("file:")


def file_url(path: str) -> str:
    """The URL of a file of this machine.

    >>> file_url("/a b/c.html")
    'file:///a%20b/c.html'
    """
    return f"file://{quote(path)}"


def local_path(place: str) -> str:
    """The absolute path of what a path or a `file:` URL names."""
    return os.path.abspath(url2pathname(urlsplit(place).path) if is_file_url(place) else place)


def read_local(path: str, max_bytes: int) -> bytes:
    """The content of a file; FetchError if there is none, or it has more than `max_bytes`."""
    if not os.path.isfile(path):  # opening a pipe would wait for ever
        raise FetchError("not_found", f"{path}: no such file")
    try:
        with open(path, "rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise FetchError("unreadable", f"{path}: {error.strerror}") from error
    if len(content) > max_bytes:
        raise FetchError("too_big", f"{path}: over {max_bytes} bytes")
    return content
