"""How often each source is in the feed, which copies of a row that makes, and their order.

All is decided by digests: of the seed, the row and the number of the copy. So the order is the same
on every runner, and content-free: where a row comes is known before any other row is.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from transforms.lib.errors import UsageError

MOST = 100.0  # copies of a source: more is a mistake
KEYS = 2**64


def read_mix(text: str, sources: Sequence[str]) -> dict[str, float]:
    """The weight of each source, 1 if the text does not name it; those of weight 0 are left out.

    Raises UsageError for what is no list of SOURCE=WEIGHT, and if nothing is left.

    >>> read_mix("functions=2.5,corpus=0", ["corpus", "functions", "problems"])
    {'functions': 2.5, 'problems': 1.0}
    """
    weights = dict.fromkeys(sources, 1.0)
    for entry in filter(None, (entry.strip() for entry in text.split(","))):
        name, _, number = entry.partition("=")
        if name not in weights:
            raise UsageError(f"--mix {entry}: {name!r} is none of {', '.join(sources)} here")
        weights[name] = _weight(entry, number)
    weights = {name: weight for name, weight in weights.items() if weight}
    if not weights:
        raise UsageError(f"--mix {text}: leaves nothing to feed")
    return weights


def _weight(entry: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not 0 <= weight <= MOST:  # false for what is no number
        raise UsageError(f"--mix {entry}: not a weight from 0 to {MOST:.0f}")
    return weight


def example_id(source: str, source_id: str) -> str:
    """What identifies an example, whatever feed it is in: 32 hex digits."""
    return hashlib.sha256(f"{source}:{source_id}".encode()).hexdigest()[:32]


def copies(example_id: str, weight: float, seed: int) -> int:
    """How many copies of a row are in the feed: the weight, rounded up or down by a digest.

    >>> sum(copies(f"{number:032x}", 2.25, 0) for number in range(1000))
    2245
    """
    whole = math.floor(weight)
    return whole + (_number(f"{seed}:{example_id}") < (weight - whole) * KEYS)


def keys(example_id: str, count: int, seed: int) -> Iterator[int]:
    """The key of each copy of a row, from 0 to 2**64: the feed is in the order of the keys."""
    return (_number(f"{seed}:{example_id}:{copy}") for copy in range(count))


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def shard_of(keys: NDArray[np.uint64], shards: int) -> NDArray[np.int64]:
    """The shard of each key: each shard has an equal range of keys.

    >>> shard_of(np.array([0, 2**63, 2**64 - 1], np.uint64), 3).tolist()
    [0, 1, 2]
    """
    high = keys >> np.uint64(32)
    return (high * np.uint64(shards) >> np.uint64(32)).astype(np.int64)
