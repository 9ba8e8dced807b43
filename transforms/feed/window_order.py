"""A seeded order of numbers, computed number by number: no list of them is kept or shuffled."""

import hashlib

ROUNDS = 4  # of a Feistel network, from which on it passes for a random permutation


def shuffled(place: int, count: int, seed: str) -> int:
    """The number at a place of 0 … count - 1 in the order of `seed`; each number has one place.

    >>> sorted(shuffled(place, 5, "seed 1") for place in range(5))
    [0, 1, 2, 3, 4]
    """
    bits = max(1, ((count - 1).bit_length() + 1) // 2)
    number = place
    while True:  # numbers that are too large lead on to others, at most 4 steps on average
        number = _permuted(number, bits, seed)
        if number < count:
            return number


def _permuted(number: int, bits: int, seed: str) -> int:
    """A permutation of the numbers of 2 * bits bits."""
    left, right = number >> bits, number & ((1 << bits) - 1)
    for turn in range(ROUNDS):
        digest = hashlib.blake2b(f"{seed} {turn} {right}".encode(), digest_size=8).digest()
        left, right = right, left ^ (int.from_bytes(digest) & ((1 << bits) - 1))
    return left << bits | right
