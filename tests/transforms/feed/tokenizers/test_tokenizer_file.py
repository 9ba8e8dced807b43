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
from tests.support.small_tokenizers import FIM, FITTING, small_tokenizer
from transforms.feed.tokenizers import open_tokenizer
from transforms.feed.tokenizers.ranked_json import BYTE_CHARACTERS, BYTE_LEVEL
from transforms.feed.tokenizers.tokenizer_file import END_NAMES, TokenizerFile
from transforms.lib.errors import UsageError

P50K = open_tokenizer("p50k_base")
CONTENT = P50K.tokenizer_json()
FILE = TokenizerFile(CONTENT, "t.json")
BYTES = {character: number for number, character in enumerate(BYTE_CHARACTERS)}


def with_ends(*names: str) -> dict:
    """A byte-level tokenizer.json without merges whose added tokens are `names`, from 260 on."""
    added = [{"id": 260 + i, "content": name, **FLAGS} for i, name in enumerate(names)]
    vocabulary = {**BYTES, "ĠĠĠ": 256} | {each["content"]: each["id"] for each in added}
    model = {"type": "BPE", "vocab": vocabulary, "merges": []}
    parts = {"pre_tokenizer": BYTE_LEVEL | {"use_regex": True}, "decoder": BYTE_LEVEL}
    return {"version": "1.0", "added_tokens": added, "model": model} | parts


FLAGS = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
SMALL = with_ends("</s>")


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


def test_it_gives_the_same_tokens_each_time() -> None:
    """No merges are left out by chance, as some do in training."""
    value = json.loads(CONTENT)
    value["model"]["dropout"] = 0.5
    changed = TokenizerFile(json.dumps(value).encode(), "t.json")
    array = pa.array(["def function(argument): return argument + 1" * 9])
    assert changed.encode(array)[0].tolist() == P50K.encode(array)[0].tolist()


@pytest.mark.parametrize("kind", FITTING)
def test_a_text_that_spells_an_added_token_is_text(kind: str) -> None:
    """Whether the file says of it that it is special, or, as Qwen2.5-Coder's, does not."""
    content = small_tokenizer(kind)
    value = json.loads(content)
    marks = {t["content"]: t["id"] for t in value["added_tokens"] if t["content"].strip()}
    file = TokenizerFile(content, "t.json")
    assert file.fim == tuple(marks[name] for name in FIM)
    tokens, _ = file.encode(pa.array([*marks, f"x {' '.join(marks)}\n{''.join(marks)}"]))
    assert len(marks) == 5 and not set(marks.values()) & set(tokens.tolist())
    assert file.name == hashlib.sha256(content).hexdigest() and file.tokenizer_json() == content


def test_added_tokens_that_are_white_space_are_text() -> None:
    file = TokenizerFile(small_tokenizer("GPT-NeoX"), "t.json")
    tokens, _ = file.encode(pa.array([" " * 24 + "x"]))
    assert len(tokens) == 2 and file.blanks_saved()[tokens[0]] == 23


def test_pickling_opens_it_once_in_a_process(tmp_path: Path) -> None:
    file = opened(SMALL, tmp_path / "t.json")
    assert pickle.loads(pickle.dumps(file)) is file is opened(SMALL, tmp_path / "t.json")


def test_a_small_file(tmp_path: Path) -> None:
    file = opened(SMALL, tmp_path / "t.json")
    assert (file.vocabulary, file.end, file.fim) == (261, 260, None)
    assert np.flatnonzero(file.blanks_saved()).tolist() == [256] and file.blanks_saved()[256] == 2
    tokens, ends = file.encode(pa.array([], pa.string()))
    assert (tokens.tolist(), ends.tolist()) == ([], [])


def without_end(value: dict) -> dict:
    """One whose vocabulary has </s> as any word: text may become it."""
    return value | {"added_tokens": []}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("", "not a tokenizer.json (Expecting value"),
        ("[" * 100_000, "not a tokenizer.json ("),
        ("[]", "not a tokenizer.json (no JSON object with a `model`)"),
        ('{"model": 1}', "not a tokenizer.json (no JSON object with a `model`)"),
        ({**SMALL, "added_tokens": 1}, "not a tokenizer.json ("),
        ({**SMALL, "added_tokens": [1]}, "not a tokenizer.json ("),
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
        file = opened(with_ends(*END_NAMES[i:]), tmp_path / "t.json")
        assert file.end == 260, name


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UsageError, match=r"pip install 'quire\[tokenizers\]'"):
        TokenizerFile(CONTENT, "t.json")
    assert np.array_equal(P50K.encode(pa.array(["a"]))[0], [64])
