"""Weights of sources, copies, and the order of the feed, all by digests."""

import numpy as np
import pytest

from transforms.feed.mixture import copies, example_id, keys, read_mix, shard_of
from transforms.lib.errors import UsageError

HERE = ["corpus", "functions"]


@pytest.mark.parametrize(
    ("mix", "words"),
    [
        ("problems=2", "'problems' is none of corpus, functions here"),
        ("corpus", "not a weight from 0 to 100"),
        ("corpus=-1", "not a weight"),
        ("corpus=nan", "not a weight"),
        ("corpus=1e9", "not a weight"),
        ("corpus=0,functions=0", "leaves nothing to feed"),
    ],
)
def test_what_is_no_mixture_is_one_line(mix, words):
    with pytest.raises(UsageError, match=words) as error:
        read_mix(mix, HERE)
    assert "\n" not in str(error.value)


def test_sources_that_are_not_named_are_there_once():
    assert read_mix("", HERE) == {"corpus": 1, "functions": 1}
    assert read_mix(" functions=0.5 ,", HERE) == {"corpus": 1, "functions": 0.5}


@pytest.mark.parametrize("weight", [0.25, 1, 1.5, 3])
def test_the_share_of_copies_is_the_weight(weight):
    counts = [copies(example_id("corpus", str(n)), weight, 7) for n in range(4000)]
    assert abs(np.mean(counts) - weight) < 0.03
    assert set(counts) <= {int(weight), int(np.ceil(weight))}


def test_a_seed_gives_an_order_of_its_own():
    ids = [example_id("corpus", str(n)) for n in range(100)]
    orders = {seed: sorted(ids, key=lambda i, s=seed: next(keys(i, 1, s))) for seed in (0, 1)}
    assert orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1])


def test_shards_are_ranges_of_keys_in_their_order():
    drawn = np.sort(np.array([k for n in range(999) for k in keys(str(n), 1, 0)], np.uint64))
    for shards in (1, 3, 1000):
        numbers = shard_of(drawn, shards)
        assert (np.diff(numbers) >= 0).all() and numbers[0] >= 0 and numbers[-1] < shards
    assert np.bincount(shard_of(drawn, 3)).min() > 280
