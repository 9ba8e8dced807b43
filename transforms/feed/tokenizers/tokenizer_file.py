"""A tokenizer.json of Hugging Face's `tokenizers`, an optional library."""

import functools
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.feed.tokenizers.text_groups import text_groups
from transforms.feed.tokenizers.tokenizer import FimTokens
from transforms.lib.errors import UsageError
from transforms.lib.text.batch import text_batch

# Of the models whose tokenizers are public: GPT-2, OLMo, StarCoder and Qwen; Llama 3; Llama 2 and
# Mistral; Gemma; DeepSeek; Qwen and SmolLM after fine-tuning; byte-level BERTs.
END_NAMES = (
    "<|endoftext|>",
    "<|end_of_text|>",
    "</s>",
    "<eos>",
    "<｜end▁of▁sentence｜>",  # noqa: RUF001 - DeepSeek spells it with these characters
    "<|im_end|>",
    "<|eot_id|>",
    "[EOS]",
)
# Prefix, middle and suffix: Qwen, StarCoder, SantaCoder, Code Llama.
FIM_NAMES = (
    ("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"),
    ("<fim_prefix>", "<fim_middle>", "<fim_suffix>"),
    ("<fim-prefix>", "<fim-middle>", "<fim-suffix>"),
    ("▁<PRE>", "▁<MID>", "▁<SUF>"),
)
LARGEST_VOCABULARY = 2**31  # ids are int32 in Megatron's files
BLANK_SPELLINGS = " Ġ▁"  # of a blank in a vocabulary: as it is, byte-level, SentencePiece's
MOST_SAVED = 255


def library() -> Any:
    """The module of `tokenizers`; raises UsageError if it is not installed.

    Its threads are turned off: they would be lost in workers forked from this process.
    """
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    try:
        import tokenizers
    except ImportError as error:
        raise UsageError(
            "a tokenizer.json needs an extra: pip install 'quire[tokenizers]'"
        ) from error
    return tokenizers


class TokenizerFile:
    """A Tokenizer of a tokenizer.json; `path` names it in errors.

    Pickled as the file's content: unpickling opens it anew, once in each process. Raises UsageError
    as `open_tokenizer` does.
    """

    def __init__(self, content: bytes, path: str) -> None:
        self._content = content
        self._path = path
        self._tokenizer = _parsed(content, path)
        self.name = hashlib.sha256(content).hexdigest()
        self._ids: dict[str, int] = self._tokenizer.get_vocab(with_added_tokens=True)
        self.vocabulary = max(self._ids.values(), default=-1) + 1
        if self.vocabulary > LARGEST_VOCABULARY:
            raise UsageError(f"{path}: an id of {self.vocabulary - 1:,}; the most is 2**31 - 1")
        self.end = _end(self._ids, path)
        self.fim = _fim(self._ids)

    def __reduce__(self) -> tuple[Callable[[bytes, str], "TokenizerFile"], tuple[bytes, str]]:
        return tokenizer_file, (self._content, self._path)

    def encode(self, texts: pa.StringArray) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The tokens of all texts back to back, and where those of each text end; int64[texts]."""
        offsets = text_batch(texts).offsets
        tokens, lengths = [np.empty(0, np.uint32)], [np.empty(0, np.int64)]
        for first, after in text_groups(offsets):
            ids = self._encode(texts.slice(first, after - first).to_pylist())
            tokens += ids
            lengths.append(np.array([len(each) for each in ids], np.int64))
        return np.concatenate(tokens), np.cumsum(np.concatenate(lengths))

    def _encode(self, texts: Sequence[str]) -> list[NDArray[np.uint32]]:
        encoded = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return [np.array(each.ids, np.uint32) for each in encoded]

    def blanks_saved(self) -> NDArray[np.uint8]:
        """How many tokens each token saves by being a run of blanks alone; uint8[vocabulary]."""
        saved = np.zeros(self.vocabulary, np.uint8)
        for token, number in self._ids.items():
            if token and not token.strip(BLANK_SPELLINGS):
                saved[number] = min(len(token) - 1, MOST_SAVED)
        return saved

    def tokenizer_json(self) -> bytes:
        """The content of the file."""
        return self._content


@functools.lru_cache(4)
def tokenizer_file(content: bytes, path: str) -> TokenizerFile:
    """The tokenizer of a tokenizer.json of this content, one in each process."""
    return TokenizerFile(content, path)


def _parsed(content: bytes, path: str) -> Any:
    """The tokenizer as the library opens it, which is to give all tokens of text as text."""
    try:
        value = json.loads(content)
        if not isinstance(value, dict) or "model" not in value:
            raise ValueError("no JSON object with a `model`")
        tokenizer = library().Tokenizer.from_buffer(content)
    except (ValueError, RecursionError) as error:
        line = str(error).split("\n")[0][:200]
        raise UsageError(f"{path}: not a tokenizer.json ({line})") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    return tokenizer


def _end(ids: dict[str, int], path: str) -> int:
    for name in END_NAMES:
        if name in ids:
            return ids[name]
    raise UsageError(f"{path}: no token for the end of a text; looked for {', '.join(END_NAMES)}")


def _fim(ids: dict[str, int]) -> FimTokens | None:
    for names in FIM_NAMES:
        if all(name in ids for name in names):
            return FimTokens(*(ids[name] for name in names))
    return None
