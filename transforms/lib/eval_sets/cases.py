"""The tests of a task that are no `check(candidate)`: what they are, and how they are judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cases:
    """The tests of a task.

    `judged_by` is the name of a judge of the stage evaluate; `text` is what it needs, as
    JSON.
    """

    judged_by: str
    text: str
