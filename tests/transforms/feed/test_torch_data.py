"""Datasets of PyTorch: each window once over all workers, resumed, masked and padded as it must."""

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.support.token_folder import commit_rows, put_tokens
from transforms.feed.documents import Documents
from transforms.feed.packing import pack
from transforms.lib.errors import UsageError

torch = pytest.importorskip("torch")
from torch.utils.data import DataLoader  # noqa: E402

from transforms.feed.torch_data import (  # noqa: E402
    NO_LOSS,
    Completions,
    TokenWindows,
    left_padded,
    stacked,
)

pytestmark = pytest.mark.training
WINDOW = 8


class ByteTokens:
    """A tokenizer whose tokens are the bytes of UTF-8."""

    name, vocabulary, end, fim = "bytes", 257, 256, None

    def encode(self, texts: pa.StringArray):
        raw = [text.encode() for text in texts.to_pylist()]
        tokens = np.frombuffer(b"".join(raw), np.uint8).astype(np.uint32)
        return tokens, np.cumsum([len(each) for each in raw], dtype=np.int64)


@pytest.fixture
def data(tmp_path: Path) -> str:
    """Two files of packed windows, whose tokens are all different, and one of another split."""
    rows = [{"shard": s, "split": "train", "source": o} for s in "ab" for o in ("x", "y")]
    commit_rows(tmp_path, "tokens", [*rows, {"shard": "c", "split": "validation"}])
    first = 1
    for name, lengths in (("a", [3, 9, 1, 4, 2, 20] * 5), ("b", [5, 5, 7, 30])):
        tokens = np.arange(first, first + sum(lengths), dtype=np.uint32)
        first += sum(lengths)
        documents = Documents(tokens, np.cumsum(lengths), tokens % 3 > 0)
        packed = pack(documents, WINDOW, 0, "best-fit")
        put_tokens(tmp_path, name, packed.tokens, packed.ends, packed.loss, window=WINDOW)
    return str(tmp_path)


def firsts(items: list[dict]) -> list[int]:
    """What tells windows apart: their first tokens."""
    return [int(item["input_ids"][0]) for item in items]


def every(data: str) -> list[int]:
    return sorted(firsts([*TokenWindows(data, rank=0, world=1)]))


def test_each_window_is_once_over_ranks_and_workers(data: str) -> None:
    seen = []
    for rank in range(3):
        windows = TokenWindows(data, seed=5, rank=rank, world=3)
        for batch in DataLoader(windows, batch_size=2, num_workers=2, collate_fn=stacked):
            seen += batch["input_ids"][:, 0].tolist()
    assert sorted(seen) == every(data) and len(set(seen)) == windows.windows


def test_even_ranks_have_equally_many(data: str) -> None:
    ranks = [[*TokenWindows(data, even=True, rank=rank, world=4)] for rank in range(4)]
    assert {len(each) for each in ranks} == {len(every(data)) // 4}


def test_epochs_have_orders_of_their_own(data: str) -> None:
    windows = TokenWindows(data, rank=0, world=1)
    orders = []
    for epoch in (0, 1, 0):
        windows.set_epoch(epoch)
        orders.append(firsts([*windows]))
    assert orders[0] == orders[2] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == every(data)


def test_workers_that_outlive_an_epoch_see_the_next(data: str) -> None:
    windows = TokenWindows(data, rank=0, world=1)
    loader = DataLoader(windows, batch_size=None, num_workers=1, persistent_workers=True)
    orders = []
    for epoch in (0, 1):
        windows.set_epoch(epoch)
        orders.append(firsts([*loader]))
    assert orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1])


@pytest.mark.parametrize("taken", [0, 1, 5])
def test_a_state_goes_on_where_it_was(data: str, taken: int) -> None:
    whole = TokenWindows(data, seed=2, rank=1, world=2)
    whole.set_epoch(3)
    iterator = iter(whole)
    before = [next(iterator) for _ in range(taken)]
    state = whole.state_dict() if taken else {"epoch": 3, "taken": 0, "consumers": 2}
    resumed = TokenWindows(data, seed=2, rank=1, world=2)
    resumed.load_state_dict(state)
    assert resumed.state_dict()["taken"] == taken
    whole.set_epoch(3)
    assert firsts(before) + firsts([*resumed]) == firsts([*whole])
    other = TokenWindows(data, seed=2, rank=1, world=3)
    other.load_state_dict(state)
    with pytest.raises(UsageError, match="of 2 workers, not 3"):
        next(iter(other))


