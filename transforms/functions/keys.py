"""The keys by which functions are compared: digest, rank and MinHash.

The digest is that of the normalised body and of the docstring, the MinHash that of the body alone.

The winners' order of functions is: permissive licence first, then more stars, then the order of
`functions`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.functions import STAGE
from transforms.lib.duplicates.minhash import (
    BANDS,
    PERMUTATIONS,
    band_keys,
    is_shingled,
    signatures,
)
from transforms.lib.duplicates.order import LICENCE_AND_STARS, licence_and_stars
from transforms.lib.duplicates.shingle_sets import ShingleSets
from transforms.lib.duplicates.shingles import shingle_set
from transforms.lib.skeleton.exchange import node, unpack
from transforms.lib.skeleton.storage import Storage
from transforms.lib.text.batch import TextBatch

# All fields are bytes, numbers big-endian: sorted by their bytes, the records of one digest are in
# the winners' order. `node` is the address of the function's row, `sketch` the low byte of each
# MinHash value.
RANK_BYTES = f"V{LICENCE_AND_STARS.itemsize}"
BODY_KEY = np.dtype([("digest", "V16"), ("rank", RANK_BYTES), ("node", "V8"), ("id", "V16")])
BODY_MEMBER = np.dtype(
    [
        ("rank", RANK_BYTES),
        ("node", "V8"),
        ("id", "V16"),
        ("sketch", f"V{PERMUTATIONS}"),
        ("bands", f"V{8 * BANDS}"),
    ]
)


@dataclass(frozen=True)
class BodyRecords:
    """The records by which some functions are compared, in the order of their rows.

    keys: BODY_KEY[n]; members: BODY_MEMBER[n]; sets: row and shingle set of each.
    """

    keys: NDArray
    members: NDArray
    sets: list[tuple[int, NDArray[np.uint32]]]


def describe_bodies(
    functions: pa.Table, texts: TextBatch, unit: int, first: int, permutations: NDArray[np.uint32]
) -> BodyRecords:
    """The records of functions by their normalised bodies `texts`.

    The functions are rows of a unit, of which the first has the number `first`. A body too short
    for a shingle has no record: it says too little to be a duplicate of another.
    """
    functions = functions.combine_chunks()
    places = np.flatnonzero(functions["body_sha256"].is_valid().to_numpy())
    signature = signatures(texts, places, permutations)
    shingled = is_shingled(signature)
    places, signature = places[shingled], signature[shingled]
    taken = functions.take(pa.array(places))
    keys = np.empty(len(places), BODY_KEY)
    keys["digest"] = _digests(taken["docstring"], taken["body_sha256"])
    keys["rank"] = licence_and_stars(taken["licence_spdx"], taken["stars"]).view(RANK_BYTES)
    keys["node"] = node(unit, first + places).astype(">u8").view("V8")
    keys["id"] = _bytes16(taken["function_id"])
    sets = [(first + place, shingle_set(texts, place)) for place in places.tolist()]
    return BodyRecords(keys, _members(keys, signature), sets)


def _digests(docstrings: pa.ChunkedArray, bodies: pa.ChunkedArray) -> NDArray:
    """The digests of functions by their docstrings, whatever their blanks, and bodies; V16[n]."""
    texts = (
        f"{body} {' '.join(docstring.split())}"
        for docstring, body in zip(docstrings.to_pylist(), bodies.to_pylist(), strict=True)
    )
    digests = b"".join(hashlib.sha256(text.encode()).digest()[:16] for text in texts)
    return np.frombuffer(digests, "V16")


def _bytes16(column: pa.ChunkedArray) -> NDArray:
    """The first 16 bytes of hex digests; V16[n]."""
    digests = b"".join(bytes.fromhex(digest[:32]) for digest in column.to_pylist())
    return np.frombuffer(digests, "V16")


def _members(keys: NDArray, signature: NDArray[np.uint32]) -> NDArray:
    members = np.empty(len(keys), BODY_MEMBER)
    for name in ("rank", "node", "id"):
        members[name] = keys[name]
    members["sketch"] = signature.astype(np.uint8).view(f"V{PERMUTATIONS}")[:, 0]
    members["bands"] = band_keys(signature).view(f"V{8 * BANDS}")[:, 0]
    return members


def nodes(records: NDArray) -> NDArray[np.uint64]:
    """The addresses of the rows of records; uint64[n]."""
    return np.ascontiguousarray(records["node"]).view(">u8").astype(np.uint64)


@dataclass(frozen=True)
class UnitBodies:
    """The body records of a unit in storage, beside its unfinished work."""

    data: Storage
    unit: int

    def write(self, parts: Iterable[BodyRecords]) -> None:
        """Writes the records of a unit as they come, part by part."""
        keys: list[bytes] = []
        sets = ShingleSets(self.data, self.unit, STAGE)
        with self.data.create(self._name("members")) as stream:
            sets.write(self._sets(parts, keys, stream))
        self.data.put(self._name("keys"), b"".join(keys))

    @staticmethod
    def _sets(
        parts: Iterable[BodyRecords], keys: list[bytes], members: pa.NativeFile
    ) -> Iterator[tuple[int, NDArray[np.uint32]]]:
        """Yields the shingle sets of all parts; adds their keys to a list, members to a stream."""
        for part in parts:
            keys.append(part.keys.tobytes())
            members.write(part.members.tobytes())
            yield from part.sets

    def _name(self, kind: str) -> str:
        return f"_work/{STAGE}/{kind}/{self.unit:05d}"

    def keys(self) -> NDArray:
        """The keys of the unit, sorted: equal digests together, in the winners' order."""
        return unpack([("key", self.data.read(self._name("keys")))], "key", BODY_KEY)

    def members(self) -> NDArray:
        """The members of the unit, in the order of their rows; BODY_MEMBER[m]."""
        return np.frombuffer(self.data.read(self._name("members")), BODY_MEMBER)
