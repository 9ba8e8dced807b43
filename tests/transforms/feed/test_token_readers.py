"""Files of tokens in the readers of the trainers: datatrove's own, and Megatron's."""

import importlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.support.python_texts import FILES, LIBRARY
from tests.support.token_shards import below
from transforms.feed.documents import Documents
from transforms.feed.encoding import encode_examples
from transforms.feed.token_files import TokenShard, write_tokens
from transforms.feed.tokenizers import open_tokenizer
from transforms.feed.tokenizers.tokenizer_file import TokenizerFile
from transforms.lib.skeleton.storage import Storage

pytestmark = pytest.mark.training

WINDOW = 128
P50K = open_tokenizer("p50k_base")
TEXTS = [(LIBRARY / name).read_text() for name in FILES]
DOCUMENTS = encode_examples(P50K, pa.array(["# é\n"] * len(TEXTS)), pa.array(TEXTS))


def wide() -> TokenizerFile:
    """p50k_base with an id too large for two bytes."""
    content = P50K.tokenizer_json().replace(b'"!":0,', b'"!":70000,')
    return TokenizerFile(content, "wide")


def in_windows(documents: Documents) -> Documents:
    """Documents concatenated and cut, the last window padded."""
    padding = -len(documents.tokens) % WINDOW
    tokens = np.append(documents.tokens, np.full(padding, P50K.end, np.uint32))
    return Documents(tokens, documents.ends, np.append(documents.loss, np.zeros(padding, bool)))


def positions(documents: Documents) -> np.ndarray:
    """The place of each token in its document, counted anew in each window."""
    starts = np.zeros(len(documents.tokens), np.int64)
    begins = [*documents.ends[documents.ends < len(starts)], *range(0, len(starts), WINDOW)]
    starts[begins] = begins
    return np.arange(len(starts)) - np.maximum.accumulate(starts)


@pytest.fixture(params=[P50K, wide()], ids=["uint16", "uint32"])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Documents, int]:
    """The folder of two files of windows, what they hold, and the bytes of a token."""
    documents = in_windows(
        encode_examples(request.param, pa.array(["# é\n"] * len(TEXTS)), pa.array(TEXTS))
    )
    data = Storage(str(tmp_path))
    for i in range(2):
        write_tokens(below(data, f"tokens/part-{i}"), TokenShard(documents, WINDOW), request.param)
    return tmp_path / "tokens", documents, 2 if request.param is P50K else 4


def imported(name: str) -> Any:
    """A module of a trainer, which may warn of what it does without."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def test_datatrove(written: tuple[Path, Documents, int]) -> None:
    dataset = imported("datatrove.utils.dataset")
    folder, documents, token_size = written
    read = dataset.DatatroveFolderDataset(
        str(folder), WINDOW - 1, "*.bin", token_size=token_size, return_positions=True
    )
    rows = [read[i] for i in range(len(read))]
    tokens = np.concatenate([row["input_ids"].numpy() for row in rows])
    assert np.array_equal(tokens, np.tile(documents.tokens, 2))
    places = np.concatenate([row["positions"].numpy() for row in rows])
    assert np.array_equal(places, np.tile(positions(documents), 2))


@pytest.mark.parametrize("window", [None, WINDOW])
@pytest.mark.parametrize("mmap", [True, False])
def test_megatron(window: int | None, mmap: bool, tmp_path: Path) -> None:
    megatron = imported("megatron.core.datasets.indexed_dataset")
    documents = in_windows(DOCUMENTS) if window else DOCUMENTS
    for name, tokenizer in (("a", P50K), ("b", wide())):
        write_tokens(below(Storage(str(tmp_path)), name), TokenShard(documents, window), tokenizer)
        read = megatron.IndexedDataset(str(tmp_path / name), mmap=mmap)
        ends = np.arange(window, len(documents.tokens) + 1, window) if window else documents.ends
        assert read.document_indices.tolist() == list(range(len(ends) + 1))
        assert read.sequence_lengths.tolist() == np.diff(ends, prepend=0).tolist()
        assert np.array_equal(np.concatenate([read[i] for i in range(len(read))]), documents.tokens)


def test_datatrove_writes_the_same_loss_and_index(tmp_path: Path) -> None:
    """Its own writer, given the same documents, leaves the same bytes under its own names."""
    tokenizer = imported("datatrove.pipeline.tokens.tokenizer")
    theirs = tokenizer.TokenizedFile(
        str(tmp_path), "x.ds", save_loss_metadata=True, save_index=True, save_final_metadata=False
    )
    for begin, end in zip(DOCUMENTS.starts, DOCUMENTS.ends, strict=True):
        theirs.write(DOCUMENTS.tokens[begin:end].tolist(), DOCUMENTS.loss[begin:end])
    theirs.close()
    write_tokens(below(Storage(str(tmp_path)), "y"), TokenShard(DOCUMENTS), P50K)
    for ending in ("", ".index", ".loss"):
        ours = (tmp_path / f"y.bin{ending}").read_bytes()
        assert (tmp_path / f"x.ds{ending}").read_bytes() == ours
