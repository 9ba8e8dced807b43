"""The compiled words against a regular expression."""

from hypothesis import given, settings

from tests.support import plain_tokens as plain
from tests.support.kernel_tokens import lexed
from tests.support.python_texts import texts
from transforms.contamination.grams.words import lower_case_table, words


@settings(max_examples=500)
@given(
    texts(
        list("aAZéÉ_09n \n.,-éİßΣ文"),
        ["\\n", "\\r", "\\t", "\\", "\r", "e\u0301", "\x00", "²", "Ⅷ", "𝔸"],
    )
)
def test_words_are_those_of_the_definition(text: str) -> None:
    found, written = lexed(
        text, lambda *arguments: words(*arguments[:3], lower_case_table(), arguments[3])
    )
    expected = plain.words(text)
    assert [plain.words(word) for word in written] == [[word] for word in expected]
    values = set(zip(found.value.tolist(), expected, strict=True))
    assert len(values) == len(set(expected)) == len(set(found.value.tolist()))
