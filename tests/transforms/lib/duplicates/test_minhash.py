"""Shingles against their definition in plain Python, signatures against datasketch itself."""

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plain_duplicates import slow_shingles
from transforms.lib.duplicates.minhash import (
    BAND_ROWS,
    BANDS,
    PERMUTATIONS,
    THRESHOLD,
    band_keys,
    is_shingled,
    permutations,
    signatures,
)
from transforms.lib.duplicates.shingles import shingle_set
from transforms.lib.text.batch import text_batch

PIECES = [
    "alpha",
    "beta",
    "gamma_1",
    "x",
    "42",
    "été",
    "_",
    "Слово",
    "言葉",
    "\u00a0",
    "# licence\n",
]
WORDS = st.lists(st.sampled_from(PIECES), max_size=40)


@pytest.fixture(scope="module")
def factors_and_terms() -> np.ndarray:
    return permutations()


def oracle(text: str) -> np.ndarray:
    """datasketch's signature of the same shingles, with our hash as its hash function."""
    minhash = MinHash(num_perm=PERMUTATIONS, scheme="affine32", hashfunc=int)
    for value in slow_shingles(text):
        minhash.update(value)
    return np.asarray(minhash.hashvalues, np.uint32)


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=4))
def test_shingles_are_those_of_the_definition(texts: list[str]) -> None:
    batch = text_batch(pa.array(texts))
    assert [set(shingle_set(batch, row).tolist()) for row in range(len(texts))] == [
        slow_shingles(text) for text in texts
    ]


@given(texts=st.lists(WORDS.map(" ".join), min_size=1, max_size=4))
def test_signatures_are_those_of_datasketch(
    factors_and_terms: np.ndarray, texts: list[str]
) -> None:
    batch = text_batch(pa.array(texts))
    computed = signatures(batch, np.arange(len(texts)), factors_and_terms)
    assert np.array_equal(computed, [oracle(text) for text in texts])
    assert is_shingled(computed).tolist() == [bool(slow_shingles(text)) for text in texts]


def test_bands_are_those_of_datasketch() -> None:
    lsh = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    assert (lsh.b, lsh.r) == (BANDS, BAND_ROWS)


def test_band_keys_meet_where_the_bands_do() -> None:
    random = np.random.default_rng(7)
    signature = random.integers(0, 2, (400, PERMUTATIONS)).astype(np.uint32)
    keys = band_keys(signature)
    bands = signature.reshape(-1, BANDS, BAND_ROWS)
    by_key: dict[int, tuple] = {}
    for row, band in np.ndindex(*keys.shape):
        content = (band, *bands[row, band].tolist())
        assert by_key.setdefault(int(keys[row, band]), content) == content
    assert len(by_key) == len({(b, *bands[r, b].tolist()) for r, b in np.ndindex(*keys.shape)})
