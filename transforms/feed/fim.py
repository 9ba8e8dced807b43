"""Fill-in-the-middle (arXiv:2207.14255): a model learns to write a middle between two parts.

Whether a document is taken apart, in which order its parts stand and where it is cut follow from
the digest of its example_id, so that they are the same in every run. A cut is between characters.
The orders are PSM (prefix, suffix, middle) and SPM (suffix, prefix, middle), half of each, as
StarCoder2 and OLMo 3 have them.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.feed.spans import joined_spans, offsets
from transforms.feed.tokenizers.tokenizer import Encoded, FimTokens, Tokenizer
from transforms.lib.errors import UsageError

ALL = 1 << 64  # the numbers that 8 bytes of a digest can be


class Middle(NamedTuple):
    """A text in three parts, and whether its suffix is to stand first."""

    prefix: str
    middle: str
    suffix: str
    suffix_first: bool


def fim_parts(example_id: str, text: str, rate: float) -> Middle | None:
    """The parts of a text, or None if it stays whole, as 1 - `rate` of all do.

    >>> fim_parts("f1", "return x", 1.0)
    Middle(prefix='ret', middle='urn ', suffix='x', suffix_first=False)
    """
    digest = hashlib.sha256(f"fim {example_id}".encode()).digest()
    chance, order, *cuts = (int.from_bytes(digest[i : i + 8]) for i in range(0, 32, 8))
    if chance >= rate * ALL:
        return None
    begin, end = sorted(cut % (len(text) + 1) for cut in cuts)
    return Middle(text[:begin], text[begin:end], text[end:], order % 2 == 1)


def encode_fim(
    tokenizer: Tokenizer, example_ids: pa.StringArray, texts: pa.StringArray, rates: Sequence[float]
) -> Encoded:
    """The tokens of texts back to back and where those of each end, as `Tokenizer.encode` does.

    `rates` has that of each text, as `fim_parts` takes it.
    PSM is <prefix> prefix <suffix> suffix <middle> middle, SPM is <prefix> <suffix> suffix
    <middle> prefix middle. Raises UsageError if the tokenizer lacks these tokens.
    """
    if not tokenizer.fim:
        raise UsageError(f"tokenizer {tokenizer.name}: no tokens for fill-in-the-middle")
    parts, layout, counts = _layout(example_ids, texts, rates)
    tokens, ends = tokenizer.encode(pa.array(parts, pa.string()))
    lengths = np.concatenate([np.ones(len(FimTokens._fields), np.int64), np.diff(ends, prepend=0)])
    pool = np.concatenate([np.array(tokenizer.fim, np.uint32), tokens])
    spans = np.array(layout, np.int64)
    out = joined_spans(pool, offsets(lengths)[spans], lengths[spans])
    return out, offsets(lengths[spans])[offsets(np.array(counts, np.int64))[1:]]


# The fields of FimTokens by their places, which come first in the pool that texts are made of.
PREFIX, MIDDLE, SUFFIX = (FimTokens._fields.index(name) for name in ("prefix", "middle", "suffix"))


def _layout(
    example_ids: pa.StringArray, texts: pa.StringArray, rates: Sequence[float]
) -> tuple[list[str], list[int], list[int]]:
    """The parts of all texts, the members of the pool that texts are made of, how many of each.

    The pool is FimTokens, then the parts.
    """
    parts, layout, counts = list[str](), list[int](), list[int]()
    rows = zip(example_ids.to_pylist(), texts.to_pylist(), rates, strict=True)
    for example_id, text, rate in rows:
        first = len(FimTokens._fields) + len(parts)
        apart = fim_parts(example_id, text, rate)
        parts += apart[:3] if apart else [text]
        members = _members(first, apart.suffix_first) if apart else [first]
        layout += members
        counts.append(len(members))
    return parts, layout, counts


def _members(first: int, suffix_first: bool) -> list[int]:
    """The members of a text whose prefix, middle and suffix are `first` and the two after it."""
    prefix, middle, suffix = first, first + 1, first + 2
    if suffix_first:
        return [PREFIX, SUFFIX, suffix, MIDDLE, prefix, middle]
    return [PREFIX, prefix, SUFFIX, suffix, MIDDLE, middle]


def without_fim(tokens: NDArray[np.uint32], fim: FimTokens) -> NDArray[np.uint32]:
    """The tokens of one document in the order of its text, without those of FimTokens.

    `tokens` are without the token for the end of a text. Those of a whole document are returned as
    they are. Decoded, the result is the text byte for byte.
    """
    if not len(tokens) or tokens[0] != fim.prefix:
        return tokens
    suffix, middle = (int(np.argmax(tokens == each)) for each in (fim.suffix, fim.middle))
    prefix_part, suffix_part = tokens[1:suffix], tokens[suffix + 1 : middle]
    # In SPM the prefix is empty here, and stands before the middle.
    return np.concatenate([prefix_part, tokens[middle + 1 :], suffix_part])
