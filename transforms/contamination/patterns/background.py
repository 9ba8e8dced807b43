"""Counts what is common in a background of source files, for the stoplist."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.contamination.grams.canonical_trees import canonical_tree
from transforms.contamination.grams.ngrams import CODE_GRAMS, DEFINED_NAMES, SCHEME, grams
from transforms.contamination.patterns.stoplist import upper_halves
from transforms.contamination.patterns.task_patterns import MIN_FAINT_TREE_NODES
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import functions, size

MIN_CODE_FILES = 4  # different files that have an n-gram of code, for it to be common
MIN_NAME_FILES = 2  # different files that define a name, for it to be common
COMMON_TREE_NODES = range(MIN_FAINT_TREE_NODES, 41)  # so small that one file is enough
# A function with more nodes than this, docstring and annotations included, is not made canonical.
MAX_FUNCTION_NODES = 3 * COMMON_TREE_NODES.stop
IGNORED_FOLDER = "site-packages/"  # what an interpreter's folder holds beside its library


@dataclass
class Background:
    """What was counted of the files so far.

    digests: sha256 of each file's content; code, names: of each file its distinct hashes;
    releases: files by (repo, version).
    """

    files: int = 0
    digests: set[bytes] = field(default_factory=set)
    code: list[NDArray[np.uint32]] = field(default_factory=list)
    names: list[NDArray[np.uint32]] = field(default_factory=list)
    trees: set[int] = field(default_factory=set)
    releases: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the files of a batch (repo, path, commit, content), each content once."""
        columns = (batch[name].to_pylist() for name in ("repo", "path", "commit", "content"))
        for repo, path, version, content in zip(*columns, strict=True):
            digest = hashlib.sha256(content.encode()).digest()
            if digest not in self.digests and IGNORED_FOLDER not in path:
                self.digests.add(digest)
                self.releases[repo, version or ""] += 1
                self._count(content)

    def _count(self, content: str) -> None:
        self.files += 1
        text = content.encode()
        self.code.append(np.unique(upper_halves(grams(text, CODE_GRAMS)[0])))
        names = grams(text, DEFINED_NAMES)[0]
        self.names.append(np.unique(upper_halves(names[names != 0])))
        module = parse_or_none(content)
        for function in functions(module) if module else ():
            if size(function, MAX_FUNCTION_NODES) <= MAX_FUNCTION_NODES:
                tree = canonical_tree(function)
                if tree.nodes in COMMON_TREE_NODES:
                    self.trees.add(tree.digest)

    def common_hashes(self) -> dict[str, NDArray[np.uint32]]:
        """The sorted hashes that are common, by kind."""
        return {
            "code": _in_files(self.code, MIN_CODE_FILES),
            "tree": np.unique(upper_halves(np.array(list(self.trees), np.uint64))),
            "name": _in_files(self.names, MIN_NAME_FILES),
        }

    def recipe(self) -> dict[str, Any]:
        """How the stoplist was made, and of which releases."""
        return {
            "scheme": SCHEME,
            "code_files": MIN_CODE_FILES,
            "name_files": MIN_NAME_FILES,
            "tree_nodes": [COMMON_TREE_NODES.start, COMMON_TREE_NODES.stop - 1],
            "releases": [[*release, count] for release, count in sorted(self.releases.items())],
        }


def _in_files(hashes: list[NDArray[np.uint32]], least: int) -> NDArray[np.uint32]:
    """The sorted hashes that at least so many of the files have."""
    kept, counts = np.unique(np.concatenate([np.empty(0, np.uint32), *hashes]), return_counts=True)
    return kept[counts >= least]
