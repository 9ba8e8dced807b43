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
On several ranks that wait for one another, as with DistributedDataParallel, give `even=True`: one
rank with a batch more than the others would wait for them forever. Models shift labels themselves,
as those of transformers do: labels are as long as input_ids.
"""

import os
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import accumulate

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import IterableDataset, get_worker_info

from transforms.feed.packing import positions_in
from transforms.feed.stored_examples import TEXTS, ExampleGroup, Wanted, stored_examples
from transforms.feed.stored_windows import StoredTokens, StoredWindow, stored_tokens
from transforms.feed.tokenizers.tokenizer import Tokenizer
from transforms.feed.window_order import shuffled
from transforms.lib.errors import UsageError

NO_LOSS = -100  # the label that torch's cross entropy ignores
OPENED = 64  # files of tokens that a worker has open at a time
ENCODED = 64  # examples that are encoded in one call
Item = dict[str, torch.Tensor]


class SharedRows(IterableDataset):
    """`count` items, in an order of their own in each epoch, each of one worker of one rank.

    With `even`, all workers have equally many items, and the few that are too many are left out of
    the epoch. `rank` and `world` are those of torch.distributed unless given, or else of the
    environment.
    """

    def __init__(
        self, count: int, seed: int, even: bool, rank: int | None, world: int | None
    ) -> None:
        self.count, self.seed, self.even = count, seed, even
        self._ranks = rank, world
        # In shared memory, so that workers which outlive an epoch see the next one's number.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        self._loaded: dict[str, int] = {}
        self._taken = self._consumers = 0

    def items(self, places: range, order: str) -> Iterator[Item]:
        """The items at some places of an epoch whose order has the seed `order`."""
        raise NotImplementedError

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that is iterated next; another one begins with its first item."""
        if epoch != self.epoch:
            self._loaded, self._taken = {}, 0
        self._epoch.fill_(epoch)

    @property
    def epoch(self) -> int:
        """The epoch that is iterated, or is iterated next."""
        return int(self._epoch)

    def state_dict(self) -> dict[str, int]:
        """Where this worker is: the epoch, its items so far, how many workers there are in all."""
        return {"epoch": self.epoch, "taken": self._taken, "consumers": self._consumers}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there with the next iteration, unless `set_epoch` then chooses another."""
        self.set_epoch(state["epoch"])
        self._loaded = dict(state)
        self._taken, self._consumers = state["taken"], state["consumers"]

    def __iter__(self) -> Iterator[Item]:
        """The items of this worker; raises UsageError after a state of another number of them."""
        consumer, consumers = self._place()
        epoch, loaded, self._loaded = self.epoch, self._loaded, {}
        taken, before = loaded.get("taken", 0), loaded.get("consumers", consumers)
        # A state of before the first item does not know how many they are.
        if before != consumers and (before or taken):
            raise UsageError(f"the state is one of {before} workers, not {consumers}")
        self._taken, self._consumers = taken, consumers
        count = self.count - (self.count % consumers if self.even else 0)
        places = range(consumer, count, consumers)[taken:]
        for item in self.items(places, f"{self.seed} {epoch}"):
            self._taken += 1
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
    says where the stream is cut, and the last window of a file is padded. `windows` is how many an
    epoch has, of all ranks and workers together.
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
        self.files = stored_tokens(data, split, window)
        self._ends = np.array([*accumulate(map(len, self.files))])
        self.windows = int(self._ends[-1])
        super().__init__(self.windows, seed, even, rank, world)

    def items(self, places: range, order: str) -> Iterator[Item]:
        """The windows at some places of an epoch."""
        opened = lru_cache(OPENED)(lambda number: self.files[number].opened())
        for place in places:
            number = shuffled(place, self.windows, order)
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
    """The functions and problems of DATA/examples, tokenized as they come.

    An item has input_ids and labels: those of the prompt, the completion and the end of a text;
    labels of the prompt are NO_LOSS. What is longer than `length` tokens is cut: the beginning of
    the prompt, then the end of the completion, which then has no token for its end.

    Row groups are in an order of their own in each epoch, that of epoch 0 and seed 0 too; the rows
    of each are in the feed's order, which is a shuffled one.
    """

    def __init__(
        self,
        data: str,
        tokenizer: Tokenizer,
        length: int,
        *,
        split: str = "train",
        sources: tuple[str, ...] = ("functions", "problems"),
        seed: int = 0,
        even: bool = False,
        rank: int | None = None,
        world: int | None = None,
    ) -> None:
        if length < 1:
            raise UsageError(f"a length of {length}: it is 1 token at least")
        self.tokenizer, self.length = tokenizer, length
        self.wanted = Wanted(split, sources)
        self.groups = stored_examples(data, self.wanted)
        super().__init__(sum(group.rows for group in self.groups), seed, even, rank, world)

    def items(self, places: range, order: str) -> Iterator[Item]:
        """The examples at some places of an epoch; row groups without any are not read."""
        begin = 0
        for turn in range(len(self.groups)):
            group = self.groups[shuffled(turn, len(self.groups), order)]
            end = begin + group.rows
            if own := _between(places, begin, end):
                yield from self._items_of(group, own)
            begin = end

    def _items_of(self, group: ExampleGroup, places: range) -> Iterator[Item]:
        """The items of some of the wanted rows of a row group."""
        begin = 0
        for batch in group.read(self.wanted):
            own = _between(places, begin, begin + batch.num_rows)
            for first in range(0, len(own), ENCODED):
                yield from self._encoded(batch.take(pa.array(own[first : first + ENCODED])))
            begin += batch.num_rows

    def _encoded(self, batch: pa.RecordBatch) -> Iterator[Item]:
        """The items of some examples."""
        columns = (self._tokens(batch[name]) for name in TEXTS)
        yield from map(partial(completion_item, self.tokenizer.end, self.length), *columns)

    def _tokens(self, texts: pa.StringArray) -> list[NDArray[np.int64]]:
        """The tokens of each text."""
        tokens, ends = self.tokenizer.encode(texts)
        return np.split(tokens.astype(np.int64), ends[:-1])


def _between(places: range, begin: int, end: int) -> range:
    """Those of some places that are from `begin` to before `end`, counted from `begin`."""
    first = places.start + max(0, -((places.start - begin) // places.step)) * places.step
    return range(first - begin, min(places.stop, end) - begin, places.step)


def completion_item(
    end: int, length: int, prompt: NDArray[np.int64], completion: NDArray[np.int64]
) -> Item:
    """The tensors of an example, cut to `length` tokens; `end` is the token after a completion."""
    written = np.append(completion, end)[:length]
    given = prompt[max(0, len(prompt) + len(written) - length) :]
    ids = torch.from_numpy(np.concatenate([given, written]))
    labels = ids.clone()
    labels[: len(given)] = NO_LOSS
    return {"input_ids": ids, "labels": labels}


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
