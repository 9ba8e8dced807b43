"""Small tokenizers of the kinds that models have, trained on a file of the standard library."""

import functools
import json
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from tests.support.python_texts import LIBRARY

END = "<|endoftext|>"
FIM = ["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"]
SPLIT = (  # Llama 3's; Qwen's has \p{N} alone
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_level(before: list = (), **options: Any) -> dict[str, Any]:
    """What a byte-level tokenizer consists of, with pre-tokenizers before its own."""
    own = pre_tokenizers.ByteLevel(**{"add_prefix_space": False} | options)
    return {
        "pre_tokenizer": pre_tokenizers.Sequence([*before, own]),
        "decoder": decoders.ByteLevel(),
    }


def by_words() -> dict[str, Any]:
    return byte_level([pre_tokenizers.Split(Regex(SPLIT), "isolated")], use_regex=False)


def by_digits() -> dict[str, Any]:
    return byte_level([pre_tokenizers.Digits(individual_digits=True)])


def metaspace(scheme: str) -> dict[str, Any]:
    return {
        "pre_tokenizer": pre_tokenizers.Metaspace(prepend_scheme=scheme),
        "decoder": decoders.Metaspace(prepend_scheme=scheme),
    }


def bert() -> dict[str, Any]:
    return {
        "normalizer": normalizers.BertNormalizer(),
        "pre_tokenizer": pre_tokenizers.BertPreTokenizer(),
        "decoder": decoders.WordPiece(),
    }


def nfc(parts: dict[str, Any]) -> dict[str, Any]:
    return parts | {"normalizer": normalizers.NFC()}


def changed(model: Any, parts: dict[str, Any], alphabet: bool = True) -> dict[str, Any]:
    """The tokenizer.json of a model that is trained; without `alphabet` it lacks rare bytes."""
    tokenizer = Tokenizer(model)
    for name, part in parts.items():
        setattr(tokenizer, name, part)
    kind = {"BPE": trainers.BpeTrainer, "Unigram": trainers.UnigramTrainer}
    trainer = kind.get(type(model).__name__, trainers.WordPieceTrainer)
    letters = pre_tokenizers.ByteLevel.alphabet() if alphabet else []
    unknown = {"unk_token": "[UNK]"} if trainer is trainers.UnigramTrainer else {}
    tokenizer.train_from_iterator(
        [(LIBRARY / "heapq.py").read_text()],
        trainer(
            vocab_size=600,
            special_tokens=["[UNK]", END, *FIM],
            show_progress=False,
            initial_alphabet=sorted(letters),
            **unknown,
        ),
    )
    return json.loads(tokenizer.to_str())


def with_added(value: dict[str, Any], names: list[str], **flags: bool) -> dict[str, Any]:
    """A tokenizer.json with more tokens added, after all others."""
    first = len(value["model"]["vocab"])
    usual = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    more = [{"id": first + i, "content": name} | usual | flags for i, name in enumerate(names)]
    return value | {"added_tokens": value["added_tokens"] + more}


def not_said_to_be_special(value: dict[str, Any]) -> dict[str, Any]:
    """A tokenizer.json as Qwen2.5-Coder's, which says so of the end alone."""
    tokens = [each | {"special": each["content"] == END} for each in value["added_tokens"]]
    return value | {"added_tokens": tokens}


BLANKS = [" " * n for n in range(24, 1, -1)]
FITTING = {
    "GPT-2": lambda: changed(models.BPE(), byte_level()),
    "Llama 3": lambda: changed(models.BPE(ignore_merges=True), by_words()),
    "Qwen": lambda: not_said_to_be_special(changed(models.BPE(), nfc(by_words()))),
    "StarCoder": lambda: changed(models.BPE(), by_digits()),
    "GPT-NeoX": lambda: with_added(
        changed(models.BPE(), nfc(byte_level())), BLANKS, normalized=True
    ),
}
UNFIT = {
    "BERT": lambda: changed(models.WordPiece(unk_token="[UNK]"), bert()),
    "T5": lambda: changed(models.Unigram(), metaspace("always")),
    "Llama 2": lambda: changed(models.BPE(byte_fallback=True), metaspace("first")),
    "Gemma": lambda: changed(models.BPE(byte_fallback=True), metaspace("never")),
    "a blank in front": lambda: changed(models.BPE(), byte_level(add_prefix_space=True)),
    "small letters": lambda: changed(
        models.BPE(), byte_level() | {"normalizer": normalizers.Lowercase()}
    ),
    "NFKC": lambda: changed(models.BPE(), byte_level() | {"normalizer": normalizers.NFKC()}),
    "some bytes": lambda: changed(models.BPE(), byte_level(), alphabet=False),
    "no white space": lambda: changed(models.BPE(), byte_level([pre_tokenizers.WhitespaceSplit()])),
    "no decoder": lambda: changed(models.BPE(), byte_level()) | {"decoder": None},
    "blanks that eat blanks": lambda: with_added(
        changed(models.BPE(), byte_level()), BLANKS, lstrip=True
    ),
    "words": lambda: (
        {"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "?"}}
        | {"version": "1.0", "added_tokens": changed(models.BPE(), {})["added_tokens"]}
    ),
}


@functools.cache
def small_tokenizer(kind: str) -> bytes:
    """The tokenizer.json of a kind of FITTING or UNFIT."""
    return json.dumps((FITTING | UNFIT)[kind]()).encode()
