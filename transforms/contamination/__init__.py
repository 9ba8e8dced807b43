"""Evaluation tasks in training data: channels of evidence, verdicts, and the report."""


def warm_up() -> None:
    """Load what workers of this stage need, for all that are forked from this process."""
    from transforms.contamination import check  # Beam takes a second, and kernels need none

    check.warm_up()
