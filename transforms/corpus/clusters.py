"""The groups of duplicates as rows of `clusters`, each written by the unit of its file."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas import CLUSTERS
from transforms.lib.skeleton.columns import column


def cluster_rows(signals: pa.Table, drops: NDArray) -> pa.Table:
    """The rows of a unit that represent others or are represented, as rows of `clusters`.

    `signals` are the unit's, with `kept` and the numbers of their copies; `drops`, DROPPED_ROW[n],
    are its duplicates, ascending.
    """
    copies = signals["exact_copies"].to_numpy() + signals["near_copies"].to_numpy()
    representatives = np.flatnonzero(copies)
    rows = np.concatenate([representatives, drops["row"]]).astype(np.int64)
    digests = column(signals["sha256"], "V32")
    kinds = np.where(drops["sha256"] == digests[drops["row"]], "exact", "near")
    order = np.argsort(rows)
    members = signals.take(pa.array(rows[order]))
    columns = {name: members[name] for name in ("repo", "path", "commit", "kept")}
    named = np.concatenate([digests[representatives], drops["sha256"]])
    columns["representative"] = hexadecimal(named[order])
    columns["sha256"] = hexadecimal(digests[rows[order]])
    kind = np.concatenate([np.full(len(representatives), "representative"), kinds])
    columns["kind"] = pa.array(kind[order].tolist(), pa.string())
    similarity = np.concatenate([np.ones(len(representatives)), similarities(drops)])
    columns["similarity"] = similarity[order]
    return pa.table({n: columns[n] for n in CLUSTERS.schema.names}, schema=CLUSTERS.schema)


def similarities(drops: NDArray) -> NDArray[np.float64]:
    """The Jaccards of DROPPED_ROW[n], in the digits that their 32 bits hold; float64[n]."""
    jaccards: NDArray[np.float64] = drops["jaccard"].astype(np.float64).round(6)
    return jaccards


def hexadecimal(digests: NDArray) -> pa.Array:
    """Digests, V32[n], as hexadecimal digits."""
    return pa.array([digest.hex() for digest in digests.tolist()], pa.string())
