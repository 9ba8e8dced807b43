"""A project's files as one plain tar, the same bytes for the same files."""

import io
import re
import tarfile
from collections.abc import Iterable, Mapping

from transforms.lib.archives.rules import Member

MAX_FILES, MAX_BYTES = 20_000, 64 << 20  # of one tree
FILE_BYTES = 16 << 20  # of one of its files: tests may need larger data than a corpus takes
# Files that hold secrets, by their names. Keys among tests are there to be tested with.
SECRET_FILE = re.compile(
    r"(.*/)?(\.env(\..*)?|\.netrc|\.pypirc|id_(rsa|dsa|ecdsa|ed25519)"
    r"|credentials(\.json)?|secrets?\.(json|ya?ml|toml)|\.htpasswd)",
    re.IGNORECASE,
)
KEY_FILE = re.compile(r"(.*/)?[^/]*\.(pem|key|p12|pfx|kdbx)", re.IGNORECASE)
AMONG_TESTS = re.compile(r"(.*/)?(tests?|testing|test_?data|fixtures?|examples?)/.*", re.IGNORECASE)


class TreeTooLarge(Exception):
    """A tree has too many files or bytes; the text says which."""


def packed(members: Iterable[Member], changed: int = 0) -> bytes:
    """The members that have content as a tar, in the order of their paths.

    `changed` is when they were, in seconds since 1970: a project's commit. Left out are files that
    hold secrets by their names. A file that begins with `#!` can be executed. Raises TreeTooLarge
    as soon as that is known.

    >>> tar = packed([Member("b.py", b"x"), Member(".env", b"KEY=1"), Member("a.sh", b"#!sh")])
    >>> [(m.name, oct(m.mode)) for m in tarfile.open(fileobj=io.BytesIO(tar))]
    [('a.sh', '0o755'), ('b.py', '0o644')]
    """
    kept, size = dict[str, bytes](), 0
    for member in members:
        if member.content is not None and not is_secret(member.path):
            kept[member.path] = member.content
            size += len(member.content)
            if len(kept) > MAX_FILES or size > MAX_BYTES:
                raise TreeTooLarge(f"over {MAX_FILES} files or {MAX_BYTES} bytes")
    return tar_of(kept, changed)


def tar_of(files: Mapping[str, bytes], changed: int = 0) -> bytes:
    """Files by their paths as a tar, in the order of these; what begins with `#!` can be run."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, content in sorted(files.items()):
            info = tarfile.TarInfo(path)
            info.size, info.mtime = len(content), changed
            info.mode = 0o755 if content.startswith(b"#!") else 0o644
            tar.addfile(info, io.BytesIO(content))
    return sink.getvalue()


def is_secret(path: str) -> bool:
    """Whether the file at a path is left out for what it may hold.

    >>> [is_secret(path) for path in (".env", "server.pem", "fixtures/server.pem")]
    [True, True, False]
    """
    is_key = KEY_FILE.fullmatch(path) and not AMONG_TESTS.fullmatch(path)
    return bool(SECRET_FILE.fullmatch(path) or is_key)
