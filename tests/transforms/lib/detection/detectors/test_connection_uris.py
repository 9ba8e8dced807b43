"""Passwords in URIs: found with their exact range, or not."""

import pyarrow as pa
import pytest

from transforms.lib.detection.detectors.connection_uris import find_connection_uris
from transforms.lib.detection.finding import HIGH, LOW
from transforms.lib.text.batch import text_batch

FOUND = [
    ("mysql+pymysql://root:", "hunter2", "@127.0.0.1/app", HIGH),
    ("redis://:", "redis_pwd", "@cache:6379/0", HIGH),
    ("amqp://app:", "p%40ss-w0rd", "@broker.org:5672//", HIGH),
    ("https://bob:", "dGbpoJdqNuMlGDECgO9I", "@github.com/x/y.git", HIGH),
    ("https://bob:", "lovelace", "@github.com/x/y.git", LOW),
    (r"\nhttps://bob:", "lovelace", "@github.com/x/y.git", LOW),
]
NOT_FOUND = [
    "postgres://user:password@localhost/db",
    "postgres://user:pass@localhost/db",
    "postgres://{user}:{password}@{host}/db",
    "postgres://%s:%s@localhost/db",
    "postgres://user:<password>@localhost/db",
    "postgres://$USER:$PASSWORD@localhost/db",
    "postgres://bob:hunter2@db.example.com/db",
    "postgres://bob@localhost/db",
    "http://localhost:8000/a@b",
    "://bob:hunter2@localhost",
    "https://[::1]:8000/@x",
]


@pytest.mark.parametrize(("before", "password", "after", "confidence"), FOUND)
def test_only_the_password_is_found(
    before: str, password: str, after: str, confidence: str
) -> None:
    text = f"é = '{before}{password}{after}'"
    ((index, finding),) = find_connection_uris(text_batch(pa.array(["x", text])))
    assert index == 1
    assert text.encode()[finding.begin : finding.end].decode() == password
    assert (finding.rule, finding.kind) == ("connection-uri", "password")
    assert finding.confidence == confidence


@pytest.mark.parametrize("uri", NOT_FOUND)
def test_placeholders_and_other_uris_are_not_found(uri: str) -> None:
    assert list(find_connection_uris(text_batch(pa.array([f"url = '{uri}'"])))) == []


def test_a_uri_does_not_go_on_in_the_next_text() -> None:
    halves = ["x = 'postgres://bob:hunter2", "@localhost/db'"]
    assert list(find_connection_uris(text_batch(pa.array(halves)))) == []


def test_a_million_bytes_that_look_like_uris_take_no_time() -> None:
    for piece in ("a://", "a://b:", "a://:" + "c" * 300, "://a:b@"):
        text = piece * (1_000_000 // len(piece))
        assert list(find_connection_uris(text_batch(pa.array([text])))) == []
