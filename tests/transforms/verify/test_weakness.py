"""The figures by which tests are weak."""

import pytest

from tests.support.strengthened import figures
from transforms.lib.trials.candidate import Unfit
from transforms.verify.made_tests import Made
from transforms.verify.weakness import KillFigures


def test_figures_of_all_tests_or_of_those_of_the_source() -> None:
    row = figures(equivalent=2, killed_after=8)
    assert KillFigures.of(row) == KillFigures(8, 8, 3, 0)
    assert KillFigures.of(figures(mutants=None)) is None


def test_what_only_dropped_tests_failed_counts_as_passing() -> None:
    made = Made([("(1,)", "1")] * 3, figures(), list(map(frozenset, (["a", "b"], ["b", "c"], []))))
    assert made.lost([0, 1, 2]) == set() and made.lost([1, 2]) == {"a"}
    assert made.lost([]) == {"a", "b", "c"} and Made().lost([]) == set()
    lost = {"a", "b", "trivial zero", "wrong 0"}
    assert KillFigures.of(figures(), lost) == KillFigures(10, 8, 3, 1)
    lost |= {"trivial one", *map(str, range(9))}
    assert KillFigures.of(figures(), lost) == KillFigures(10, 4, 3, 1)  # as before any was made


def test_the_share_of_killed_mutants() -> None:
    assert KillFigures(10, 8, 3, 0).rate == 0.8
    assert KillFigures(0, 0, 0, 0).rate is None


@pytest.mark.parametrize("strong", [KillFigures(10, 8, 3, 0), KillFigures(0, 0, 0, 0)])
def test_strong_tests(strong: KillFigures) -> None:
    strong.check()


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        (KillFigures(10, 7, 3, 0), "7 of 10 mutants fail"),
        (KillFigures(10, 10, 3, 1), "1 of 3 trivial programs pass"),
    ],
)
def test_weak_tests(weak: KillFigures, why: str) -> None:
    with pytest.raises(Unfit, match=f"weak_tests: {why}"):
        weak.check()
