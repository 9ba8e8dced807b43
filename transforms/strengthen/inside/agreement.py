"""What a program made of an input, and whether it is what the reference made of it."""

import copy
import marshal
from typing import Any

from transforms.lib.sandbox.codec import NotData, decode, encode
from transforms.lib.sandbox.inside.program import Caught
from transforms.lib.trials.compare_values import AnswerRule, equal, tokens_agree

RETURNED, RAISED, OPAQUE, TOO_SLOW = "returned", "raised", "opaque", "too_slow"
# Without references to values that were seen before, equal bytes are equal values.
PLAIN_VERSION = 2
MESSAGE_CHARACTERS = 1000  # kept of the message of an exception

# What a call did: one of the words above, with the value, or the type and message of the error.
Answer = tuple[Any, ...]


def packed(value: Any) -> bytes | None:
    """The bytes of a value of exact built-in types; None for one that has others in it."""
    try:
        return marshal.dumps(value, PLAIN_VERSION)
    except (ValueError, MemoryError):
        return None


class Fresh:
    """The arguments of a call, new ones for each call."""

    def __init__(self, arguments: Any) -> None:
        self._arguments, self._packed = arguments, packed(arguments)

    def __call__(self) -> Any:
        if self._packed is not None:
            return marshal.loads(self._packed)
        return copy.deepcopy(self._arguments)


def plain(value: Any) -> Answer:
    """What was returned, of exact built-in types, as it would leave the sandbox."""
    with Caught() as caught:
        return RETURNED, decode(encode(value))
    reason = str(caught.error) if isinstance(caught.error, NotData) else "no data"
    return OPAQUE, reason


def raised(error: BaseException) -> Answer:
    """What was raised: the name of the type and the message."""
    message = ""
    with Caught():  # `__str__` may be foreign code too
        message = str(error)[:MESSAGE_CHARACTERS]
    return RAISED, type(error).__name__, message


class Judge:
    """Compares answers with those of the reference, by the rule of the problem."""

    def __init__(self, rule: AnswerRule, is_program: bool) -> None:
        self._rule, self._is_program = rule, is_program

    def agrees(self, expected: Any, expected_bytes: bytes | None, answer: Answer) -> bool:
        """Whether a program returned what the reference did; `answer` may hold foreign types."""
        if answer[0] != RETURNED:
            return False
        value = answer[1]
        if self._is_program:
            caseless = self._rule.kind == "tokens_caseless"
            return tokens_agree(expected, value, self._rule.tolerance, caseless)
        own = packed(value)
        if own is None:
            kind, value, *_ = plain(value)
            if kind != RETURNED:
                return False
        elif own == expected_bytes:
            return True
        with Caught():
            return equal(expected, value, self._rule)
        return False
