"""Shingles, and the order in which duplicates are kept, by definition in plain Python."""

import re
from typing import Any

from transforms.lib.licences import is_permissive

MASK = 2**64 - 1
PLACE_FACTORS = (
    0x8EBC6AF09C88C6E3,
    0x589965CC75374CC3,
    0x1D8E4E27C47D124F,
    0xEB44ACCAB455D165,
    0x2F6A5BD7C5A1E3B9,
)


def mix(value: int) -> int:
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor & MASK
    return value ^ value >> 33


COMMENTS = re.compile(r"(?:[\x00- ]|#[^\r\n]*)*")
DOCSTRING = re.compile(r"[rRuU]?(?:\"{3}.*?\"{3}|'{3}.*?'{3})|", re.DOTALL)
OF_COMMENTS = {"copyri", "licens", "licenc", "spdx", "redist", "unencu"}
OF_DOCSTRINGS = OF_COMMENTS | {"permis", "warran", "liabil", "liable", "mercha", "reserv"}


def slow_notice_end(text: str) -> int:
    """Where the licence notice at the head of a text ends, in characters."""
    notice, at = 0, int(text.startswith("\ufeff"))
    while True:
        block = _matched(COMMENTS, text, at)
        at += len(block)
        if _heads(block) & OF_COMMENTS:
            notice = at
        block = _matched(DOCSTRING, text, at)
        at += len(block)
        if len(_heads(block) & OF_DOCSTRINGS) < 3:
            return notice
        notice = at


def _matched(pattern: re.Pattern[str], text: str, at: int) -> str:
    match = pattern.match(text, at)
    assert match
    return match[0]


def _heads(block: str) -> set[str]:
    """The first six letters of each word, in lower case; those of "copyright" for ©."""
    words = re.findall("[A-Za-z]+", block.replace("\u00a9", " copyright "))
    return {word[:6].lower() for word in words}


def slow_shingles(text: str) -> set[int]:
    """The upper 32 bits of the hash of every five words in a row, without a licence notice."""
    return _shingles(text[slow_notice_end(text) :]) or _shingles(text)


def _shingles(text: str) -> set[int]:
    hashes = []
    for word in re.findall(rb"[A-Za-z0-9_\x80-\xff]+", text.encode()):
        value = 0xCBF29CE484222325
        for byte in word:
            value = (value ^ byte) * 0x100000001B3 & MASK
        hashes.append(mix(value))
    fives = zip(*(hashes[i:] for i in range(5)), strict=False)
    return {
        mix(sum(h * p for h, p in zip(five, PLACE_FACTORS, strict=True)) & MASK) >> 32
        for five in fives
    }


def slow_order(row: dict[str, Any]) -> tuple:
    """Permissive first, more stars, longer, then (repo, path, commit, sha256)."""
    return (
        not is_permissive(row["licence_spdx"]),
        -(row["stars"] or 0),
        -row["characters"],
        row["repo"],
        row["path"],
        row["commit"] or "",
        row["sha256"],
    )
