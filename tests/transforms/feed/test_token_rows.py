"""Rows of `tokens` against sums over each document by hand, and r50k's own count."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from schemas.tokens import TOKENS
from tests.support.hostile_texts import mixtures
from transforms.feed.encoding import encode_examples
from transforms.feed.token_rows import FileOfTokens, token_rows
from transforms.feed.tokenizers.published import P50K_BASE, R50K_BASE
from transforms.feed.tokenizers.ranked_tokenizer import ranked_tokenizer

P50K, R50K = ranked_tokenizer(P50K_BASE), ranked_tokenizer(R50K_BASE)
SOURCES = st.sampled_from(["corpus", "functions", "problems"])


@given(st.lists(st.tuples(SOURCES, mixtures, mixtures), max_size=8))
def test_each_source_has_its_own(examples: list[tuple[str, str, str]]) -> None:
    sources, prompts, completions = (
        pa.array([each[i] for each in examples], pa.string()) for i in range(3)
    )
    text_bytes = np.array([len((p + c).encode()) for _, p, c in examples], np.int64)
    documents = encode_examples(P50K, prompts, completions)
    file = FileOfTokens("part-00000", "train", 2048)
    table = token_rows(file, P50K, documents, sources, text_bytes)
    assert table.schema == TOKENS.schema
    rows = table.to_pylist()
    assert [row["source"] for row in rows] == sorted({each[0] for each in examples})
    for row in rows:
        mine = [(p, c) for source, p, c in examples if source == row["source"]]
        assert row["documents"] == row["pieces"] == len(mine)
        assert row["text_bytes"] == sum(len((p + c).encode()) for p, c in mine)
        count = P50K.tiktoken.encode_ordinary
        assert row["loss_tokens"] == sum(len(count(c)) + 1 for _, c in mine)
        assert row["tokens"] == row["loss_tokens"] + sum(len(count(p)) for p, _ in mine)
        other = R50K.tiktoken.encode_ordinary
        r50k = sum(len(other(p)) + len(other(c)) + 1 for p, c in mine)
        assert row["tokens"] + row["saved_tokens"] == r50k
        assert (row["shard"], row["split"], row["window"]) == ("part-00000", "train", 2048)
        assert (row["tokenizer"], row["dtype"]) == ("p50k_base", "uint16")
