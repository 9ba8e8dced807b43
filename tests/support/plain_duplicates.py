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


def slow_shingles(text: str) -> set[int]:
    """The upper 32 bits of the hash of every five words in a row."""
    hashes = []
    for word in re.findall(rb"[A-Za-z0-9_]+", text.encode()):
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