def test_labels_are_what_has_loss_and_something_before_it(data: str) -> None:
    for item in TokenWindows(data, rank=0, world=1):
        assert sum(item["doc_lens"]) == WINDOW == len(item["input_ids"])
        assert item["position_ids"].tolist() == [p for n in item["doc_lens"] for p in range(n)]
        for token, label, position in zip(
            item["input_ids"], item["labels"], item["position_ids"], strict=True
        ):
            has_loss = token > 0 and token % 3 > 0 and position > 0
            assert label == (token if has_loss else NO_LOSS)


def test_a_stream_is_padded_at_its_end(tmp_path: Path) -> None:
    tokens = np.arange(1, 12, dtype=np.uint16)
    commit_rows(tmp_path, "tokens", [{"shard": "a", "split": "train"}])
    put_tokens(tmp_path, "a", tokens, np.array([4, 11]), np.ones(11), end=9)
    items = sorted(TokenWindows(str(tmp_path), 8), key=lambda item: int(item["input_ids"][0]))
    assert items[1]["input_ids"].tolist() == [9, 10, 11, 9, 9, 9, 9, 9]
    assert items[1]["labels"].tolist() == [NO_LOSS, 10, 11] + [NO_LOSS] * 5
    assert items[1]["doc_lens"].tolist() == [3, 5]


@pytest.fixture
def examples(tmp_path: Path) -> str:
    same = {"split": "train", "source": "functions"}
    rows = [{"prompt": f"p{n}" * (n % 4), "completion": f"c{n}é"} | same for n in range(150)]
    rows[7]["completion"] = "x" * 200
    others = [{"source": "corpus"}, {"split": "validation"}]
    rows[3:3] = [rows[0] | other for other in others]
    commit_rows(tmp_path, "examples", rows)
    return str(tmp_path)


def text(tokens) -> str:
    return bytes(tokens.tolist()).decode()


def test_completions_have_loss_on_the_completion_and_the_end(examples: str) -> None:
    rows = Completions(examples, ByteTokens(), 100, rank=0, world=1)
    items = [*rows]
    assert len(items) == 149 and rows.left_out == 1
    for number, item in zip([n for n in range(150) if n != 7], items, strict=True):
        ids, labels = item["input_ids"], item["labels"]
        trained = labels != NO_LOSS
        assert text(ids[~trained]) == f"p{number}" * (number % 4)
        assert text(ids[trained][:-1]) == f"c{number}é" and ids[-1] == 256
        assert labels[trained].tolist() == ids[trained].tolist()


def test_completions_are_each_once_and_resume(examples: str) -> None:
    whole = [text(item["input_ids"][:-1]) for item in Completions(examples, ByteTokens(), 100)]
    seen = []
    for rank in range(2):
        rows = Completions(examples, ByteTokens(), 100, rank=rank, world=2)
        iterator = iter(rows)
        seen += [next(iterator) for _ in range(70)]
        resumed = Completions(examples, ByteTokens(), 100, rank=rank, world=2)
        resumed.load_state_dict(rows.state_dict())
        seen += resumed
    assert sorted(text(item["input_ids"][:-1]) for item in seen) == sorted(whole)


def test_prompts_are_padded_on_the_left_so_that_completions_line_up(examples: str) -> None:
    rows = Completions(examples, ByteTokens(), 100)
    collate = partial(left_padded, pad=256)
    items, batch = [*rows][:4], next(iter(DataLoader(rows, batch_size=4, collate_fn=collate)))
    trained = batch["labels"] != NO_LOSS
    assert len({int(row.nonzero()[0]) for row in trained}) == 1
    for item, ids, labels, mask, position in zip(
        items,
        *(batch[n] for n in ("input_ids", "labels", "attention_mask", "position_ids")),
        strict=True,
    ):
        kept = mask == 1
        assert ids[kept].tolist() == item["input_ids"].tolist()
        assert labels[kept].tolist() == item["labels"].tolist()
        assert position[kept].tolist() == [*range(len(item["labels"]))]
        assert (ids[~kept] == 256).all() and (labels[~kept] == NO_LOSS).all()


def test_without_examples_it_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no examples; `quire feed` makes them"):
        Completions(str(tmp_path), ByteTokens(), 9)
