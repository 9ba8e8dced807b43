"""What is common in code that is certainly no leak, so that it is no evidence of one.

Hashes of three kinds: `code` are 8-grams of normalised tokens that stand in several files, `tree`
canonical functions of a size at which chance repeats them, `name` functions that several files
define. `background.txt` names the releases they were counted in: all of them appeared before the
first of the sets they are held against was public (July 2021), so that no popular leak can hide
itself. To build it anew:

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

KINDS = ("code", "tree", "name")
SHIPPED = "stoplist.parquet"
RECIPE = b"quire_stoplist"
SCHEMA = pa.schema([("kind", pa.string()), ("hash", pa.uint32())])


@dataclass(frozen=True)
class Stoplist:
    """Sorted uint32 hashes of each kind (the highest bits of 64), and the digest of them all."""

    code: NDArray[np.uint32]
    tree: NDArray[np.uint32]
    name: NDArray[np.uint32]
    sha256: str

    @property
    def sizes(self) -> str:
        """How many of each kind, in words."""
        code, tree, name = (len(getattr(self, kind)) for kind in KINDS)
        return f"{code:,} n-grams of code, {tree:,} trees, {name:,} names"


def short(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """What of a hash is kept: one in 7,000 n-grams is then taken for a common one by chance."""
    return (hashes >> np.uint64(32)).astype(np.uint32)


def common(hashes: NDArray[np.uint64], known: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which 64-bit hashes are among the known ones of a kind."""
    if not len(known):
        return np.zeros(len(hashes), np.bool_)
    wanted = short(hashes)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.asarray(known[places] == wanted)


def make_stoplist(kinds: dict[str, NDArray[np.uint32]]) -> Stoplist:
    """The stoplist of the sorted hashes of each kind."""
    parts = {kind: kinds[kind].astype("<u4") for kind in KINDS}
    digest = hashlib.sha256(SCHEME.encode())
    for kind in KINDS:
        digest.update(b"\0" + kind.encode() + parts[kind].tobytes())
    return Stoplist(**parts, sha256=digest.hexdigest())


def read_stoplist(path: str | None = None) -> Stoplist:
    """The one that ships, or that of a file; UsageError if it is none of this scheme."""
    shipped = str(files("transforms.contamination.patterns").joinpath(SHIPPED))
    try:
        table = pq.read_table(open_file(path or shipped))
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"{path}: not a readable stoplist ({error!s:.80})") from error
    recipe = (table.schema.metadata or {}).get(RECIPE, b"").decode()
    if not table.schema.equals(SCHEMA) or f'"{SCHEME}"' not in recipe:
        raise UsageError(f"{path}: not a stoplist of scheme {SCHEME}")
    parts = {kind: table.filter(pc.equal(table["kind"], kind)) for kind in KINDS}
    return make_stoplist({kind: part["hash"].to_numpy() for kind, part in parts.items()})


def stoplist_file(stoplist: Stoplist, recipe: str) -> bytes:
    """The file of a stoplist: sorted numbers as their differences, some 13 bits each."""
    columns: dict[str, Any] = {
        "kind": np.repeat(KINDS, [len(getattr(stoplist, kind)) for kind in KINDS]),
        "hash": np.concatenate([getattr(stoplist, kind) for kind in KINDS]),
    }
    table = pa.table(columns, schema=SCHEMA.with_metadata({RECIPE: recipe}))
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
