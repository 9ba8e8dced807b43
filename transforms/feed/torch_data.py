"""Datasets of PyTorch over what `quire feed` writes. They need torch (the extra `torch`).

Pre-training on windows of tokens, on as many ranks and workers as there are::

    from torch.utils.data import DataLoader
    from transforms.feed.torch_data import TokenWindows, stacked

    windows = TokenWindows("data", seed=1)
    loader = DataLoader(windows, batch_size=8, num_workers=2, collate_fn=stacked)
    for epoch in range(2):
        windows.set_epoch(epoch)  # another order of the windows
        for batch in loader:
            model(input_ids=batch["input_ids"], position_ids=batch["position_ids"],
                  labels=batch["labels"]).loss.backward()

Fine-tuning on functions and problems, with loss on the completion alone::

    from functools import partial
    from transforms.feed.torch_data import Completions, left_padded

    rows = Completions("data", tokenizer, length=1024)
    loader = DataLoader(rows, batch_size=8, collate_fn=partial(left_padded, pad=tokenizer.end))
    for batch in loader:
        model(**batch).loss.backward()

Both datasets have `state_dict` and `load_state_dict`, as torchdata's StatefulDataLoader wants them.
Models shift labels themselves, as those of transformers do: labels are as long as input_ids.
"""

import os
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import IterableDataset, get_worker_info

from transforms.feed.packing import positions_in
from transforms.feed.stored_windows import StoredTokens, StoredWindow, stored_tokens
from transforms.feed.tokenizers.tokenizer import Tokenizer
from transforms.feed.window_order import shuffled
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.row_groups import read_run, runs
from transforms.lib.skeleton.shards import shard_files
from transforms.lib.skeleton.storage import Storage, open_file

NO_LOSS = -100  # the label that torch's cross entropy ignores
OPENED = 64  # files of tokens that a worker has open at a time
ENCODED = 64  # examples that are encoded in one call
ROW_COLUMNS = ("source", "split", "prompt", "completion")
LARGE_COLUMNS = ("prompt", "completion")
Item = dict[str, torch.Tensor]


class SharedRows(IterableDataset):
    """Items of which each worker of each rank has its own; together they have all, each once.

    `rank` and `world` are those of torch.distributed unless given, or else of the environment.
    """

    def __init__(self, rank: int | None, world: int | None) -> None:
        self._ranks = rank, world
        # In shared memory, so that workers which outlive an epoch see the next one's number.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        self._loaded: dict[str, int] = {}
        self._taken = self._consumers = 0

    def rows(self, consumer: int, consumers: int, start: int) -> Iterator[Item | None]:
        """The items of a consumer, without the first `start`; None for one that is left out."""
        raise NotImplementedError

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that is iterated next."""
        self._epoch.fill_(epoch)

    @property
    def epoch(self) -> int:
        """The epoch that is iterated, or is iterated next."""
        return int(self._epoch)

    def state_dict(self) -> dict[str, int]:
        """Where this worker is: the epoch, its items so far, how many workers there are in all."""
        return {"epoch": self.epoch, "taken": self._taken, "consumers": self._consumers}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there with the next iteration."""
        self.set_epoch(state["epoch"])
        self._loaded, self._taken = dict(state), state["taken"]

    def __iter__(self) -> Iterator[Item]:
        """The items of this worker; raises UsageError after a state of another number of them."""
        consumer, consumers = self._place()
        loaded, self._loaded = self._loaded, {}
        if loaded and loaded["consumers"] != consumers:
            raise UsageError(f"the state is one of {loaded['consumers']} workers, not {consumers}")
        self._taken, self._consumers = loaded.get("taken", 0), consumers
        for item in self.rows(consumer, consumers, self._taken):
            self._taken += 1
            if item is not None:
                yield item
        self._taken = 0

    def _place(self) -> tuple[int, int]:
        """The number of this worker among those of all ranks, and how many these are."""
        rank, world = _ranks(*self._ranks)
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        return rank * workers + worker, world * workers


def _ranks(rank: int | None, world: int | None) -> tuple[int, int]:
    """Rank and number of ranks: as given, of torch.distributed, or of the environment."""
    if rank is not None and world is not None:
        return rank, world
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))


class TokenWindows(SharedRows):
    """Windows of DATA/tokens in an order of their own in each epoch.

    An item has input_ids, labels and position_ids, int64[window] each, and doc_lens, the lengths of
    the documents' pieces. A label is NO_LOSS where there is no loss, in padding, and at the
    beginning of a piece, which nothing before it tells. Where documents are not packed, `window`
    says where the stream is cut, and the last window of a file is padded. With `even`, all workers
    have equally many windows, and the few that are too many are left out of the epoch.

    `windows` is how many an epoch has, of all ranks and workers together.
    """

    def __init__(
        self,
        data: str,
        window: int | None = None,
        *,
        split: str = "train",
        seed: int = 0,
        even: bool = False,
        rank: int | None = None,
        world: int | None = None,
    ) -> None:
        super().__init__(rank, world)
        self.files = stored_tokens(data, split, window)
        self.seed, self.even = seed, even
        self._ends = np.array([*accumulate(map(len, self.files))])
        self.windows = int(self._ends[-1])

    def rows(self, consumer: int, consumers: int, start: int) -> Iterator[Item]:
        """The windows of a consumer in the order of this epoch, without the first `start`."""
        opened = lru_cache(OPENED)(lambda number: self.files[number].opened())
        count = self.windows - (self.windows % consumers if self.even else 0)
        for place in range(consumer + start * consumers, count, consumers):
            number = shuffled(place, self.windows, f"{self.seed} {self.epoch}")
            file = int(np.searchsorted(self._ends, number, "right"))
            within = number - int(self._ends[file]) + len(self.files[file])
            yield window_item(self.files[file], opened(file).read(within))


