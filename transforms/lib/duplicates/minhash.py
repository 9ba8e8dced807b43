"""MinHash signatures of texts and the keys of their bands (locality-sensitive hashing), compiled.

Signatures are those of datasketch's `affine32` scheme, bit for bit. datasketch 2 supplies the
permutations, and the tests compare with it: given our 32-bit shingles as hash values, it returns
the same 250 numbers.
"""

import importlib.util
import sys
import types
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.duplicates.shingles import TABLES, hash_shingles
from transforms.lib.text.batch import TextBatch
from transforms.lib.text.hashing import GOLDEN_RATIO, MIX_1

PERMUTATIONS = 250
THRESHOLD = 0.7  # of the Jaccard, from which two texts are near duplicates
BANDS, BAND_ROWS = 25, 10  # datasketch's optimum for this threshold
NO_SHINGLE = np.uint32(0xFFFFFFFF)  # every minimum in the signature of a text without shingles


def permutations() -> NDArray[np.uint32]:
    """The multipliers and the increments of datasketch's scheme; uint32[2, PERMUTATIONS]."""
    scheme = _module_of_datasketch().MinHash(num_perm=PERMUTATIONS, scheme="affine32")
    pairs: NDArray[np.uint32] = scheme.permutations.astype("<u4")
    return pairs


def _module_of_datasketch() -> Any:
    """datasketch.minhash without its package, which would import scipy (0.5 s and 40 MB)."""
    if "datasketch" not in sys.modules:
        spec = importlib.util.find_spec("datasketch")
        assert spec and spec.submodule_search_locations
        package = types.ModuleType("datasketch")
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules["datasketch"] = package
        try:
            return importlib.import_module("datasketch.minhash")
        finally:  # a later `import datasketch` must get the whole package
            for name in [name for name in sys.modules if name.split(".")[0] == "datasketch"]:
                del sys.modules[name]
    return importlib.import_module("datasketch.minhash")


@inlined_kernel
def _mix32(value):  # type: ignore[no-untyped-def]
    """murmur3's fmix32, as affine32 uses it. The casts undo that numba widens products."""
    value = np.uint32(value ^ (value >> np.uint32(16)))
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value = np.uint32(value ^ (value >> np.uint32(13)))
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@kernel
def _sign(data, offsets, rows, tables, factors, terms, scratch, out):  # type: ignore[no-untyped-def]
    for i in range(len(rows)):
        row = rows[i]
        count = hash_shingles(data, offsets[row], offsets[row + 1], tables, scratch)
        signature = out[i]
        for j in range(count):
            value = _mix32(np.uint32(scratch[j] >> np.uint64(32)))
            for k in range(len(factors)):
                signature[k] = min(signature[k], np.uint32(value * factors[k] + terms[k]))


def signatures(
    batch: TextBatch, rows: NDArray[np.int64], permutations: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """The signatures of some rows of a batch; uint32[len(rows), PERMUTATIONS]."""
    out = np.full((len(rows), PERMUTATIONS), NO_SHINGLE, np.uint32)
    if len(rows):
        longest = int(np.max(batch.offsets[rows + 1] - batch.offsets[rows]))
        scratch = np.empty(longest // 2 + 1, np.uint64)
        _sign(batch.data, batch.offsets, rows, TABLES, *permutations, scratch, out)
    return out


def band_keys(signature: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """One 64-bit key for each band of signatures uint32[n, PERMUTATIONS]; uint64[n, BANDS].

    Texts with a key in common are candidates for near duplicates:

    >>> signature = np.zeros((2, PERMUTATIONS), np.uint32)
    >>> signature[1, 20:] = 1  # equal in the first two bands of ten rows each
    >>> keys = band_keys(signature)
    >>> np.flatnonzero(keys[0] == keys[1]).tolist()
    [0, 1]
    """
    bands = signature.reshape(len(signature), BANDS, BAND_ROWS)
    keys = np.broadcast_to(np.arange(1, BANDS + 1, dtype=np.uint64), bands.shape[:2]).copy()
    for row in range(BAND_ROWS):
        keys *= GOLDEN_RATIO
        keys += bands[:, :, row]
        keys ^= keys >> np.uint64(32)
        keys *= MIX_1
        keys ^= keys >> np.uint64(29)
    return keys


def is_shingled(signature: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which signatures are those of texts with at least one shingle; bool[n]."""
    shingled: NDArray[np.bool_] = (signature != NO_SHINGLE).any(axis=1)
    return shingled
