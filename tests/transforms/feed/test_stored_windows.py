"""Windows of stored tokens: they are the packed windows, or the stream cut."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.token_folder import commit_rows, put_tokens
from transforms.feed.documents import Documents
from transforms.feed.packing import document_lengths, pack
from transforms.feed.stored_windows import stored_tokens
from transforms.lib.errors import UsageError


def documents() -> Documents:
    lengths = np.array([3, 9, 1, 4, 2])
    tokens = np.arange(1, 20, dtype=np.uint32)
    return Documents(tokens, np.cumsum(lengths), tokens % 2 > 0)


def test_packed_windows_come_back(tmp_path: Path) -> None:
    packed = pack(documents(), 5, 0, "best-fit")
    commit_rows(tmp_path, "tokens", [{"shard": "a", "split": "train"}])
    put_tokens(tmp_path, "a", packed.tokens, packed.ends, packed.loss, window=5)
    (file,) = stored_tokens(str(tmp_path), "train", None)
    opened, lengths = file.opened(), document_lengths(packed)
    assert len(file) == len(lengths)
    for number, expected in enumerate(lengths):
        window, place = opened.read(number), slice(5 * number, 5 * number + 5)
        assert window.tokens.tolist() == packed.tokens[place].tolist()
        assert window.loss.tolist() == packed.loss[place].tolist()
        assert window.lengths.tolist() == expected.tolist()


def test_a_stream_is_cut(tmp_path: Path) -> None:
    given = documents()
    commit_rows(tmp_path, "tokens", [{"shard": "a", "split": "train"}])
    put_tokens(tmp_path, "a", given.tokens.astype(np.uint16), given.ends, given.loss)
    (file,) = stored_tokens(str(tmp_path), "train", 8)
    windows = [file.opened().read(number) for number in range(len(file))]
    assert np.concatenate([w.tokens for w in windows]).tolist() == given.tokens.tolist()
    assert [w.lengths.tolist() for w in windows] == [[3, 5], [4, 1, 3], [1, 2]]


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    given = documents()
    with pytest.raises(UsageError, match="no tokens; `quire feed` makes them"):
        stored_tokens(str(tmp_path), "train", 8)
    commit_rows(tmp_path, "tokens", [{"shard": "a", "split": "train"}])
    put_tokens(tmp_path, "a", given.tokens, given.ends, given.loss)
    with pytest.raises(UsageError, match="not packed; say how long"):
        stored_tokens(str(tmp_path), "train", None)
    with pytest.raises(UsageError, match="no tokens of the split 'validation'"):
        stored_tokens(str(tmp_path), "validation", 8)
    put_tokens(tmp_path, "a", given.tokens, given.ends, given.loss, window=4)
    with pytest.raises(UsageError, match="packed in windows of 4 tokens, not 8"):
        stored_tokens(str(tmp_path), "train", 8)
