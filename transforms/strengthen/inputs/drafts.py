"""What all proposals share: new inputs among drafts, and none twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from transforms.strengthen.inputs.terms import Address, Env

Input = tuple[Any, ...] | str
CHARACTERS = 20_000  # of an input's literal
ATTEMPTS = 6  # for each input that is asked for


class NoInputs(Exception):
    """No inputs are proposed, for a reason that is a word."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


@dataclass
class NewInputs:
    """The inputs that are known already, as texts: those of seeds and those proposed before."""

    known: set[str]

    def of(self, count: int, drafts: Iterator[Input | None]) -> list[Input]:
        """Up to so many inputs among drafts, of which some are None, that are new."""
        found = list[Input]()
        for _ in range(count * ATTEMPTS):
            if len(found) >= count:
                break
            draft = next(drafts)
            if draft is None:
                continue
            text = repr(draft)
            if len(text) <= CHARACTERS and text not in self.known:
                self.known.add(text)
                found.append(draft)
        return found


def copied(value: Any) -> Any:
    """A copy of a value of built-in types."""
    if type(value) is list:
        return [copied(item) for item in value]
    return {key: copied(item) for key, item in value.items()} if type(value) is dict else value


def no_resize(env: Env, address: Address, length: int) -> None:
    """Leave a length as it is."""
