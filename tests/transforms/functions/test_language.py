"""What language a docstring is in."""

import pytest

from transforms.functions.language import language


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Return the number of items.", "en"),
        ("int", "en"),
        ("", None),
        ("1 + 2\n\n\t***", None),
        ("返回列表中所有元素的总和，并检查输入是否有效。", "zh"),
        ("リストの要素の合計を返します。", "ja"),
        ("Возвращает сумму всех элементов списка.", "ru"),
        ("Gibt die Summe aller Elemente der Liste zurück und prüft, ob sie gültig sind.", "de"),
    ],
)
def test_language(docstring: str, expected: str | None) -> None:
    assert language(docstring) == expected
