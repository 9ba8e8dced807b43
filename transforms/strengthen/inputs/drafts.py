"""What all proposals share: new inputs among drafts, and none twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from transforms.lib.python.literals import literal_text
from transforms.strengthen.inputs.terms import Address, Env, Inapplicable

Input = tuple[Any, ...] | str
CHARACTERS = 20_000  # of an input's literal
ATTEMPTS = 6  # for each input that is asked for
PATIENCE = 200  # drafts in a row that are no new input, after which no more are made
PATIENCE_LARGE = 12  # of large ones


# What a rule raises on values of other types or sizes than it was read for, since statements and
# seeds are a stranger's. Such a draft is none, and no stage ends for it.
DRAFT_FAULTS = (
    Inapplicable,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


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

    def of(
        self, count: int, drafts: Iterator[Input | None], patience: int = PATIENCE
    ) -> list[Input]:
        """Up to so many inputs among drafts, of which some are None, that are new.

        Drafts end where one cannot be made.
        """
        found, in_vain = list[Input](), 0
        for _ in range(count * ATTEMPTS):
            if len(found) >= count or in_vain >= patience:
                break
            try:
                draft = next(drafts)
            except (StopIteration, *DRAFT_FAULTS):
                break
            if draft is not None and self._is_new(draft):
                found.append(draft)
                in_vain = 0
            else:
                in_vain += 1
        return found

    def _is_new(self, draft: Input) -> bool:
        """Whether a draft is short enough and not known; it is from now on."""
        text = text_of(draft)
        if len(text) > CHARACTERS or text in self.known:
            return False
        self.known.add(text)
        return True


def text_of(value: Input) -> str:
    """The literal of an input; members of sets come in an order that no hash decides."""
    text = repr(value)
    return literal_text(value) if "{" in text else text


def copied(value: Any) -> Any:
    """A copy of a value of built-in types."""
    if type(value) is list:
        return [copied(item) for item in value]
    return {key: copied(item) for key, item in value.items()} if type(value) is dict else value


def no_resize(env: Env, address: Address, length: int) -> None:
    """Leave a length as it is."""
