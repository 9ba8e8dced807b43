"""Numbers, truth values and texts of one kind: drawn afresh, and changed a little."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

FURTHER = 10  # how far above what was seen a number may lie where nothing bounds it
SMALL_ALPHABET = 3  # letters of most texts: few, so that they repeat
MAX_SEEN = 60  # values that a shape remembers


@dataclass(frozen=True)
class ChoiceShape:
    """One of some values, which are all that there are."""

    values: tuple[Any, ...]

    def fresh(self, rng: Random, size: int) -> Any:
        """One of the values."""
        return rng.choice(self.values)

    def changed(self, value: Any, rng: Random) -> Any:
        """Another one, mostly."""
        return rng.choice(self.values)

    def extreme(self, rng: Random, characters: int) -> Any:
        """One of the values."""
        return rng.choice(self.values)


@dataclass(frozen=True)
class WholeShape:
    """An int between two bounds; `seen` are the values of the seeds."""

    low: int
    high: int
    seen: tuple[int, ...] = ()

    def _clipped(self, number: int) -> int:
        return max(self.low, min(self.high, number))

    @property
    def start(self) -> int:
        """The value nearest to 0."""
        return self._clipped(0)

    def fresh(self, rng: Random, size: int) -> int:
        """A number, mostly a small one; `size` says how small."""
        kind = rng.random()
        if self.seen and kind < 0.25:
            return self._clipped(rng.choice(self.seen) + rng.choice((0, 0, -1, 1)))
        if kind < 0.85:
            return self._near(rng, size)
        if kind < 0.97 and self.seen:
            return self._near(rng, 2 * max(map(abs, self.seen)) + FURTHER)
        return self._near(rng, 1 << rng.randint(1, 40)) if kind < 0.99 else self._end(rng)

    def _near(self, rng: Random, distance: int) -> int:
        low = self._clipped(self.start - distance) if self.low < 0 else self.start
        return rng.randint(low, self._clipped(self.start + distance))

    def _end(self, rng: Random) -> int:
        return rng.choice((self.low, self.high))

    def changed(self, value: Any, rng: Random) -> int:
        """A number that has to do with the one given."""
        if type(value) is not int:
            return self.fresh(rng, FURTHER)
        other = rng.choice(self.seen) if self.seen else 1
        options = (value + 1, value - 1, -value, 2 * value, value // 2, 0, other, other + 1)
        return (
            self._clipped(rng.choice(options)) if rng.random() < 0.8 else self.fresh(rng, FURTHER)
        )

    def extreme(self, rng: Random, characters: int) -> int:
        """A number that is large, within the bounds."""
        if rng.random() < 0.3:
            return self._end(rng)
        return rng.randint(self.low // 2 if self.low < 0 else self.low, self.high)


@dataclass(frozen=True)
class RealShape:
    """A float between two bounds, with as many decimals as the seeds have."""

    low: float
    high: float
    seen: tuple[float, ...] = ()
    decimals: int = 2

    def fresh(self, rng: Random, size: int) -> float:
        """A number, mostly a small one."""
        if self.seen and rng.random() < 0.3:
            return rng.choice(self.seen)
        low, high = max(self.low, -float(size)), min(self.high, float(size))
        if low > high:
            low, high = self.low, self.high
        return self._rounded(low + (high - low) * rng.random())

    def _rounded(self, number: float) -> float:
        return max(self.low, min(self.high, round(number, self.decimals))) + 0.0

    def changed(self, value: Any, rng: Random) -> float:
        """A number that has to do with the one given."""
        if type(value) is not float:
            return self.fresh(rng, FURTHER)
        step = 10.0**-self.decimals
        options = (value + step, value - step, -value, 2 * value, value / 2, 0.0, value + 1)
        return (
            self._rounded(rng.choice(options)) if rng.random() < 0.8 else self.fresh(rng, FURTHER)
        )

    def extreme(self, rng: Random, characters: int) -> float:
        """A number anywhere between the bounds."""
        return self._rounded(self.low + (self.high - self.low) * rng.random())


@dataclass(frozen=True)
class TextShape:
    """A text of some characters, of a length between two bounds."""

    alphabet: str
    low: int
    high: int
    seen: tuple[str, ...] = ()

    def fresh(self, rng: Random, size: int) -> str:
        """A text, mostly a short one of few letters; sometimes one of the seeds or a part."""
        kind = rng.random()
        if self.seen and kind < 0.15:
            return self._fitting(self._of_seen(rng), rng)
        length = rng.randint(self.low, max(self.low, min(self.high, self.low + size)))
        if not self.alphabet:
            return rng.choice(self.seen) if self.seen else ""
        letters = self.alphabet
        if kind < 0.8:
            letters = "".join(
                rng.choice(self.alphabet) for _ in range(rng.randint(1, SMALL_ALPHABET))
            )
        text = "".join(rng.choice(letters) for _ in range(length))
        return self._fitting(text + text[::-1], rng) if kind > 0.93 else text

    def _of_seen(self, rng: Random) -> str:
        text = rng.choice(self.seen)
        begin = rng.randint(0, len(text))
        return text if rng.random() < 0.5 else text[begin : rng.randint(begin, len(text))]

    def _fitting(self, text: str, rng: Random) -> str:
        """The text, cut or filled to a length that is allowed."""
        while len(text) < self.low:
            if not (letters := text or self.alphabet):
                return text
            text += rng.choice(letters)
        return text[: self.high]

    def changed(self, value: Any, rng: Random) -> str:
        """A text that differs a little from the one given."""
        if type(value) is not str:
            return self.fresh(rng, FURTHER)
        at, other = rng.randint(0, len(value)), rng.randint(0, len(value))
        begin, end = min(at, other), max(at, other)
        letter = rng.choice(self.alphabet) if self.alphabet else ""
        options = (
            value[:at] + value[at + 1 :],
            value[:at] + letter + value[at:],
            value[:at] + letter + value[at + 1 :],
            value[:at] + value[max(at - 1, 0) : at] + value[at:],
            value[:begin] + value[begin:end][::-1] + value[end:],
            value[:end] + value[begin:],
            value[::-1],
            value[at:] + value[:at],
            value[:begin] + value[end:],
            value + self._of_seen(rng) if self.seen else value,
            "".join(sorted(value)),
        )
        return self._fitting(rng.choice(options), rng)

    def extreme(self, rng: Random, characters: int) -> str:
        """A text as long as is allowed."""
        length = max(self.low, min(self.high, characters))
        letters = self.alphabet if rng.random() < 0.6 else rng.choice(self.alphabet or " ")
        return "".join(rng.choice(letters) for _ in range(length)) if self.alphabet else ""


def decimals_of(values: Sequence[float]) -> int:
    """The decimals that floats are written with, at most 5."""
    return min(5, max((len(repr(value).partition(".")[2]) for value in values), default=1))
