"""The stoplist: what is common in code that certainly leaks nothing, and so is no evidence.

It has hashes of three kinds: `code`, 8-grams of normalised tokens that several files have; `tree`,
canonical functions so small that chance repeats them; `name`, functions that several files define.
`background.txt` names the releases in which they were counted. All of these appeared before
HumanEval and MBPP became public (July 2021), so that no popular leak can hide itself. To build it
anew:

    quire crawl BACKGROUND @transforms/contamination/patterns/background.txt dir:LIB
    quire stoplist BACKGROUND --out transforms/contamination/patterns/stoplist.parquet

where LIB is the standard library of CPython 3.11.7, without site-packages.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from transforms.contamination.grams.ngrams import SCHEME
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import open_file

STOPLIST_KINDS = ("code", "tree", "name")
SHIPPED_FILE = "stoplist.parquet"
RECIPE_KEY = b"quire_stoplist"  # of the file's metadata: how it was made, as JSON
STOPLIST_SCHEMA = pa.schema([("kind", pa.string()), ("hash", pa.uint32())])


@dataclass(frozen=True)
class Stoplist:
    """Sorted uint32 hashes of each kind (the upper half of 64 bits), and the digest of them all."""

    code: NDArray[np.uint32]
    tree: NDArray[np.uint32]
    name: NDArray[np.uint32]
    sha256: str

    @property
    def sizes(self) -> str:
        """How many hashes of each kind there are, in words."""
        code, tree, name = (len(getattr(self, kind)) for kind in STOPLIST_KINDS)
        return f"{code:,} n-grams of code, {tree:,} trees, {name:,} names"


def upper_halves(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The upper 32 bits of hashes, which a stoplist keeps.

    With the list that ships, chance takes one n-gram in 7,000 for a common one.
    """
    return (hashes >> np.uint64(32)).astype(np.uint32)


def are_common(hashes: NDArray[np.uint64], common: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Whether each 64-bit hash is among the sorted hashes of one kind of a stoplist.

    >>> hashes = np.array([7 << 32, 8 << 32], np.uint64)
    >>> are_common(hashes, upper_halves(hashes[:1])).tolist()
    [True, False]
    """
    if not len(common):
        return np.zeros(len(hashes), np.bool_)
    halves = upper_halves(hashes)
    places = np.minimum(np.searchsorted(common, halves), len(common) - 1)
    return np.asarray(common[places] == halves)


def make_stoplist(hashes: dict[str, NDArray[np.uint32]]) -> Stoplist:
    """The stoplist of the sorted hashes of each kind."""
    by_kind = {kind: hashes[kind].astype("<u4") for kind in STOPLIST_KINDS}
    digest = hashlib.sha256(SCHEME.encode())
    for kind in STOPLIST_KINDS:
        digest.update(b"\0" + kind.encode() + by_kind[kind].tobytes())
    return Stoplist(**by_kind, sha256=digest.hexdigest())


def read_stoplist(path: str | None = None) -> Stoplist:
    """The stoplist in a file, by default the one that ships.

    Raises UsageError if the file cannot be read or is no stoplist of this SCHEME.
    """
    shipped = str(files("transforms.contamination.patterns").joinpath(SHIPPED_FILE))
    try:
        table = pq.read_table(open_file(path or shipped), page_checksum_verification=True)
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"{path}: not a readable stoplist ({error!s:.80})") from error
    recipe = (table.schema.metadata or {}).get(RECIPE_KEY, b"").decode()
    if not table.schema.equals(STOPLIST_SCHEMA) or f'"{SCHEME}"' not in recipe:
        raise UsageError(f"{path}: not a stoplist of scheme {SCHEME}; `quire stoplist` makes one")
    rows = {kind: table.filter(pc.equal(table["kind"], kind)) for kind in STOPLIST_KINDS}
    return make_stoplist({kind: part["hash"].to_numpy() for kind, part in rows.items()})


def stoplist_file(stoplist: Stoplist, recipe: str) -> bytes:
    """The content of the Parquet file that `read_stoplist` reads; recipe: how it was made, as JSON.

    Sorted numbers are kept as their differences, which take some 13 bits each.
    """
    hashes = [getattr(stoplist, kind) for kind in STOPLIST_KINDS]
    columns: dict[str, Any] = {
        "kind": np.repeat(STOPLIST_KINDS, [len(of_kind) for of_kind in hashes]),
        "hash": np.concatenate(hashes),
    }
    table = pa.table(columns, schema=STOPLIST_SCHEMA.with_metadata({RECIPE_KEY: recipe}))
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=19,
        use_dictionary=["kind"],
        column_encoding={"hash": "DELTA_BINARY_PACKED"},
    )
    content: bytes = sink.getvalue().to_pybytes()
    return content
