"""Retries: what is tried again, how long the pauses are, and what Retry-After may be."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.lib.network.retry import RequestFailed, Retry, retry_after


def date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (None, None, None),
        ("", None, None),
        ("0", 0, 0),
        (" 7 ", 7, 7),
        ("9" * 400, 1e300, float("inf")),
        ("-5", None, None),
        ("1.5", None, None),
        ("²", None, None),
        ("soon", None, None),
        ("Wed, 21 Oct 99999 07:28:00 GMT", None, None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("Sun Nov  6 08:49:37 1994", 0, 0),
        pytest.param(date(9000), 3000, 9000, id="later"),
        pytest.param(date(9000).replace("GMT", "-0000"), 3000, 9000, id="later, no zone"),
    ],
)
def test_retry_after(value: str | None, low: float | None, high: float | None) -> None:
    seconds = retry_after(value)
    assert seconds == low if low is None else low <= seconds <= high


@settings(max_examples=50)
@given(st.text())
def test_retry_after_takes_any_text(value: str) -> None:
    assert (retry_after(value) or 0) >= 0


def failing(*failures: Exception) -> Callable[[], str]:
    """A request that fails in these ways, one after the other, and then succeeds."""
    left = list(failures)

    def request() -> str:
        if left:
            raise left.pop(0)
        return f"after {len(failures)}"

    return request


def pauses(tries: int, *failures: Exception) -> list[float]:
    """The pauses of a request that succeeds at last."""
    slept: list[float] = []
    retry = Retry(tries, backoff=1.0, longest=20.0, sleep=slept.append)
    assert retry.call(failing(*failures)) == f"after {len(failures)}"
    return slept


def test_pauses_double_with_jitter_up_to_the_longest() -> None:
    for _ in range(20):
        slept = pauses(2000, *[RequestFailed("busy")] * 1999)
        for number, seconds in enumerate(slept[:4]):
            assert 0.5 * 2**number <= seconds <= 1.5 * 2**number
        assert all(10 <= seconds <= 20 for seconds in slept[5:])
    assert len({pauses(2, RequestFailed("busy"))[0] for _ in range(20)}) > 10


@pytest.mark.parametrize(("wait", "low", "high"), [(0.0, 0.5, 1.5), (7.0, 7, 7), (3600.0, 20, 20)])
def test_a_pause_is_as_long_as_the_server_wants_within_bounds(
    wait: float, low: float, high: float
) -> None:
    (seconds,) = pauses(2, RequestFailed("busy", wait=wait))
    assert low <= seconds <= high


def test_the_last_failure_is_raised() -> None:
    retry = Retry(3, backoff=1.0, longest=20.0, sleep=lambda seconds: None)
    failures = [RequestFailed(str(number)) for number in range(3)]
    with pytest.raises(RequestFailed, match="^2$"):
        retry.call(failing(*failures))


@pytest.mark.parametrize("error", [RequestFailed("gone", again=False), ValueError("a mistake")])
def test_other_failures_are_not_tried_again(error: Exception) -> None:
    retry = Retry(3, backoff=1.0, longest=20.0, sleep=lambda seconds: pytest.fail("a pause"))
    with pytest.raises(type(error), match=str(error)):
        retry.call(failing(error))
