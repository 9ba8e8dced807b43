"""MinHash signatures and their bands: datasketch's affine32 scheme bit for bit, compiled.

datasketch 2 gives the permutations and is the tests' oracle: fed with our 32-bit shingle hashes
as its hash function, it returns the same 250 numbers.
"""

import importlib.util
import sys
import types
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.shingles import PLACES, WORD_BYTES, shingle
from transforms.lib.text.batch import TextBatch

PERMUTATIONS = 250
BANDS, ROWS = 25, 10  # datasketch's optimum for this threshold
THRESHOLD = 0.7
EMPTY = np.uint32(0xFFFFFFFF)  # of every place in the signature of a text without shingles
SCHEME = "datasketch-affine32"


def permutations() -> NDArray[np.uint32]:
    """datasketch's multipliers and increments; uint32[2, PERMUTATIONS]."""
    scheme = _module_of_datasketch().MinHash(num_perm=PERMUTATIONS, scheme="affine32")
    pairs: NDArray[np.uint32] = scheme.permutations.astype("<u4")
    return pairs


def _module_of_datasketch() -> Any:
    """datasketch.minhash without its package, which imports scipy: half a second and 40 MB."""
    if "datasketch" not in sys.modules:
        found = importlib.util.find_spec("datasketch")
        assert found and found.submodule_search_locations
        package = types.ModuleType("datasketch")
        package.__path__ = list(found.submodule_search_locations)
        sys.modules["datasketch"] = package
        try:
            return importlib.import_module("datasketch.minhash")
        finally:  # who imports datasketch shall have all of it
            for name in [name for name in sys.modules if name.split(".")[0] == "datasketch"]:
                del sys.modules[name]
    return importlib.import_module("datasketch.minhash")


@numba.njit(cache=True, nogil=True, inline="always")
def _mix32(value):  # type: ignore[no-untyped-def]
    """murmur3's fmix32, as affine32 has it; numba widens products, hence the casts."""
    value = np.uint32(value ^ (value >> np.uint32(16)))
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value = np.uint32(value ^ (value >> np.uint32(13)))
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@numba.njit(cache=True, nogil=True)
def _sign(data, offsets, rows, word_bytes, places, factors, terms, scratch, out):  # type: ignore[no-untyped-def]
    for i in range(len(rows)):
        row = rows[i]
        count = shingle(data, offsets[row], offsets[row + 1], word_bytes, places, scratch)
        signature = out[i]
        for j in range(count):
            value = _mix32(np.uint32(scratch[j] >> np.uint64(32)))
            for k in range(len(factors)):
                signature[k] = min(signature[k], np.uint32(value * factors[k] + terms[k]))


def signatures(
    batch: TextBatch, rows: NDArray[np.int64], permutations: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Signatures of the texts `rows`; uint32[len(rows), PERMUTATIONS]."""
    out = np.full((len(rows), PERMUTATIONS), EMPTY, np.uint32)
    if len(rows):
        longest = int(np.max(batch.offsets[rows + 1] - batch.offsets[rows]))
        scratch = np.empty(longest // 2 + 1, np.uint64)
        factors, terms = permutations
        _sign(batch.data, batch.offsets, rows, WORD_BYTES, PLACES, factors, terms, scratch, out)
    return out


def band_keys(signature: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """64-bit hashes of the bands of uint32[n, PERMUTATIONS]; uint64[n, BANDS]."""
    bands = signature.reshape(len(signature), BANDS, ROWS)
    keys = np.broadcast_to(np.arange(1, BANDS + 1, dtype=np.uint64), bands.shape[:2]).copy()
    for row in range(ROWS):
        keys *= np.uint64(0x9E3779B97F4A7C15)
        keys += bands[:, :, row]
        keys ^= keys >> np.uint64(32)
        keys *= np.uint64(0xFF51AFD7ED558CCD)
        keys ^= keys >> np.uint64(29)
    return keys


def is_shingled(signature: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which signatures are of texts with at least one shingle."""
    shingled: NDArray[np.bool_] = (signature != EMPTY).any(axis=1)
    return shingled
