"""Train or validation, by repository without its version, so that releases never straddle."""

import hashlib
import re

VERSION = re.compile(r"(==|@|-v?(?=\d))[^/]*$")
VALIDATION_ONE_IN = 100


def project(repo: str) -> str:
    """The repository's name without a trailing version: `django-4.2` is `django`."""
    return VERSION.sub("", repo)


def split(repo: str) -> str:
    """`validation` where sha256 of the project's name mod 100 is 0, else `train`."""
    digest = hashlib.sha256(project(repo).encode()).digest()
    return "train" if int.from_bytes(digest) % VALIDATION_ONE_IN else "validation"
