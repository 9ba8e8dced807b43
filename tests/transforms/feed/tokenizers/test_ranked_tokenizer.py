"""Tokens of the published encodings: tiktoken's own, on real files and on hostile texts."""

import functools
import itertools
import json
import pickle
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tiktoken
import tokenizers
from hypothesis import given, settings

from tests.support.hostile_texts import ASCII, EDGES, texts
from tests.support.python_texts import FILES, LIBRARY
from transforms.feed.tokenizers import TOKENIZERS, open_tokenizer, published, seen_pieces
from transforms.feed.tokenizers.published import P50K_BASE, R50K_BASE
from transforms.feed.tokenizers.ranked_tokenizer import RankedTokenizer, ranked_tokenizer
from transforms.lib.errors import UsageError

P50K, R50K = ranked_tokenizer(P50K_BASE), ranked_tokenizer(R50K_BASE)
BOTH = pytest.mark.parametrize("tokenizer", [P50K, R50K], ids=["p50k", "r50k"])
SOURCES = [(LIBRARY / name).read_text() for name in FILES]


def encoded(tokenizer: RankedTokenizer, batch: list[str]) -> list[list[int]]:
    tokens, ends = tokenizer.encode(pa.array(batch, pa.string()))
    assert tokens.dtype == np.uint32 and ends.dtype == np.int64
    assert len(ends) == len(batch) and (ends[-1] if batch else 0) == len(tokens)
    return [part.tolist() for part in np.split(tokens, ends)][: len(batch)]


def by_tiktoken(tokenizer: RankedTokenizer, batch: list[str]) -> list[list[int]]:
    return [tokenizer.tiktoken.encode_ordinary(text) for text in batch]


@BOTH
def test_real_files_and_hostile_runs(tokenizer: RankedTokenizer) -> None:
    batch = [*SOURCES, *EDGES, "", *(" " * n + "x" for n in range(140))]
    assert encoded(tokenizer, batch) == by_tiktoken(tokenizer, batch)


def test_all_pairs_of_ascii_characters() -> None:
    batch = [f"{a}{b}{c}" for a, b in itertools.product(ASCII, ASCII) for c in "x'\n "]
    assert encoded(P50K, batch) == by_tiktoken(P50K, batch)


@given(texts)
@settings(max_examples=300)
def test_any_texts(batch: list[str]) -> None:
    for tokenizer in (P50K, R50K):
        assert encoded(tokenizer, batch) == by_tiktoken(tokenizer, batch)


def test_a_part_of_an_array_is_encoded_as_a_whole_one() -> None:
    tokens, ends = P50K.encode(pa.array(["zz", *SOURCES[:3], "zz"]).slice(1, 3))
    assert tokens.tolist() == sum(by_tiktoken(P50K, SOURCES[:3]), [])


def test_texts_beyond_one_pass() -> None:
    batch = ["é = 1\n" * 20_000, "x", "y = 'ab'\n" * 110_000, "", "z" * 9_000, "b = c\n" * 150_000]
    assert encoded(P50K, batch) == by_tiktoken(P50K, batch)


@given(texts)
@settings(max_examples=50)
def test_tokens_do_not_depend_on_what_was_seen(batch: list[str]) -> None:
    """With a table of one place, where nearly every piece displaces another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen_pieces, "PLACES", 1)
        forgetful = RankedTokenizer(P50K_BASE)
    assert encoded(forgetful, batch) == by_tiktoken(P50K, batch)


def test_bytes_that_are_no_text_are_refused() -> None:
    for content in (b"\xff", b"a = '\xe9'\n", b"\xed\xa0\x80"):
        offsets = pa.py_buffer(np.array([0, len(content)], np.int32))
        array = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(content))
        with pytest.raises(UnicodeDecodeError):
            P50K.encode(array)


@BOTH
def test_the_encoding_is_the_published_one(
    tokenizer: RankedTokenizer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """tiktoken, given our file where it would download one, checks its own digest of it."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    monkeypatch.setattr(
        "tiktoken.load.read_file", lambda _: published._tiktoken_file(tokenizer._ranks)
    )
    monkeypatch.setattr(urllib.request, "urlopen", None)
    theirs = tiktoken.get_encoding(tokenizer.name)
    assert theirs._mergeable_ranks == tokenizer._ranks
    assert theirs._pat_str == published.SPLIT
    assert theirs._special_tokens["<|endoftext|>"] == tokenizer.end


