"""How completions are drawn: what every request asks for, and every sample records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What only some samples record: where a line has no such field, its value is None.
OPTIONAL = ("chat", "system", "reasoning_effort", "body")


@dataclass(frozen=True)
class Settings:
    """How completions are drawn.

    `system` is the system message of a chat, `logprobs` whether log-probabilities are requested,
    `body` further fields of a request; a null in `body` is a field that is not sent.
    """

    model: str
    temperature: float
    top_p: float
    max_tokens: int
    chat: bool = False
    system: str | None = None
    reasoning_effort: str | None = None
    logprobs: bool = False
    body: Mapping[str, Any] = field(default_factory=dict)

    def recorded(self) -> dict[str, Any]:
        """The fields that each sample has of these settings; null for what is not sent.

        >>> Settings("m", 0.2, 0.95, 512, body={"top_p": None}).recorded()["top_p"]
        >>> Settings("m", 0.2, 0.95, 512, chat=True).recorded()["chat"]
        True
        """
        always = {
            name: None if name in self.body and self.body[name] is None else getattr(self, name)
            for name in ("model", "temperature", "top_p", "max_tokens")
        }
        optional = {name: getattr(self, name) for name in OPTIONAL}
        return always | {name: value for name, value in optional.items() if value}
