"""The order of windows: a permutation for each seed."""

from hypothesis import given
from hypothesis import strategies as st

from transforms.feed.window_order import shuffled


@given(st.integers(1, 300), st.text())
def test_each_number_has_one_place(count: int, seed: str) -> None:
    seed = seed.encode(errors="replace").decode()
    assert sorted(shuffled(place, count, seed) for place in range(count)) == [*range(count)]


def test_the_order_looks_random_and_differs_by_seed() -> None:
    one, two = ([shuffled(p, 1000, seed) for p in range(1000)] for seed in ("0 0", "0 1"))
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 10
    assert sum(abs(number - place) for place, number in enumerate(one)) > 250_000  # third of n²
