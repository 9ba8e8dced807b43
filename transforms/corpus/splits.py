"""Train or validation, by repository without its version, so that releases never straddle."""

import hashlib
import re

# A release as PEP 440 and archives spell it: 4.2, v1.0rc1, 1.0-beta-2, 2024.1.post1+local.7.
# A project called NAME-3 counts as a release of NAME: that moves it, but parts nothing.
RELEASE = r"v?\d+(\.\d+)*([-._]?(a|b|c|rc|alpha|beta|pre|preview|post|rev|r|dev)([-._]?\d+)?){0,3}"
ENDING = r"(\+[\w.]+)?(\.(tar(\.\w+)?|tgz|zip))?"
VERSION = re.compile(rf"(?<=[^/])(==[^/]*|@[^/]*|-{RELEASE}{ENDING})$", re.IGNORECASE)
VALIDATION_ONE_IN = 100


def project(repo: str) -> str:
    """The repository's name without a trailing version: `django-4.2` is `django`."""
    return VERSION.sub("", repo)


def split(repo: str) -> str:
    """`validation` where sha256 of the project's name mod 100 is 0, else `train`."""
    digest = hashlib.sha256(project(repo).encode()).digest()
    return "train" if int.from_bytes(digest) % VALIDATION_ONE_IN else "validation"
