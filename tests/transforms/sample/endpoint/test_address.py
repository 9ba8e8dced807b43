"""Addresses and keys of endpoints: which can be used, and what of them is in no message."""

import pytest
import requests

from transforms.lib.errors import UsageError
from transforms.sample.endpoint.address import Endpoint
from transforms.sample.endpoint.connection import _cause


@pytest.mark.parametrize(
    "base", ["", "ftp://x", "http://", "http:///v1", "http://[::1/v1", "http://h:port/v1"]
)
def test_what_is_no_address(base: str) -> None:
    with pytest.raises(UsageError, match="OPENAI_BASE_URL: set it"):
        Endpoint(base)


@pytest.mark.parametrize("key", ["a\nkey", "kéy", "key…"])
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as failure:
        Endpoint("http://h/v1", key)
    assert key not in str(failure.value)


def test_an_address_of_numbers() -> None:
    endpoint = Endpoint("http://me:word@[::1]:8000/v1/")
    assert endpoint.url("completions") == "http://me:word@[::1]:8000/v1/completions"
    assert endpoint.public == "http://[::1]:8000/v1"


def test_secrets_are_hidden_and_placeholders_are_not() -> None:
    endpoint = Endpoint("http://me:p%40ss@h/v1?k=secret", "x")
    text = "p%40ss p@ss k=secret exact"
    assert endpoint.shown(text) == "… … … exact"


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed", "certificate "),
        (
            "RemoteDisconnected('Remote end closed connection without response')",
            "Remote end closed",
        ),
    ],
)
def test_what_broke_a_connection(words: str, cause: str) -> None:
    assert f"ConnectionError ({cause}" in _cause(requests.ConnectionError(words))
