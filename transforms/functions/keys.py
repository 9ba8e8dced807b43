"""What functions are compared by: digest, rank and MinHash of their normalised bodies.

Who comes first is by licence (permissive before others), then by stars, then by its place in
`functions`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.functions import STAGE
from transforms.lib.duplicates.minhash import (
    BANDS,
    PERMUTATIONS,
    band_keys,
    is_shingled,
    signatures,
)
from transforms.lib.duplicates.shingle_sets import ShingleSets
from transforms.lib.duplicates.shingles import shingle_set
from transforms.lib.licences import is_permissive
from transforms.lib.skeleton.exchange import node, unpack
from transforms.lib.skeleton.storage import Storage
from transforms.lib.text.batch import TextBatch

# All bytes, numbers big-endian: sorted by them, records are in the order of who is first.
KEY = np.dtype([("digest", "V16"), ("rank", "V8"), ("node", "V8"), ("id", "V16")])
MEMBER = np.dtype(
    [
        ("rank", "V8"),
        ("node", "V8"),
        ("id", "V16"),
        ("sketch", f"V{PERMUTATIONS}"),
        ("bands", f"V{8 * BANDS}"),
    ]
)
RESTRICTED = np.uint64(1 << 63)
MOST_STARS = np.uint64((1 << 63) - 1)


def ranks(licences: pa.Array, stars: pa.Array) -> NDArray[np.uint64]:
    """Who comes first, the smallest: permissive licences, then more stars; uint64[n]."""
    encoded = pc.fill_null(licences, "").dictionary_encode()
    restricted = [not is_permissive(each) for each in encoded.dictionary.to_pylist()]
    flags = np.array(restricted, np.uint64)[encoded.indices.to_numpy()]
    rank: NDArray[np.uint64] = flags * RESTRICTED
    rank += MOST_STARS - pc.fill_null(stars, 0).to_numpy().clip(0).astype(np.uint64)
    return rank


@dataclass(frozen=True)
class Bodies:
    """What is known of the bodies of some functions.

    keys: KEY[n]; members: MEMBER[m], those that have shingles; sets: these, each with its row.
    """

    keys: NDArray
    members: NDArray
    sets: list[tuple[int, NDArray[np.uint32]]]


def describe(
    functions: pa.Table, texts: TextBatch, unit: int, first: int, permutations: NDArray[np.uint32]
) -> Bodies:
    """What is known of functions, rows of a unit from `first`, by their normalised bodies.

    Empty bodies are like nothing.
    """
    functions = functions.combine_chunks()
    places = np.flatnonzero(functions["body_sha256"].is_valid().to_numpy())
    taken = functions.take(pa.array(places))
    keys = np.empty(len(places), KEY)
    keys["digest"] = _bytes16(taken["body_sha256"])
    rank = ranks(taken["licence_spdx"].combine_chunks(), taken["stars"].combine_chunks())
    keys["rank"] = rank.astype(">u8").view("V8")
    keys["node"] = node(unit, first + places).astype(">u8").view("V8")
    keys["id"] = _bytes16(taken["function_id"])
    signature = signatures(texts, places, permutations)
    shingled = is_shingled(signature)
    sets = [(first + place, shingle_set(texts, place)) for place in places[shingled].tolist()]
    return Bodies(keys, _members(keys[shingled], signature[shingled]), sets)


def _bytes16(column: pa.ChunkedArray) -> NDArray:
    """The first 16 bytes of hex digests; V16[n]."""
    return np.frombuffer(b"".join(bytes.fromhex(each[:32]) for each in column.to_pylist()), "V16")


def _members(keys: NDArray, signature: NDArray[np.uint32]) -> NDArray:
    members = np.empty(len(keys), MEMBER)
    for name in ("rank", "node", "id"):
        members[name] = keys[name]
    members["sketch"] = signature.astype(np.uint8).view(f"V{PERMUTATIONS}")[:, 0]
    members["bands"] = band_keys(signature).view(f"V{8 * BANDS}")[:, 0]
    return members


def nodes(records: NDArray) -> NDArray[np.uint64]:
    """The addresses of records; uint64[n]."""
    return np.ascontiguousarray(records["node"]).view(">u8").astype(np.uint64)


@dataclass(frozen=True)
class UnitBodies:
    """The bodies of a unit in storage, beside its unfinished work."""

    data: Storage
    unit: int

    def write(self, parts: Iterable[Bodies]) -> None:
        """Leave the bodies of a unit as they come, part by part."""
        keys: list[bytes] = []
        sets = ShingleSets(self.data, self.unit, STAGE)
        with self.data.create(self._name("members")) as stream:
            sets.write(self._sets(parts, keys, stream))
        self.data.put(self._name("keys"), b"".join(keys))

    @staticmethod
    def _sets(
        parts: Iterable[Bodies], keys: list[bytes], members: pa.NativeFile
    ) -> Iterator[tuple[int, NDArray[np.uint32]]]:
        """The sets of all parts; what else is known of them goes its way."""
        for part in parts:
            keys.append(part.keys.tobytes())
            members.write(part.members.tobytes())
            yield from part.sets

    def _name(self, kind: str) -> str:
        return f"_work/{STAGE}/{kind}/{self.unit:05d}"

    def keys(self) -> NDArray:
        """The keys of those that have a body, equal ones together, the first before others."""
        return unpack([("key", self.data.read(self._name("keys")))], "key", KEY)

    def members(self) -> NDArray:
        """Those that have shingles, in the order of their rows; MEMBER[m]."""
        return np.frombuffer(self.data.read(self._name("members")), MEMBER)
