"""What builds and tests said, for people to read: with masks in place of secrets."""

from collections.abc import Sequence
from typing import Any

from transforms.lib.detection.shown_texts import shown_rows, shown_texts


def shown_environments(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `environments` with masks in their logs and in the names of tests that failed.

    The name of a test may repeat the arguments that it is given.
    """
    shown = shown_rows(rows, ("log", "cause_line"))
    return [row | {"tests_failed": shown_texts(row["tests_failed"])} for row in shown]
