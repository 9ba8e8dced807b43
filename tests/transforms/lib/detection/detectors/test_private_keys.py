"""Private keys in PEM: the range from the first base64 to the last, or nothing."""

import pyarrow as pa
import pytest

from transforms.lib.detection.detectors.private_keys import find_private_keys
from transforms.lib.text.batch import text_batch

FIRST = "MHcCAQEEIEJdqNuMlGDECgO9IvkidSQkgAHc8drhenZpZmdGbpoJdqNuMlGDECg9"
LAST = "oUQDQgAEdGbpoJdqNuMlGDECgO9I=="
LINE = "\n"
LABELS = ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED "]


def found(*texts: str) -> list[tuple[int, bytes]]:
    pairs = find_private_keys(text_batch(pa.array(texts)))
    return [(index, texts[index].encode()[f.begin : f.end]) for index, f in pairs]


def pem(label: str, body: str) -> str:
    return f"-----BEGIN {label}PRIVATE KEY-----{body}-----END {label}PRIVATE KEY-----"


@pytest.mark.parametrize("label", LABELS)
def test_the_body_is_found(label: str) -> None:
    body = f"{FIRST}\n{LAST}"
    assert found("é", f'KEY = """{pem(label, LINE + body + LINE)}"""') == [(1, body.encode())]


def test_the_body_in_one_literal_or_in_several_is_found() -> None:
    escaped = rf"{FIRST}\n{LAST}"
    assert found("KEY = '" + pem("", rf"\n{escaped}\n") + "'") == [(0, escaped.encode())]
    several = f'{FIRST}"\n    "{LAST}'
    lines = pem("", f'"\n    "{several}"\n    "')
    assert found(f'KEY = ("{lines}")') == [(0, several.encode())]


@pytest.mark.parametrize(
    "text",
    [
        pem("", "\n...\n"),
        pem("", "\nMIIEow...\n"),
        f"-----BEGIN PRIVATE KEY-----\n{FIRST}\n{LAST}\n",
        f"-----BEGIN PUBLIC KEY-----\n{FIRST}\n{LAST}\n-----END PUBLIC KEY-----",
        f"-----BEGIN CERTIFICATE-----\n{FIRST}\n{LAST}\n-----END CERTIFICATE-----",
        "if '-----BEGIN RSA PRIVATE KEY-----' in text: pass",
    ],
)
def test_placeholders_and_public_keys_are_not_found(text: str) -> None:
    assert found(text) == []


def test_a_key_does_not_go_on_in_the_next_text() -> None:
    assert (
        found(f"-----BEGIN PRIVATE KEY-----\n{FIRST}", f"{LAST}\n-----END PRIVATE KEY-----") == []
    )


def test_a_million_bytes_of_begins_take_no_time() -> None:
    assert found("-----BEGIN PRIVATE KEY-----\n" * 36_000) == []
