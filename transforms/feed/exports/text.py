"""`text`: the feed's files for pre-training, one a row."""

import hashlib

import pyarrow as pa
import pyarrow.compute as pc

from schemas.exports import EXPORTS_TEXT

SAME = ("repo", "path", "commit", "licence_spdx")  # columns as they are in examples


def text_rows(examples: pa.Table) -> pa.Table:
    """The rows of `exports/text` for those examples that are files of `corpus`."""
    files = examples.filter(pc.equal(examples["source"], "corpus"))
    texts = pc.binary_join_element_wise(files["prompt"], files["completion"], "")
    columns = {name: files[name] for name in SAME}
    columns |= {"text": texts, "id": files["example_id"], "sha256": _digests(texts)}
    return pa.table([columns[name] for name in EXPORTS_TEXT.schema.names], EXPORTS_TEXT.schema)


def _digests(texts: pa.ChunkedArray) -> pa.Array:
    """The digest of each text as UTF-8, which is not its file's where secrets are masked."""
    return pa.array([hashlib.sha256(text.encode()).hexdigest() for text in texts.to_pylist()])
