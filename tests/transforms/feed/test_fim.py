"""Fill-in-the-middle: parts and tokens give the text back byte for byte; the shares are right."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.feed.fim import encode_fim, fim_parts, without_fim
from transforms.feed.tokenizers.tokenizer import FimTokens
from transforms.lib.errors import UsageError

FIM = FimTokens(prefix=257, middle=258, suffix=259)


class ByteTokens:
    """A tokenizer whose tokens are the bytes of UTF-8."""

    name, vocabulary, end = "bytes", 260, 256

    def __init__(self, fim: FimTokens | None = FIM) -> None:
        self.fim = fim
        self.calls = 0

    def encode(self, texts: pa.StringArray):
        self.calls += 1
        raw = [text.encode() for text in texts.to_pylist()]
        tokens = np.frombuffer(b"".join(raw), np.uint8).astype(np.uint32)
        return tokens, np.cumsum([len(each) for each in raw], dtype=np.int64)


TEXTS = st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.text("ab", min_size=1)))


@given(TEXTS, st.floats(0, 1))
def test_texts_come_back_byte_for_byte(rows: list[tuple[str, str]], rate: float) -> None:
    texts, ids = [text for text, _ in rows], [number for _, number in rows]
    tokenizer = ByteTokens()
    columns = pa.array(ids, pa.string()), pa.array(texts, pa.string())
    tokens, ends = encode_fim(tokenizer, *columns, [rate] * len(columns[0]))
    assert tokenizer.calls == 1 and len(ends) == len(texts)
    each = np.split(tokens, ends[:-1]) if len(ends) else []
    back = [without_fim(part, FIM).astype(np.uint8).tobytes().decode() for part in each]
    assert back == texts
    assert sum(np.isin(tokens, FIM)) == 3 * sum(fim_parts(i, t, rate) is not None for t, i in rows)


@given(st.text(), st.text(), st.floats(0, 1))
def test_parts_are_the_text(example_id: str, text: str, rate: float) -> None:
    example_id = example_id.encode(errors="replace").decode()
    parts = fim_parts(example_id, text, rate)
    assert parts is None or "".join(parts[:3]) == text
    assert parts == fim_parts(example_id, text, rate)


def test_half_is_taken_apart_and_half_of_it_has_its_suffix_first() -> None:
    parts = [fim_parts(str(number), "x" * 99, 0.5) for number in range(4000)]
    apart = [part for part in parts if part]
    assert 1900 < len(apart) < 2100
    assert 900 < sum(part.suffix_first for part in apart) < 1100
    assert 31 < np.mean([len(part.middle) for part in apart]) < 35  # a third


def test_the_two_orders() -> None:
    ids = [str(number) for number in range(20)]
    tokens, ends = encode_fim(ByteTokens(), pa.array(ids), pa.array(["abcdef"] * 20), [1.0] * 20)
    for number, part in zip(ids, np.split(tokens, ends[:-1]), strict=True):
        prefix, middle, suffix, suffix_first = fim_parts(number, "abcdef", 1.0)
        p, m, s = ([*each.encode()] for each in (prefix, middle, suffix))
        psm = [257, *p, 259, *s, 258, *m]
        spm = [257, 259, *s, 258, *p, *m]
        assert part.tolist() == (spm if suffix_first else psm)


def test_a_tokenizer_without_such_tokens_is_refused() -> None:
    with pytest.raises(UsageError, match="bytes: no tokens for fill-in-the-middle"):
        encode_fim(ByteTokens(None), pa.array(["a"]), pa.array(["b"]), [0.5])
