"""What tests and builds said, for people to read: with masks in place of secrets."""

from collections.abc import Sequence
from typing import Any

from transforms.lib.detection.shown_texts import shown_texts

Row = dict[str, Any]


def shown_environments(rows: Sequence[Row]) -> list[Row]:
    """Rows of `environments` with masks in their logs and in the names of tests that failed."""
    return [
        row
        | dict(
            zip(("log", "cause_line"), shown_texts([row["log"], row["cause_line"]]), strict=True)
        )
        | {"tests_failed": shown_texts(row["tests_failed"])}
        for row in rows
    ]


def shown_rejects(rows: Sequence[Row]) -> list[Row]:
    """Rows of rejects with masks in their values, which may repeat what was raised."""
    values = shown_texts([row["value"] for row in rows])
    return [row | {"value": value} for row, value in zip(rows, values, strict=True)]
