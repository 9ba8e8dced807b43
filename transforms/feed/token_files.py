"""A shard of tokens as files that trainers read as they are.

`X.bin` holds the tokens, little-endian: OLMo-core's "npy" without a header, datatrove's and
nanotron's .ds, and Megatron's .bin. Beside it stand `X.bin.index` (uint64, where documents end) and
`X.bin.loss` (a byte for each token, 1: learned), of datatrove and OLMo-core; `X.idx` of Megatron;
and `X.json`, which says what they hold.
"""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transforms.feed.documents import Documents
from transforms.feed.tokenizers.tokenizer import Tokenizer

UINT16_VOCABULARY = 65_536  # ids of larger vocabularies take four bytes
# Megatron's index (megatron/core/datasets/indexed_dataset.py): header, version, and dtype's code.
MEGATRON_HEADER = b"MMIDIDX\0\0"
MEGATRON_VERSION = 1
MEGATRON_CODES = {"uint16": 8, "uint32": 4}  # 4 is int32: the same bytes, as ids are below 2**31


@dataclass(frozen=True)
class TokenShard:
    """Tokens of one file, as written.

    documents: windows back to back where they are packed, and `documents.ends` those of all pieces
    of documents, in order; padding is the end token without loss. window: tokens of each window;
    None where documents are not packed.
    """

    documents: Documents
    window: int | None = None

    @property
    def sequences(self) -> NDArray[np.int64]:
        """Where each sequence, as Megatron calls it, ends: the windows, or the documents."""
        if self.window is None:
            return self.documents.ends
        return np.arange(self.window, len(self.documents.tokens) + 1, self.window)


def dtype_of(vocabulary: int) -> str:
    """What holds the ids of a vocabulary in a file: uint16 or uint32."""
    return "uint16" if vocabulary <= UINT16_VOCABULARY else "uint32"


# Writes the file of a shard with this ending and content, and returns its entry in the manifest.
PutFile = Callable[[str, bytes], dict[str, Any]]


def write_tokens(put: PutFile, shard: TokenShard, tokenizer: Tokenizer) -> None:
    """Write the files of a shard; the same shard gives the same bytes.

    Raises ValueError if an id is not below the tokenizer's vocabulary, or tokens are left beside
    windows.
    """
    _check(shard, tokenizer)
    files = _files(shard, dtype_of(tokenizer.vocabulary))
    entries = [put(ending, content) for ending, content in files]
    metadata = _metadata(shard, tokenizer) | {"files": entries}
    put(".json", (json.dumps(metadata, indent=1, sort_keys=True) + "\n").encode())


def _check(shard: TokenShard, tokenizer: Tokenizer) -> None:
    tokens = shard.documents.tokens
    if len(tokens) and int(tokens.max()) >= tokenizer.vocabulary:
        raise ValueError(f"token {tokens.max()}: the vocabulary has {tokenizer.vocabulary}")
    if shard.window and len(tokens) % shard.window:
        raise ValueError(f"{len(tokens)} tokens do not fill windows of {shard.window}")


def _files(shard: TokenShard, dtype: str) -> Iterator[tuple[str, bytes]]:
    """Yields the ending and the content of each file; one is in memory at a time."""
    documents = shard.documents
    yield ".bin", documents.tokens.astype(np.dtype(dtype).newbyteorder("<")).tobytes()
    yield ".bin.index", documents.ends.astype("<u8").tobytes()
    yield ".bin.loss", documents.loss.astype(np.uint8).tobytes()
    yield ".idx", _megatron_index(shard.sequences, dtype)


def _megatron_index(ends: NDArray[np.int64], dtype: str) -> bytes:
    """Megatron's index of sequences by where they end; each is a document of its own."""
    lengths = np.diff(ends, prepend=0)
    head = struct.pack("<QBQQ", MEGATRON_VERSION, MEGATRON_CODES[dtype], len(ends), len(ends) + 1)
    pointers = (ends - lengths) * np.dtype(dtype).itemsize
    numbers = np.arange(len(ends) + 1)
    arrays = lengths.astype("<i4"), pointers.astype("<i8"), numbers.astype("<i8")
    return b"".join([MEGATRON_HEADER, head, *(array.tobytes() for array in arrays)])


def _metadata(shard: TokenShard, tokenizer: Tokenizer) -> dict[str, Any]:
    documents = shard.documents
    return {
        "tokenizer": tokenizer.name,
        "vocabulary": tokenizer.vocabulary,
        "end": tokenizer.end,
        "dtype": dtype_of(tokenizer.vocabulary),
        "byte_order": "little",
        "documents": len(documents),
        "tokens": len(documents.tokens),
        "loss_tokens": int(documents.loss.sum()),
        "window": shard.window,
    }
