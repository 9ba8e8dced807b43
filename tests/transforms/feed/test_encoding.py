"""Documents of examples against a plain loop over them, and where loss is."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hostile_texts import mixtures
from transforms.feed.encoding import encode_examples
from transforms.feed.tokenizers.published import P50K_BASE
from transforms.feed.tokenizers.ranked_tokenizer import ranked_tokenizer

P50K = ranked_tokenizer(P50K_BASE)


@given(st.lists(st.tuples(mixtures, mixtures), max_size=8))
def test_documents_are_prompt_completion_and_end(examples: list[tuple[str, str]]) -> None:
    columns = [pa.array([each[i] for each in examples], pa.string()) for i in (0, 1)]
    documents = encode_examples(P50K, *columns)
    assert len(documents) == len(examples)
    assert (documents.ends[-1] if examples else 0) == len(documents.tokens) == len(documents.loss)
    for example, begin, end in zip(examples, documents.starts, documents.ends, strict=True):
        prompt, completion = (P50K.tiktoken.encode_ordinary(text) for text in example)
        assert documents.tokens[begin:end].tolist() == [*prompt, *completion, P50K.end]
        learned = [False] * len(prompt) + [True] * (len(completion) + 1)
        assert documents.loss[begin:end].tolist() == learned


def test_a_prompt_is_encoded_as_a_model_sees_it() -> None:
    """Whole, `x ==` would be other tokens."""
    documents = encode_examples(P50K, pa.array(["x ="]), pa.array(["= 1"]))
    assert documents.tokens.tolist()[:2] == P50K.tiktoken.encode_ordinary("x =")
    assert documents.loss.tolist() == [False, False, True, True, True]