def window_item(file: StoredTokens, window: StoredWindow) -> Item:
    """The tensors of a window; one that is too short is padded with the end of a text."""
    missing = file.window - len(window.tokens)
    tokens = np.pad(window.tokens, (0, missing), constant_values=file.end).astype(np.int64)
    loss = np.pad(window.loss, (0, missing))
    lengths = np.append(window.lengths, missing) if missing else window.lengths
    position = positions_in(lengths)
    labels = np.where(loss & (position > 0), tokens, NO_LOSS)
    arrays = {"input_ids": tokens, "labels": labels, "position_ids": position, "doc_lens": lengths}
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def stacked(batch: list[Item]) -> Item:
    """A batch of windows; doc_lens are padded with zeros to the most that one has."""
    return {
        name: pad_sequence([item[name] for item in batch], batch_first=True) for name in batch[0]
    }


class Completions(SharedRows):
    """The functions and problems of DATA/examples, tokenized as they come, in the feed's order.

    An item has input_ids and labels: those of the prompt, the completion and the end of a text;
    labels of the prompt are NO_LOSS. What is longer than `length` tokens is left out, and counted
    in `left_out` of the worker that read it.
    """

    def __init__(
        self,
        data: str,
        tokenizer: Tokenizer,
        length: int,
        *,
        split: str = "train",
        sources: tuple[str, ...] = ("functions", "problems"),
        rank: int | None = None,
        world: int | None = None,
    ) -> None:
        super().__init__(rank, world)
        self.tokenizer, self.length, self.left_out = tokenizer, length, 0
        self.split, self.sources = split, pa.array(sources)
        try:
            self.shards = shard_files(Storage(data), "examples")
        except FileNotFoundError as error:
            raise UsageError(f"{data}: no examples; `quire feed` makes them") from error

    def rows(self, consumer: int, consumers: int, start: int) -> Iterator[Item | None]:
        """The examples of a consumer without the first `start`; None for one that is too long."""
        seen = 0
        first = consumer + start * consumers
        for batch in self._batches():
            numbers = np.arange(seen, seen + batch.num_rows)
            seen += batch.num_rows
            mine = np.flatnonzero((numbers >= first) & (numbers % consumers == consumer))
            for part in np.split(mine, range(ENCODED, len(mine), ENCODED)):
                yield from self._encoded(batch.take(pa.array(part)))

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """The examples of the split and the sources, some at a time."""
        for shard in self.shards:
            with open_file(shard) as file, pq.ParquetFile(file) as parquet:
                last = parquet.num_row_groups - 1
                for groups in runs(parquet, 0, last, LARGE_COLUMNS):
                    for batch in read_run(shard, parquet, groups, ROW_COLUMNS, LARGE_COLUMNS):
                        wanted = pc.is_in(batch["source"], self.sources)
                        yield batch.filter(pc.and_(wanted, pc.equal(batch["split"], self.split)))

    def _encoded(self, batch: pa.RecordBatch) -> Iterator[Item | None]:
        """The items of some examples; None for one that is too long."""
        columns = (self._tokens(batch[name]) for name in LARGE_COLUMNS)
        for prompt, completion in zip(*columns, strict=True):
            if len(prompt) + len(completion) >= self.length:
                self.left_out += 1
                yield None
                continue
            ids = torch.from_numpy(np.concatenate([prompt, completion, [self.tokenizer.end]]))
            labels = ids.clone()
            labels[: len(prompt)] = NO_LOSS
            yield {"input_ids": ids, "labels": labels}

    def _tokens(self, texts: pa.StringArray) -> list[NDArray[np.int64]]:
        """The tokens of each text."""
        tokens, ends = self.tokenizer.encode(texts)
        return np.split(tokens.astype(np.int64), ends[:-1]) if len(ends) else []


def left_padded(batch: list[Item], pad: int) -> Item:
    """A batch of completions as in section 4.4 of the paper (arXiv:2107.03374).

    Prompts are padded on the left, so that all completions begin at one place, and what follows the
    shorter completions is padded too. The batch has input_ids, labels, attention_mask and
    position_ids; the labels of prompts and of padding are NO_LOSS.
    """
    prompts = [int((item["labels"] == NO_LOSS).sum()) for item in batch]
    longest = max(prompts)
    rows = max(
        longest - own + len(item["labels"]) for own, item in zip(prompts, batch, strict=True)
    )
    out = {
        "input_ids": torch.full((len(batch), rows), pad),
        "labels": torch.full((len(batch), rows), NO_LOSS),
        "attention_mask": torch.zeros((len(batch), rows), dtype=torch.int64),
    }
    for row, (own, item) in enumerate(zip(prompts, batch, strict=True)):
        place = slice(longest - own, longest - own + len(item["labels"]))
        out["input_ids"][row, place] = item["input_ids"]
        out["labels"][row, place] = item["labels"]
        out["attention_mask"][row, place] = 1
    return out | {"position_ids": (out["attention_mask"].cumsum(1) - 1).clamp(min=0)}
