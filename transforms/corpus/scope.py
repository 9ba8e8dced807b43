"""Which files are compared with one another: all of the corpus, or those of one project.

Where projects are apart, the keys by which duplicates meet are mixed with a number of the project,
and all that compares keys stays as it is.
"""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.corpus import SCOPES
from transforms.lib.duplicates.minhash import PERMUTATIONS
from transforms.lib.skeleton.columns import column
from transforms.lib.splits import project
from transforms.lib.text.hashing import GOLDEN_RATIO

WHOLE_CORPUS, EACH_PROJECT = SCOPES


def project_numbers(repos: pa.ChunkedArray) -> NDArray[np.uint64]:
    """A number of the project that each repository is a version of; uint64[n].

    >>> numbers = project_numbers(pa.chunked_array([["django-4.2", "django-5.0", "flask"]]))
    >>> (numbers[0] == numbers[1], numbers[0] == numbers[2])
    (np.True_, np.False_)
    """
    encoded = pc.fill_null(repos, "").combine_chunks().dictionary_encode()
    digests = (hashlib.sha256(project(n).encode()).digest() for n in encoded.dictionary.to_pylist())
    numbers = np.array([int.from_bytes(digest[:8]) for digest in digests], np.uint64)
    of_rows: NDArray[np.uint64] = numbers[encoded.indices.to_numpy()]
    return of_rows


def scoped_digests(signals: pa.Table, scope: str) -> NDArray:
    """What is equal for the rows that are exact duplicates in this scope; V32[n]."""
    digests = column(signals["sha256"], "V32")
    if scope == WHOLE_CORPUS:
        return digests
    words = digests.view(np.uint64).reshape(-1, 4).copy()
    words[:, 0] ^= project_numbers(signals["repo"])
    return words.view("V32")[:, 0]


def parted(signature: NDArray[np.uint32], repos: pa.ChunkedArray) -> NDArray[np.uint32]:
    """Signatures, uint32[n, PERMUTATIONS], so that those of two projects have nothing in common.

    Those of one project stay as alike as they were.
    """
    places = GOLDEN_RATIO * np.arange(1, 2 * PERMUTATIONS, 2, dtype=np.uint64)
    masks = (project_numbers(repos)[:, None] * places) >> np.uint64(32)
    return signature ^ masks.astype(np.uint32)