def test_the_tokens_for_filling_in_the_middle_are_those_of_p50k_edit() -> None:
    assert (*P50K.fim, P50K.vocabulary) == (50281, 50282, 50283, 50284)
    assert (*R50K.fim, R50K.vocabulary) == (50257, 50258, 50259, 50260)
    assert P50K.tiktoken.encode("<|fim_suffix|>", allowed_special="all") == [50283]


def test_a_damaged_file_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = published._r50k_tokens()
    tokens[0], tokens[1] = tokens[1], tokens[0]
    monkeypatch.setattr(published, "_r50k_tokens", lambda: tokens)
    with pytest.raises(ValueError, match="damaged: not the tokens of p50k_base"):
        published.P50K_BASE.ranks()


@given(texts)
def test_tokens_saved_are_those_that_r50k_has_more(batch: list[str]) -> None:
    ids, _ = P50K.encode(pa.array(batch, pa.string()))
    others, _ = R50K.encode(pa.array(batch, pa.string()))
    assert len(ids) + int(P50K.blanks_saved()[ids].sum(dtype=np.int64)) == len(others)
    assert not R50K.blanks_saved().any()


def test_pickling_opens_it_once_in_a_process() -> None:
    pickled = pickle.dumps(P50K)
    assert len(pickled) < 1000
    assert pickle.loads(pickled) is P50K is open_tokenizer("p50k_base")


@functools.cache
def opened_json() -> tokenizers.Tokenizer:
    theirs = tokenizers.Tokenizer.from_buffer(P50K.tokenizer_json())
    theirs.encode_special_tokens = True  # as text, as tiktoken does here
    return theirs


@BOTH
def test_the_library_gives_the_same_tokens_by_its_json(tokenizer: RankedTokenizer) -> None:
    content = tokenizer.tokenizer_json()
    assert content == tokenizer.tokenizer_json()
    theirs = tokenizers.Tokenizer.from_buffer(content)
    batch = [
        *SOURCES[:6],
        *(edge for edge in EDGES if len(edge) < 1000),
        *(" " * n for n in range(99)),
    ]
    assert [e.ids for e in theirs.encode_batch(batch)] == by_tiktoken(tokenizer, batch)
    assert theirs.decode(theirs.encode(SOURCES[0]).ids) == SOURCES[0]
    assert theirs.get_vocab_size() == tokenizer.vocabulary
    assert theirs.token_to_id("<|endoftext|>") == tokenizer.end
    assert len(json.loads(content)["model"]["merges"]) == len(tokenizer._ranks) - 256


@given(texts)
def test_any_texts_by_the_json(batch: list[str]) -> None:
    theirs = opened_json()
    assert [e.ids for e in theirs.encode_batch_fast(batch)] == by_tiktoken(P50K, batch)


def test_names_need_no_compiler() -> None:
    """The command line lists the names without loading what encodes."""
    program = (
        "import sys; from transforms.feed.tokenizers import NAMES;"
        "print(NAMES, {'numba', 'tiktoken', 'tokenizers'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "p50k_base, r50k_base set()\n"


def test_an_unknown_name_is_told() -> None:
    assert [each.name for each in TOKENIZERS] == ["p50k_base", "r50k_base"]
    with pytest.raises(UsageError, match=r"^gpt5: neither a tokenizer \(p50k_base, r50k_base\)"):
        open_tokenizer("gpt5")
