"""The shared part of the winners' order: a permissive licence first, then more stars.

Of several duplicates the first in the winners' order is the representative, which is kept. Files
and functions are both ranked here; each stage then breaks ties in its own way.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.lib.licences import is_permissive

# Big-endian and unsigned, so that the bytes of two ranks compare as the ranks do.
LICENCE_AND_STARS = np.dtype([("restricted", "u1"), ("stars", ">u8")])
MAX_INT64 = np.uint64(2**63 - 1)


def licence_and_stars(licences: pa.ChunkedArray, stars: pa.ChunkedArray) -> NDArray:
    """The rank of each row, whose bytes sort the best row first; LICENCE_AND_STARS[n].

    A null licence counts as not permissive, null stars as 0.

    >>> licences = pa.chunked_array([["GPL-3.0-only", "MIT", "MIT"]])
    >>> ranks = licence_and_stars(licences, pa.chunked_array([[900, 7, 50]]))
    >>> np.argsort(ranks).tolist()
    [2, 1, 0]
    """
    ranks = np.empty(len(licences), LICENCE_AND_STARS)
    ranks["restricted"] = _restricted(licences)
    ranks["stars"] = largest_first(stars)
    return ranks


def largest_first(numbers: pa.ChunkedArray) -> NDArray[np.uint64]:
    """Whole numbers, null as 0, mapped so that the largest sorts first; uint64[n]."""
    values = pc.fill_null(numbers, 0).to_numpy().astype(np.uint64)
    mapped: NDArray[np.uint64] = MAX_INT64 - values  # wraps for negative ones: they sort last
    return mapped


def _restricted(licences: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which licences are not permissive; bool[n]. Each distinct licence is looked up once."""
    encoded = pc.fill_null(licences, "").combine_chunks().dictionary_encode()
    permissive = [is_permissive(licence) for licence in encoded.dictionary.to_pylist()]
    restricted: NDArray[np.bool_] = ~np.array(permissive, np.bool_)[encoded.indices.to_numpy()]
    return restricted
