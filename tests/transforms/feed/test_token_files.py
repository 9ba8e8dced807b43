"""Files of tokens, read back bit for bit by numpy as OLMo-core's documentation reads them."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.token_shards import below
from transforms.feed.documents import Documents
from transforms.feed.token_files import TokenShard, write_tokens
from transforms.lib.skeleton.storage import Storage

ENDINGS = [".bin", ".bin.index", ".bin.loss", ".idx", ".json"]


def tokenizer_of(vocabulary: int) -> SimpleNamespace:
    return SimpleNamespace(name="t", vocabulary=vocabulary, end=0)


def random_documents(lengths: list[int], vocabulary: int) -> Documents:
    random = np.random.default_rng(len(lengths))
    total = sum(lengths)
    tokens = random.integers(0, vocabulary, total).astype(np.uint32)
    return Documents(tokens, np.cumsum(np.array(lengths, np.int64)), random.random(total) < 0.5)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    return Storage(str(tmp_path_factory.mktemp("data")))


@given(st.lists(st.integers(1, 40), max_size=6), st.sampled_from([300, 65_536, 65_537, 2**31]))
def test_what_is_written_is_read(data: Storage, lengths: list[int], vocabulary: int) -> None:
    documents = random_documents(lengths, vocabulary)
    entries: list[dict] = []
    put = below(data, "tokens/part-0", entries)
    write_tokens(put, TokenShard(documents), tokenizer_of(vocabulary))
    assert [each["name"] for each in entries] == [f"tokens/part-0{ending}" for ending in ENDINGS]
    for each in entries:
        content = data.read(each["name"])
        assert each["bytes"] == len(content)
        assert each["sha256"] == hashlib.sha256(content).hexdigest()
    path = data.path("tokens/part-0")
    dtype = "<u2" if vocabulary <= 65_536 else "<u4"
    if lengths:
        assert np.array_equal(np.memmap(f"{path}.bin", dtype=dtype, mode="r"), documents.tokens)
        assert np.array_equal(np.memmap(f"{path}.bin.loss", dtype=bool, mode="r"), documents.loss)
    assert np.fromfile(f"{path}.bin.index", "<u8").tolist() == documents.ends.tolist()
    about = json.loads(Path(f"{path}.json").read_text())
    assert about["dtype"] == {"<u2": "uint16", "<u4": "uint32"}[dtype]
    assert (about["documents"], about["tokens"]) == (len(lengths), sum(lengths))
    assert about["files"] == entries[:4]


def test_megatrons_index_byte_for_byte(data: Storage) -> None:
    write_tokens(below(data, "m"), TokenShard(random_documents([3, 1], 300)), tokenizer_of(300))
    numbers = "0100000000000000 08 0200000000000000 0300000000000000"
    lengths, pointers = "03000000 01000000", "0000000000000000 0600000000000000"
    documents = "0000000000000000 0100000000000000 0200000000000000"
    expected = b"MMIDIDX\0\0" + bytes.fromhex(numbers + lengths + pointers + documents)
    assert data.read("m.idx") == expected


def test_the_sequences_of_packed_files_are_windows(data: Storage) -> None:
    shard = TokenShard(random_documents([3, 4, 2, 3], 70_000), window=6)
    write_tokens(below(data, "w"), shard, tokenizer_of(70_000))
    index = data.read("w.idx")
    assert (index[17], index[34:42]) == (4, np.array([6, 6], "<i4").tobytes())
    assert np.frombuffer(index[42:58], "<i8").tolist() == [0, 24]
    assert np.frombuffer(data.read("w.bin.index"), "<u8").tolist() == [3, 7, 9, 12]


def test_the_same_shard_gives_the_same_bytes(data: Storage) -> None:
    shard = TokenShard(random_documents([5, 6], 500))
    once, again = list[dict](), list[dict]()
    write_tokens(below(data, "s", once), shard, tokenizer_of(500))
    write_tokens(below(data, "s", again), shard, tokenizer_of(500))
    assert once == again and len(once) == len(ENDINGS)


def test_what_no_file_can_hold_is_refused(data: Storage) -> None:
    documents = random_documents([50], 300)
    with pytest.raises(ValueError, match="the vocabulary has 9"):
        write_tokens(below(data, "x"), TokenShard(documents), tokenizer_of(9))
    with pytest.raises(ValueError, match="50 tokens do not fill windows of 7"):
        write_tokens(below(data, "x"), TokenShard(documents, window=7), tokenizer_of(300))
    assert not data.exists("x.bin")
