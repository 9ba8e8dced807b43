"""Tokenizers that give texts back, encoded in parts, are taken; those that corrupt them are not."""

import json
import time
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hostile_texts import mixtures
from tests.support.small_tokenizers import END, FIM, FITTING, UNFIT, small_tokenizer
from transforms.feed.tokenizers.round_trip import PROBES, check_round_trip
from transforms.feed.tokenizers.tokenizer_file import TokenizerFile
from transforms.lib.errors import UsageError

KINDS = st.sampled_from(sorted(FITTING))


def opened(kind: str) -> TokenizerFile:
    return TokenizerFile(small_tokenizer(kind), "t.json")


@given(KINDS, st.lists(mixtures, max_size=3))
def test_texts_in_parts_come_back(kind: str, parts: list[str]) -> None:
    parts = [unicodedata.normalize("NFC", part) for part in parts]
    file = opened(kind)
    tokens, _ = file.encode(pa.array(parts, pa.string()))
    assert file._tokenizer.decode(tokens.tolist(), skip_special_tokens=False) == "".join(parts)
    assert not {file.end, *file.fim} & set(tokens.tolist())


@pytest.mark.parametrize("kind", UNFIT)
def test_what_corrupts_texts_is_refused_in_one_line(kind: str) -> None:
    with pytest.raises(UsageError) as told:
        opened(kind)
    line = str(told.value)
    assert line.startswith("t.json: does not give texts back (") and "\n" not in line
    assert line.endswith("a byte-level tokenizer that adds no blank is needed") and len(line) < 400


def test_a_mark_that_text_becomes_is_refused() -> None:
    """A vocabulary that is asked for whole words first, where nothing splits the text."""
    value = json.loads(small_tokenizer("Llama 3"))
    value["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}
    value["pre_tokenizer"]["trim_offsets"] = False
    with pytest.raises(
        UsageError, match=r"^t.json: the text '<\|.*\|>' becomes a token that is no"
    ):
        TokenizerFile(json.dumps(value).encode(), "t.json")


def test_the_probes_have_all_bytes_and_are_composed() -> None:
    text = "".join(PROBES)
    assert {*text.encode()} == {*range(256)} - {0xC0, 0xC1, *range(0xF5, 256)}  # none of UTF-8's
    assert unicodedata.is_normalized("NFC", text)
    assert not any(name in text for name in (END, *FIM))


def test_it_takes_milliseconds() -> None:
    file = opened("Llama 3")
    begin = time.process_time()
    check_round_trip(file._tokenizer, {file.end}, "t.json")
    assert time.process_time() - begin < 0.1
