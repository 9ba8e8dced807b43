"""Whether a tokenizer.json gives back the bytes of texts that are encoded in parts.

A prompt and its completion, and the parts of a document whose middle is to be filled in, are
encoded apart. What changes letters, lacks some, or begins each text with a blank corrupts them.
"""

from collections.abc import Collection, Iterator
from typing import Any

from transforms.lib.errors import UsageError

# Every character of ASCII, and of the others so many that all bytes that UTF-8 has come up.
BEYOND_ASCII = [
    *range(0x80, 0xC0),
    *range(0xBF, 0x800, 0x40),
    *(0x905, *range(0x1100, 0x10000, 0x1000)),
    *(0x1F600, 0x4F600, 0x8F600, 0xCF600, 0x10F600),
]
ALL_BYTES = "".join(map(chr, [*range(128), *BEYOND_ASCII]))
# Composed characters alone: tokenizers that are of use, such as Qwen's, compose what is not.
PROBES = (
    *(before + blank * n for n in (1, 2, 7, 30) for blank in " \t\n" for before in ("", "x")),
    "class Point:\n    def __init__(self, X, y=0.5):\n\t\tself.X = X  # Übergröße, naïve, ŒUVRE\n",
    "if x:\r\n\tpass\r\n\r\n\r\n    return   [1,2 , 3]    \n\n",
    "# 中文 テキスト 한국어 עברית ＡＢ （ﬁ） ½ x² ▁▂▃ Ġ Ċ ## ## \ufffd\n",
    "'👩\u200d🔬 😀' \u00a0\u3000\u2028 don't I'LL ...\n",
    ALL_BYTES,
)


def check_round_trip(tokenizer: Any, marks: Collection[int], path: str) -> None:
    """Raises UsageError, which names `path`, unless `tokenizer` gives back what it is given.

    tokenizer: of the library `tokenizers`; marks: the tokens for the end of a text and for filling
    in the middle, which may come of no text.
    """
    texts = [*PROBES, *map(tokenizer.id_to_token, marks)]
    cut = [parts for text in texts for parts in _cuts(text)]
    try:
        pieces = [each for parts in cut for each in parts]
        encoded = tokenizer.encode_batch(pieces, add_special_tokens=False)
        ids = iter([each.ids for each in encoded])
        joined = [[number for _ in parts for number in next(ids)] for parts in cut]
        back = tokenizer.decode_batch(joined, skip_special_tokens=False)
    except Exception as error:
        raise _unfit(path, str(error).split("\n")[0][:200]) from error
    for parts, numbers, given_back in zip(cut, joined, back, strict=True):
        if not set(marks).isdisjoint(numbers):
            raise UsageError(f"{path}: the text {''.join(parts)!r} becomes a token that is no text")
        if given_back != "".join(parts):
            raise _unfit(path, f"{_short(parts)} comes back as {_short([given_back])}")


def _cuts(text: str) -> Iterator[list[str]]:
    """A text whole, in two parts and in three, cut at several places."""
    size = len(text)
    yield [text]
    for begin, end in ((size // 2, size // 2), (size // 3, 2 * size // 3), (1, size - 1)):
        yield [text[:begin], text[begin:end], text[end:]]


def _short(parts: list[str]) -> str:
    shown = " + ".join(repr(each) for each in parts if each) or "''"
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def _unfit(path: str, why: str) -> UsageError:
    return UsageError(
        f"{path}: does not give texts back ({why}); "
        "a byte-level tokenizer that adds no blank is needed"
    )
