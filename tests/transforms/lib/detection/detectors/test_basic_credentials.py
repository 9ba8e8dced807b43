"""Credentials of HTTP's Basic scheme."""

import base64

import pyarrow as pa
import pytest

from transforms.lib.detection.detectors.basic_credentials import find_basic_credentials
from transforms.lib.text.batch import text_batch

PAIR = base64.b64encode(b"Aladdin:open sesame").decode()


def found(*texts: str) -> list[tuple[int, bytes]]:
    pairs = find_basic_credentials(text_batch(pa.array(texts)))
    return [(index, texts[index].encode()[f.begin : f.end]) for index, f in pairs]


def test_the_base64_of_user_and_password_is_found() -> None:
    assert found("é = 1", f'headers = {{"é": b"Basic {PAIR}"}}') == [(1, PAIR.encode())]


@pytest.mark.parametrize(
    "value",
    ["authentication", "dGVzdHRlc3Q=", "{token}", "AAAAAAAAAAAA", PAIR + "%s", PAIR[:-3] + "é"],
)
def test_other_values_are_not_found(value: str) -> None:
    assert found(f"x = 'Basic {value}'") == []


def test_a_value_does_not_go_on_in_the_next_text() -> None:
    assert found("x = 'Basic ", PAIR) == []
