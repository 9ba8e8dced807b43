"""Project trees that tests write down, as texts by path."""

import io
import tarfile
from collections.abc import Mapping

from transforms.ci.project_tree import ProjectTree


def tree(texts: Mapping[str, str] | None = None, *paths: str) -> ProjectTree:
    """A tree of texts, and of further files that nobody reads."""
    texts = dict(texts or {})
    return ProjectTree(texts, frozenset([*texts, *paths]))


def tar_of(texts: Mapping[str, str]) -> bytes:
    """The tree of these texts as a tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, text in texts.items():
            info = tarfile.TarInfo(path)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()
