"""Counting what is common in a background of source files, for the stoplist."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.contamination.grams.canonical import canonical
from transforms.contamination.grams.ngrams import CODE, DEFINED, SCHEME, grams
from transforms.contamination.patterns.stoplist import short
from transforms.contamination.patterns.task_patterns import SMALL_NODES
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import functions, size

CODE_FILES = 4  # different files in which an n-gram of code is common
NAME_FILES = 2  # different files that define a common name
TREE_NODES = range(SMALL_NODES, 41)  # of a function that chance repeats; one file is enough
NOT_OF_A_RELEASE = "site-packages/"  # what a folder of an interpreter holds beside its library


@dataclass
class Background:
    """Files seen so far; hashes are the distinct ones of each file."""

    files: int = 0
    seen: set[bytes] = field(default_factory=set)
    code: list[NDArray[np.uint32]] = field(default_factory=list)
    names: list[NDArray[np.uint32]] = field(default_factory=list)
    trees: set[int] = field(default_factory=set)
    releases: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the files of a batch (repo, path, commit, content), each content once."""
        columns = (batch[name].to_pylist() for name in ("repo", "path", "commit", "content"))
        for repo, path, version, content in zip(*columns, strict=True):
            digest = hashlib.sha256(content.encode()).digest()
            if digest not in self.seen and NOT_OF_A_RELEASE not in path:
                self.seen.add(digest)
                self.releases[repo, version or ""] += 1
                self._count(content)

    def _count(self, content: str) -> None:
        self.files += 1
        text = content.encode()
        self.code.append(np.unique(short(grams(text, CODE)[0])))
        defined = grams(text, DEFINED)[0]
        self.names.append(np.unique(short(defined[defined != 0])))
        tree = parse_or_none(content)
        for function in functions(tree) if tree else ():
            if size(function, 3 * TREE_NODES.stop) <= 3 * TREE_NODES.stop:
                form = canonical(function)
                if form.nodes in TREE_NODES:
                    self.trees.add(form.digest)

    def common(self) -> dict[str, NDArray[np.uint32]]:
        """The hashes of each kind that are common."""
        return {
            "code": _in_files(self.code, CODE_FILES),
            "tree": np.unique(short(np.array(list(self.trees), np.uint64))),
            "name": _in_files(self.names, NAME_FILES),
        }

    def recipe(self) -> dict[str, Any]:
        """What the stoplist was made of, and how."""
        return {
            "scheme": SCHEME,
            "code_files": CODE_FILES,
            "name_files": NAME_FILES,
            "tree_nodes": [TREE_NODES.start, TREE_NODES.stop - 1],
            "releases": [[*release, count] for release, count in sorted(self.releases.items())],
        }


def _in_files(hashes: list[NDArray[np.uint32]], least: int) -> NDArray[np.uint32]:
    found, counts = np.unique(np.concatenate([np.empty(0, np.uint32), *hashes]), return_counts=True)
    return found[counts >= least]
