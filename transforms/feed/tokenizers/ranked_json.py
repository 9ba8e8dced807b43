"""The tokenizer.json of Hugging Face's `tokenizers` for a byte-pair encoding of ranks."""

import json
from collections.abc import Mapping
from typing import Any

from transforms.feed.tokenizers.merging import halves
from transforms.feed.tokenizers.token_table import TokenTable

# GPT-2 writes each byte as a printable character: those of Latin-1 that are, as themselves, the
# others by the characters from U+0100 on.
PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
UNPRINTABLE = [byte for byte in range(256) if byte not in PRINTABLE]
BYTE_CHARACTERS = [
    chr(0x100 + UNPRINTABLE.index(byte) if byte in UNPRINTABLE else byte) for byte in range(256)
]
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}


def spelled(token: bytes) -> str:
    """A token as a tokenizer.json writes it.

    >>> spelled(b" if\\n")
    'ĠifĊ'
    """
    return "".join(BYTE_CHARACTERS[byte] for byte in token)


def ranked_json(table: TokenTable, special: Mapping[str, int]) -> bytes:
    """The tokenizer.json of the tokens of a table and of special tokens.

    It lists merges of two tokens, which are found from the ranks: the two that a token falls into
    if only tokens of lower ranks are made.
    """
    text, bounds = table.text.tobytes(), table.bounds.tolist()
    middles = halves(table).tolist()
    vocabulary, merges = {}, []
    for rank, middle in enumerate(middles):
        token = text[bounds[rank] : bounds[rank + 1]]
        if token:
            vocabulary[spelled(token)] = rank
        if middle:
            merges.append(f"{spelled(token[:middle])} {spelled(token[middle:])}")
    return _json({**vocabulary, **special}, merges, special)


def _json(vocabulary: Mapping[str, int], merges: list[str], special: Mapping[str, int]) -> bytes:
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(name, special[name]) for name in special],
        "normalizer": None,
        "pre_tokenizer": BYTE_LEVEL | {"use_regex": True},
        "post_processor": None,
        "decoder": BYTE_LEVEL | {"use_regex": True},
        "model": {"type": "BPE", "vocab": vocabulary, "merges": merges},
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _added(name: str, number: int) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": name, **flags, "special": True}
