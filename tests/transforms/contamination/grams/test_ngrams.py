"""n-grams against their definition in plain Python."""

import numpy as np
from hypothesis import given

from tests.support import plain_tokens as plain
from tests.support.python_texts import PROGRAMS
from transforms.contamination.grams.ngrams import (
    CODE_GRAMS,
    DEFINED_NAMES,
    GRAM_SIZES,
    TEST_GRAMS,
    WORD_GRAMS,
    grams,
)


def definition(text: str, kind: int) -> list[tuple]:
    """The n-grams of a text, in plain Python."""
    size = GRAM_SIZES[kind]
    if kind == WORD_GRAMS:
        found = plain.words(text)
        return [tuple(found[i : i + size]) for i in range(len(found) - size + 1)]
    found = plain.tokens(plain.raw_tokens(text))
    return [
        plain.anonymous(found[i : i + size], kind == TEST_GRAMS)
        for i in range(len(found) - size + 1)
    ]


@given(PROGRAMS)
def test_ngrams_are_those_of_the_definition(text):
    for kind in (WORD_GRAMS, TEST_GRAMS, CODE_GRAMS):
        hashes, _, _ = grams(text.encode(), kind)
        expected = definition(text, kind)
        assert len(hashes) == len(expected)
        assert (
            len(set(zip(hashes.tolist(), expected, strict=True)))
            == len(set(expected))
            == len(set(hashes.tolist()))
        )


def test_consistent_renaming_changes_nothing_and_another_one_does():
    original = "def f(items, n):\n    total = n\n    for x in items:\n        total += x * n\n    return total\n"
    renamed = "def g(q, k):\n    zz = k\n    for x in q:\n        zz += x * k\n    return zz\n"
    swapped = original.replace("x * n", "n * x")
    hashes = grams(original.encode(), CODE_GRAMS)[0]
    assert np.array_equal(hashes, grams(renamed.encode(), CODE_GRAMS)[0])
    assert not np.array_equal(hashes, grams(swapped.encode(), CODE_GRAMS)[0])


def test_names_that_def_defines():
    found = grams(b"class A:\n    def one(self): pass\nasync def two(): one()\n", DEFINED_NAMES)[0]
    expected = [grams(f"def {name}(".encode(), DEFINED_NAMES)[0].max() for name in ("one", "two")]
    assert found[found != 0].tolist() == expected
