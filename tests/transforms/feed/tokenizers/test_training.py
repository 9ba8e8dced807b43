"""Training a tokenizer: the same bytes each time, and tokens for runs of blanks."""

import hashlib
import subprocess
import sys

import pyarrow as pa
import pytest

from tests.support.python_texts import FILES, LIBRARY
from transforms.feed.tokenizers.tokenizer_file import TokenizerFile
from transforms.feed.tokenizers.training import SMALLEST_VOCABULARY, train_tokenizer
from transforms.lib.errors import UsageError

SOURCES = [(LIBRARY / name).read_text() for name in FILES]


def trained(vocabulary: int) -> TokenizerFile:
    return TokenizerFile(train_tokenizer(iter(SOURCES), vocabulary), "trained")


def test_it_learns_the_texts() -> None:
    file = trained(2000)
    assert (file.vocabulary, file.end, file.fim) == (2000, 0, (1, 2, 3))
    tokens, _ = file.encode(pa.array(SOURCES))
    assert sum(len(text.encode()) for text in SOURCES) / len(tokens) > 3
    saved = file.blanks_saved()
    assert {3, 7, 11} <= set((saved + 1).tolist()), "runs of blanks before a word's own"
    assert saved[tokens].sum() > len(tokens) / 20


def test_any_text_comes_back() -> None:
    file = trained(SMALLEST_VOCABULARY)
    text = "\0 \x7f é 中 😀 \r\n\t<|endoftext|>"
    tokens, _ = file.encode(pa.array([text]))
    assert len(tokens) == len(text.encode()) and min(tokens) > 3
    assert file._tokenizer.decode(tokens.tolist()) == text


def test_the_same_texts_give_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib\n"
        "from tests.transforms.feed.tokenizers.test_training import SOURCES, train_tokenizer\n"
        "print(hashlib.sha256(train_tokenizer(iter(SOURCES), 1500)).hexdigest())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == hashlib.sha256(train_tokenizer(iter(SOURCES), 1500)).hexdigest()


@pytest.mark.parametrize("vocabulary", [-1, 0, SMALLEST_VOCABULARY - 1, 2**31 + 1])
def test_vocabularies_out_of_range(vocabulary: int) -> None:
    with pytest.raises(UsageError, match="it has 260 tokens at least"):
        train_tokenizer(iter(SOURCES), vocabulary)


def test_no_texts_give_bytes_alone() -> None:
    file = TokenizerFile(train_tokenizer(iter([]), 5000), "trained")
    assert file.vocabulary == SMALLEST_VOCABULARY
