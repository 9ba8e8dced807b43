"""Windows of tokens in the files of DATA/tokens, read where they are needed.

A file X has X.bin, the tokens; X.bin.index, where its pieces end, as unsigned numbers of 8 bytes;
X.bin.loss, a byte for each token; and X.json, which describes them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.shards import shard_files
from transforms.lib.skeleton.storage import Storage, open_file

TOKENS = "tokens"


class StoredWindow(NamedTuple):
    """tokens: uint[n]; loss: bool[n]; lengths: of the pieces of documents in it, together n."""

    tokens: NDArray
    loss: NDArray[np.bool_]
    lengths: NDArray[np.int64]


@dataclass(frozen=True)
class StoredTokens:
    """One file of tokens as windows; the last one is shorter where documents are not packed.

    path: where it is, without .bin; dtype: of its tokens; end: the token for the end of a text.
    """

    path: str
    dtype: str
    end: int
    tokens: int
    window: int

    def __len__(self) -> int:
        return -(-self.tokens // self.window)

    def opened(self) -> "OpenedTokens":
        """The file mapped into memory."""
        little = np.dtype(self.dtype).newbyteorder("<")
        tokens = np.memmap(f"{self.path}.bin", little, "r")
        ends = np.memmap(f"{self.path}.bin.index", "<u8", "r")
        return OpenedTokens(tokens, ends, np.memmap(f"{self.path}.bin.loss", "?", "r"), self.window)


@dataclass(frozen=True)
class OpenedTokens:
    """The arrays of a file of tokens."""

    tokens: NDArray
    ends: NDArray[np.uint64]
    loss: NDArray[np.bool_]
    window: int

    def read(self, number: int) -> StoredWindow:
        """The window of this number."""
        begin = number * self.window
        end = min(begin + self.window, len(self.tokens))
        first, last = np.searchsorted(self.ends, np.array([begin, end], np.uint64), "right")
        ends = np.unique(np.append(self.ends[first:last].astype(np.int64), end))
        return StoredWindow(
            np.array(self.tokens[begin:end]),
            np.array(self.loss[begin:end]),
            np.diff(ends, prepend=begin),
        )


def stored_tokens(data: str, split: str, window: int | None) -> list[StoredTokens]:
    """The committed files of tokens of a split, in the order of their names.

    `window` is the length of windows where documents are not packed. Raises UsageError if there are
    no tokens, if a window is wanted and none is said, or another than the files have.
    """
    storage = Storage(data)
    if not storage.local:
        raise UsageError(f"{data}: tokens are mapped into memory; copy DATA/tokens to this machine")
    names = _names(storage, split)
    if not names:
        raise UsageError(f"{data}: no tokens of the split {split!r}; `quire feed` makes them")
    return [_described(storage, f"{TOKENS}/{name}", window) for name in names]


def _names(storage: Storage, split: str) -> list[str]:
    """The names of the files of a split, as the committed shards of `tokens` list them."""
    try:
        shards = shard_files(storage, TOKENS)
    except FileNotFoundError as error:
        raise UsageError(f"{storage.root}: no tokens; `quire feed` makes them") from error
    names = set[str]()
    for shard in shards:
        with open_file(shard) as file:
            rows = pq.read_table(file, columns=["shard", "split"])
        names.update(rows.filter(pc.equal(rows["split"], split))["shard"].to_pylist())
    return sorted(names)


def _described(storage: Storage, name: str, window: int | None) -> StoredTokens:
    said = storage.read_json(f"{name}.json")
    path = storage.path(name)
    if not isinstance(said, dict):
        raise UsageError(f"{path}.json: no description of tokens")
    size = (storage.size(f"{name}.bin") or 0) // np.dtype(said["dtype"]).itemsize
    length = _window(path, said["window"], window)
    return StoredTokens(path, said["dtype"], said["end"], size, length)


def _window(path: str, packed: int | None, window: int | None) -> int:
    """The length of the windows of a file, from what it says and what is wanted."""
    length = packed or window
    if not length:
        raise UsageError(f"{path}: documents are not packed; say how long a window is to be")
    if window and length != window:
        raise UsageError(f"{path}: packed in windows of {packed} tokens, not {window}")
    return length
