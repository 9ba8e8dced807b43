"""A tokenizer.json of a user's: the library's own tokens, and bad files told in one line."""

import hashlib
import json
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tokenizers
from hypothesis import given

from tests.support.hostile_texts import texts
from transforms.feed.tokenizers import open_tokenizer
from transforms.feed.tokenizers.tokenizer_file import END_NAMES, TokenizerFile
from transforms.lib.errors import UsageError

P50K = open_tokenizer("p50k_base")
CONTENT = P50K.tokenizer_json()
FILE = TokenizerFile(CONTENT, "t.json")
SMALL = {
    "version": "1.0",
    "added_tokens": [],
    "model": {"type": "BPE", "vocab": {"a": 0, "</s>": 7, "▁▁▁": 3, "Ġ": 4}, "merges": []},
}


def opened(value: object, path: Path) -> TokenizerFile:
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return open_tokenizer(str(path))


@given(texts)
def test_it_gives_what_p50k_gives_by_its_own_file(batch: list[str]) -> None:
    array = pa.array(["zz", *batch], pa.string()).slice(1)
    (ours, our_ends), (theirs, their_ends) = FILE.encode(array), P50K.encode(array)
    assert ours.tolist() == theirs.tolist() and our_ends.tolist() == their_ends.tolist()
    assert ours.dtype == theirs.dtype and our_ends.dtype == their_ends.dtype


def test_it_says_of_itself_what_p50k_says() -> None:
    assert (FILE.vocabulary, FILE.end, FILE.fim) == (P50K.vocabulary, P50K.end, P50K.fim)
    assert FILE.blanks_saved().tolist() == P50K.blanks_saved().tolist()
    assert FILE.tokenizer_json() == CONTENT
    assert FILE.name == hashlib.sha256(CONTENT).hexdigest()


def test_what_a_file_asks_for_beside_tokens_is_not_done() -> None:
    """No truncation, no padding, no tokens around a text."""
    library = tokenizers.Tokenizer.from_buffer(CONTENT)
    library.enable_truncation(2)
    library.enable_padding(length=64)
    library.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A <|endoftext|>", special_tokens=[("<|endoftext|>", 50256)]
    )
    changed = TokenizerFile(library.to_str().encode(), "t.json")
    array = pa.array(["def f(x): return x + 1", ""])
    assert changed.encode(array)[0].tolist() == P50K.encode(array)[0].tolist()


def test_pickling_opens_it_once_in_a_process(tmp_path: Path) -> None:
    file = opened(SMALL, tmp_path / "t.json")
    assert pickle.loads(pickle.dumps(file)) is file is opened(SMALL, tmp_path / "t.json")


def test_a_small_file(tmp_path: Path) -> None:
    file = opened(SMALL, tmp_path / "t.json")
    assert (file.vocabulary, file.end, file.fim) == (8, 7, None)
    assert file.blanks_saved().tolist() == [0, 0, 0, 2, 0, 0, 0, 0]
    tokens, ends = file.encode(pa.array([], pa.string()))
    assert (tokens.tolist(), ends.tolist()) == ([], [])


def without_end(value: dict) -> dict:
    return value | {"model": value["model"] | {"vocab": {"a": 0}}}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("", "not a tokenizer.json (Expecting value"),
        ("[" * 100_000, "not a tokenizer.json ("),
        ("[]", "not a tokenizer.json (no JSON object with a `model`)"),
        ('{"model": 1}', "not a tokenizer.json ("),
        ({**SMALL, "model": {"type": "BPE", "vocab": {"</s>": 2**32}, "merges": []}}, "not a tok"),
        ({**SMALL, "model": {"type": "BPE", "vocab": {"</s>": -1}, "merges": []}}, "not a tok"),
        (
            {**SMALL, "model": {"type": "BPE", "vocab": {"</s>": 2**31}, "merges": []}},
            "an id of 2,147,483,648; the most is",
        ),
        (without_end(SMALL), "no token for the end of a text; looked for <|endoftext|>, <|end_of"),
    ],
)
def test_bad_files(value: object, line: str, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    with pytest.raises(UsageError) as told:
        opened(value, path)
    assert str(told.value).startswith(f"{path}: {line}")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.write_bytes(b"\xff\xfe\0{")])
def test_folders_and_binary_files(make: Callable[[Path], object], tmp_path: Path) -> None:
    make(tmp_path / "x")
    with pytest.raises(UsageError, match="x: n"):
        open_tokenizer(str(tmp_path / "x"))


def test_usual_names_of_the_end_are_found_by_the_first(tmp_path: Path) -> None:
    for i, name in enumerate(END_NAMES):
        vocabulary = {each: n for n, each in enumerate(END_NAMES[i:])}
        value = {**SMALL, "model": {"type": "BPE", "vocab": vocabulary, "merges": []}}
        file = opened(value, tmp_path / "t.json")
        assert file.end == vocabulary[name] == 0


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UsageError, match=r"pip install 'quire\[tokenizers\]'"):
        TokenizerFile(CONTENT, "t.json")
    assert np.array_equal(P50K.encode(pa.array(["a"]))[0], [64])
