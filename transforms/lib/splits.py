"""Assigns each repository to train or validation, whatever its version.

All releases of a project are in the same split.
"""

import hashlib
import re

# A release as PEP 440 and archives spell it: 4.2, v1.0rc1, 1.0-beta-2, 2024.1.post1+local.7.
# A project called NAME-3 is taken for a release of NAME: that may change the split it is in, but
# never parts two releases.
RELEASE = r"v?\d+(\.\d+)*([-._]?(a|b|c|rc|alpha|beta|pre|preview|post|rev|r|dev)([-._]?\d+)?){0,3}"
LOCAL_VERSION = r"(\+[\w.]+)?"
ARCHIVE_SUFFIX = r"(\.(tar(\.\w+)?|tgz|zip))?"
VERSION_SUFFIX = re.compile(
    rf"(?<=[^/])(==[^/]*|@[^/]*|-{RELEASE}{LOCAL_VERSION}{ARCHIVE_SUFFIX})$", re.IGNORECASE
)
VALIDATION_ONE_IN = 100


def project(repo: str) -> str:
    """The name of a repository without the version at its end.

    >>> [project(repo) for repo in ("django-4.2", "owner/flask@main", "black==24.1", "h5py")]
    ['django', 'owner/flask', 'black', 'h5py']
    """
    return VERSION_SUFFIX.sub("", repo)


def split(repo: str) -> str:
    """`validation` where the sha256 of the project's name mod 100 is 0, else `train`.

    >>> split("django"), split("sentry-sdk-1.45"), split("sentry-sdk==2.0")
    ('train', 'validation', 'validation')
    """
    digest = hashlib.sha256(project(repo).encode()).digest()
    return "train" if int.from_bytes(digest) % VALIDATION_ONE_IN else "validation"
