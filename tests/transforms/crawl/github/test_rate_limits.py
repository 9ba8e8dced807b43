"""What workers that do not talk may ask together, and what of the server's words is obeyed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.crawl.github.rate_limits import MOST_WORKERS, PRIMARY, TokenLimits, Window

NOW = 1_700_000_000.0
SECONDARY = "You have exceeded a secondary rate limit."
GMT = "Tue, 14 Nov 2023 22:13:20 GMT"  # NOW
AHEAD = "Tue, 14 Nov 2023 22:23:20 GMT"  # ten minutes later


@given(
    st.integers(1, 8),
    st.floats(0.5, 5),
    st.lists(st.floats(0, 1), min_size=1, max_size=60),
)
def test_a_window_is_never_above_its_limit(most: int, seconds: float, pauses: list) -> None:
    window, now, sent = Window(most, seconds), NOW, list[float]()
    for pause in pauses:
        now += pause
        now += window.wait(now)
        window.take(now)
        sent.append(now)
        within = [time for time in sent if time > now - seconds + 1e-6]
        assert len(within) <= most


@given(
    st.integers(1, MOST_WORKERS),
    st.sampled_from(sorted(PRIMARY)),
    st.sampled_from(["token", None]),
)
def test_the_shares_of_all_workers_are_within_the_limit(
    slots: int, resource: str, token: str | None
) -> None:
    """Each worker asks as often as it may for two windows' time, all from the same moment on."""
    with_token, without, seconds = PRIMARY[resource]
    limits, now, sent = TokenLimits(token, slots), NOW, list[float]()
    while (wait := limits.wait(resource, now)) <= 2 * seconds and now < NOW + 2 * seconds:
        now += wait
        limits.take(resource, now)
        sent.append(now)
    first = [time for time in sent if time < NOW + seconds]
    assert len(first) * slots <= (with_token if token else without)
    assert len([time for time in sent if time < NOW + 60]) * slots <= 900


def told(
    limits: TokenLimits, status: int, message: str = "", now: float = NOW, **headers: str
) -> bool:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return limits.told("core", status, named, message, now)


SPENT = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(int(NOW) + 300), "Date": GMT}
ORDER = {
    "retry-after before all": (429, SECONDARY, {**SPENT, "Retry_After": "7"}, 7),
    "a date of retry-after that has passed": (403, "", {"Retry_After": GMT}, 0),
    "the reset where nothing remains": (403, "API rate limit exceeded", SPENT, 301),
    "the reset by the server's clock": (403, "", {**SPENT, "Date": AHEAD}, 1),
    "the reset without the server's clock": (429, "", {**SPENT, "Date": ""}, 301),
    "a reset that nobody lives to see": (403, "", {**SPENT, "X_RateLimit_Reset": "9" * 12}, 86_401),
    "no reset": (403, "", {"X_RateLimit_Remaining": "0"}, 60),
    "a minute after a secondary limit": (403, SECONDARY, {"X_RateLimit_Remaining": "9"}, 60),
    "a minute after a bare 429": (429, "", {}, 60),
    "an older wording": (403, "You have triggered an abuse detection mechanism", {}, 60),
    "a wait without end": (429, "", {"Retry_After": "9" * 400}, 86_400),
}


@pytest.mark.parametrize("case", ORDER)
def test_the_order_of_obedience(case: str) -> None:
    status, message, headers, wait = ORDER[case]
    limits = TokenLimits("token")
    assert told(limits, status, message, **headers)
    assert limits.wait("core", NOW) == wait


def test_a_secondary_limit_doubles_the_wait_until_a_success() -> None:
    limits, now, waits = TokenLimits("token"), NOW, []
    for status in (403, 403, 429, 200, 403):
        told(limits, status, SECONDARY if status != 200 else "", now)
        waits.append(limits.wait("search", now))
        now += waits[-1]
    assert waits == [60, 120, 240, 0, 60]


def test_another_403_is_no_limit() -> None:
    limits = TokenLimits("token")
    assert not told(limits, 403, "Repository access blocked", X_RateLimit_Remaining="12")
    assert limits.wait("core", NOW) == 0


def test_what_remains_is_shared_by_the_workers() -> None:
    """With three workers and three requests left, one may be sent by each; then none."""
    limits, reset = TokenLimits("token", 3), {"X_RateLimit_Reset": str(int(NOW) + 50), "Date": GMT}
    told(limits, 200, X_RateLimit_Remaining="3", **reset)
    assert limits.wait("core", NOW) == 0
    told(limits, 200, X_RateLimit_Remaining="2", **reset)
    assert limits.wait("core", NOW) == 51
    assert limits.wait("search", NOW) == 0


def test_a_smaller_limit_of_the_server_counts() -> None:
    """A token of a workflow has 1,000 requests an hour."""
    limits = TokenLimits("token", 10)
    told(limits, 200, X_RateLimit_Limit="1000")
    for _ in range(100):
        assert limits.wait("core", NOW) == 0 or limits.wait("core", NOW) < 61
        limits.take("core", NOW - 70)  # no points of this minute
    assert limits.wait("core", NOW) == pytest.approx(3601 - 70)


def test_not_modified_costs_nothing_with_a_token_alone() -> None:
    for token, wait in (("token", 0), (None, 3601)):
        limits = TokenLimits(token, 60)
        for _ in range(20):
            limits.take("core", NOW)
            told(limits, 304)
            assert limits.wait("core", NOW + 61) <= wait
    assert TokenLimits(None, 61).wait("core", NOW) == math.inf
