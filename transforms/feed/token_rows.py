"""What each source has of a file of tokens: rows of `tokens`."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas.tokens import TOKENS
from transforms.feed.documents import Documents
from transforms.feed.token_files import dtype_of
from transforms.feed.tokenizers.tokenizer import Tokenizer


@dataclass(frozen=True)
class FileOfTokens:
    """What all rows of one file of tokens have in common, as `tokens` names it."""

    shard: str
    split: str
    window: int | None = None


def token_rows(
    file: FileOfTokens,
    tokenizer: Tokenizer,
    documents: Documents,
    sources: pa.StringArray,
    text_bytes: NDArray[np.int64],
    pieces: NDArray[np.int64] | None = None,
) -> pa.Table:
    """The rows of `tokens` for documents before they are packed, one for each source, by its name.

    sources, text_bytes and pieces are of each document: its dataset, its text's bytes as UTF-8, and
    how many pieces windows made of it (None: all are whole).
    """
    names, source = np.unique(np.asarray(sources.to_pylist(), object), return_inverse=True)
    counts = {
        "documents": np.ones(len(documents), np.int64),
        "pieces": np.ones(len(documents), np.int64) if pieces is None else pieces,
        "tokens": np.diff(documents.ends, prepend=0),
        "loss_tokens": per_document(documents, documents.loss),
        "text_bytes": text_bytes,
        "saved_tokens": per_document(documents, tokenizer.blanks_saved()[documents.tokens]),
    }
    sums = {name: _by_source(source, values, len(names)) for name, values in counts.items()}
    same = {"tokenizer": tokenizer.name, "dtype": dtype_of(tokenizer.vocabulary)} | vars(file)
    columns = {name: [value] * len(names) for name, value in same.items()}
    return pa.table(columns | {"source": names.tolist()} | sums, schema=TOKENS.schema)


def per_document(documents: Documents, values: NDArray) -> NDArray[np.int64]:
    """The sums over the tokens of each document; values: of each token; int64[documents]."""
    totals = np.concatenate([np.zeros(1, np.int64), np.cumsum(values, dtype=np.int64)])
    sums: NDArray[np.int64] = np.diff(totals[documents.ends], prepend=0)
    return sums


def _by_source(
    source: NDArray[np.int64], values: NDArray[np.int64], sources: int
) -> NDArray[np.int64]:
    sums = np.zeros(sources, np.int64)
    np.add.at(sums, source, values)
    return sums
