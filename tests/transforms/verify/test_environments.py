"""The runs of a reference: environments that differ, orders that are the same each time."""

from transforms.verify.environments import IN_ORDER, RUNS, order


def test_the_environments_differ_as_they_should() -> None:
    assert len(RUNS) == 5
    assert len({run.hash_seed for run in RUNS}) == 3
    assert len({run.time_zone for run in RUNS}) == len({run.directory for run in RUNS}) == 2


def test_orders_are_shuffled_and_the_same_each_time() -> None:
    orders = [order(20, "id", run) for run in range(len(RUNS))]
    assert all(sorted(each) == list(range(20)) for each in orders)
    assert [each == list(range(20)) for each in orders] == [
        run < IN_ORDER for run in range(len(RUNS))
    ]
    assert orders == [order(20, "id", run) for run in range(len(RUNS))]
    assert order(20, "other", 3) != orders[3]
