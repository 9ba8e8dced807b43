"""LiveCodeBench's private tests are read, and no pickle is ever run."""

import base64
import pickle
import zlib

import pytest

from transforms.lib.eval_sets import private_tests
from transforms.lib.eval_sets.private_tests import PrivateTestsError, private_json


def packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode()


@pytest.mark.parametrize("text", ["[]", '[{"input": "1\\n"}]', "[" + "é" * 300 + "]", "x" * 70_000])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_text(text: str, protocol: int) -> None:
    assert private_json(packed(pickle.dumps(text, protocol))) == text


class Program:
    def __reduce__(self) -> tuple:
        return exec, ("raise SystemExit('was run')",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps(Program()), "a pickle of more than a text"),
        (pickle.dumps(["[]"]), "a pickle of more than a text"),
        (pickle.dumps(b"[]"), "a pickle of more than a text"),
        (pickle.dumps("[]")[:-3], "no pickle"),
        (b"", "no pickle"),
        (b".", "no pickle of one text"),
    ],
)
def test_other_pickles_are_refused(content: bytes, words: str) -> None:
    with pytest.raises(PrivateTestsError, match=words):
        private_json(packed(content))


def test_what_is_not_packed_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("%%%", "AAAA", packed(b"x" * 100)[:-8]):
        with pytest.raises(PrivateTestsError, match="no deflated base64|cut off"):
            private_json(text)
    monkeypatch.setattr(private_tests, "MAX_BYTES", 10)
    with pytest.raises(PrivateTestsError, match="too large"):
        private_json(packed(pickle.dumps("x" * 100)))
