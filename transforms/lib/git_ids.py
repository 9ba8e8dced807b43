"""The ids that git, and Software Heritage with it, gives to contents."""

import hashlib


def git_sha1(content: bytes | memoryview) -> str:
    """git's id of a blob, as hex; `swh:1:cnt:` before it makes it a SWHID.

    >>> git_sha1(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()
