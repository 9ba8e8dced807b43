"""The runs of a reference: environments that differ, orders that are the same each time."""

from transforms.lib.trials.environments import REFERENCE_RUNS, RUNS_IN_ORDER, order_of_tests


def test_the_environments_differ_as_they_should() -> None:
    assert len(REFERENCE_RUNS) == 5
    assert len({run.hash_seed for run in REFERENCE_RUNS}) == 3
    assert (
        len({run.time_zone for run in REFERENCE_RUNS})
        == len({run.directory for run in REFERENCE_RUNS})
        == 2
    )


def test_orders_are_shuffled_and_the_same_each_time() -> None:
    orders = [order_of_tests(20, "id", run) for run in range(len(REFERENCE_RUNS))]
    assert all(sorted(each) == list(range(20)) for each in orders)
    assert [each == list(range(20)) for each in orders] == [
        run < RUNS_IN_ORDER for run in range(len(REFERENCE_RUNS))
    ]
    assert orders == [order_of_tests(20, "id", run) for run in range(len(REFERENCE_RUNS))]
    assert order_of_tests(20, "other", 3) != orders[3]
