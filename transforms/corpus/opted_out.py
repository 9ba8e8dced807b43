"""The rows of a batch of files of which somebody has opted out."""

import pyarrow as pa
import pyarrow.compute as pc

from transforms.corpus.filters import Drops
from transforms.lib.rights.holders import HEAD_CHARACTERS
from transforms.lib.rights.known_rows import key_row
from transforms.lib.rights.opt_outs import OptOuts

KNOWN = ("repo", "path", "commit", "repo_id", "git_sha1")


def opted_out(batch: pa.RecordBatch, digests: list[bytes], opt_outs: OptOuts) -> Drops:
    """The rows to drop, each with its opt-out; who holds a file is looked up only if asked for."""
    rows = batch.select(KNOWN).to_pylist()
    for row, digest in zip(rows, digests, strict=True):
        row["sha256"] = digest
    if opt_outs.names_domains:
        # As bytes, because nobody has checked that the content in a foreign file is UTF-8.
        heads = pc.binary_slice(batch["content"].cast(pa.binary()), 0, 4 * HEAD_CHARACTERS)
        for row, head in zip(rows, heads.to_pylist(), strict=True):
            row["content"] = (head or b"").decode("utf-8", "replace")
    opted = ((place, opt_outs.entry(key_row(row))) for place, row in enumerate(rows))
    return {place: ("opt_out", entry) for place, entry in opted if entry}
