"""Where the licence notice at the head of a file ends, so that shingles can leave it out.

Thousands of repositories begin their files with the same notice. A program of 20 words below a
notice of 130 would be a near duplicate of every other such program. Whether a block is shared can
only be known when all files are read; that it is a notice shows in its words, at once.
"""

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel

WORD_LETTERS = 6  # by which a word of a notice is known: "licens" is license, licensed, licensing
# The words of notices. A block of comments that has one of the first group is a notice. The words
# of the second group occur elsewhere too; they count for docstrings, which need several words.
OF_COMMENTS = ("copyri", "licens", "licenc", "spdx", "redist", "unencu")
OF_DOCSTRINGS = ("permis", "warran", "liabil", "liable", "mercha", "reserv")
# Of these words a docstring that is a notice has at least so many. Those of MIT, BSD, Apache, GPL
# and MPL have four and more; "Copyright: …, License: MIT" below a description has two.
DOCSTRING_WORDS = 3
NEWLINE, RETURN, SPACE, HASH, DOUBLE_QUOTE, SINGLE_QUOTE = map(ord, "\n\r #\"'")


def _packed(word: str) -> int:
    return int.from_bytes(word.encode().ljust(WORD_LETTERS, b"\0"), "big")


NOTICE_WORDS: NDArray[np.int64] = np.array(
    [_packed(word) for word in OF_COMMENTS + OF_DOCSTRINGS], np.int64
)
COMMENT_BITS = (1 << len(OF_COMMENTS)) - 1


@kernel
def notice_end(data, begin, end, notice_words):  # type: ignore[no-untyped-def]
    r"""Where the notice at the head of data[begin:end] ends; `begin` if there is none.

    A notice is a block of comments with a word of OF_COMMENTS, or a docstring in triple quotes
    with several words of both groups, or some of them in a row. What precedes it (`#!`, encoding)
    goes with it.

    >>> text = np.frombuffer(b"#!/bin/python\n# Copyright 2020 A\n\nx = 1\n", np.uint8)
    >>> bytes(text[notice_end(text, 0, len(text), NOTICE_WORDS):])
    b'x = 1\n'
    """
    at = begin
    if end - begin > 3 and data[at] == 0xEF and data[at + 1] == 0xBB and data[at + 2] == 0xBF:
        at += 3  # a byte order mark
    notice = begin
    while True:
        block, at = at, comments_end(data, at, end)
        if words_of_notice(data, block, at, notice_words) & COMMENT_BITS:
            notice = at
        block, at = at, docstring_end(data, at, end)
        words = words_of_notice(data, block, at, notice_words)
        if _ones(words) < DOCSTRING_WORDS:
            return notice
        notice = at


@kernel
def comments_end(data, at, end):  # type: ignore[no-untyped-def]
    """Where the comments and empty lines that begin at `at` end."""
    while at < end:
        if data[at] == HASH:
            while at < end and data[at] != NEWLINE and data[at] != RETURN:
                at += 1
        elif data[at] > SPACE:
            break
        else:
            at += 1
    return at


@kernel
def docstring_end(data, at, end):  # type: ignore[no-untyped-def]
    """Where the string in triple quotes that begins at `at` ends; `at` if there is none."""
    begin = at
    if at < end and (data[at] | 32) in (114, 117):  # the prefixes r and u, in either case
        at += 1
    if at + 6 > end or data[at] not in (DOUBLE_QUOTE, SINGLE_QUOTE):
        return begin
    quote = data[at]
    if data[at + 1] != quote or data[at + 2] != quote:
        return begin
    for last in range(at + 5, end):
        if data[last] == quote and data[last - 1] == quote and data[last - 2] == quote:
            return last + 1
    return begin


@kernel
def words_of_notice(data, at, end, notice_words):  # type: ignore[no-untyped-def]
    """Which of `notice_words` are in data[at:end], as bits; the sign © counts as the first."""
    bits = 0
    while at < end:
        if data[at] == 0xA9 and at > 0 and data[at - 1] == 0xC2:
            bits |= 1
        value, letters = 0, 0
        while at < end and 97 <= (data[at] | 32) <= 122:
            if letters < WORD_LETTERS:
                value = value << 8 | (data[at] | 32)
                letters += 1
            at += 1
        if letters >= 4:  # "spdx" is the shortest
            value <<= 8 * (WORD_LETTERS - letters)
            for place in range(len(notice_words)):
                if value == notice_words[place]:
                    bits |= 1 << place
        at += letters == 0
    return bits


@kernel
def _ones(bits):  # type: ignore[no-untyped-def]
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count
