"""One choice of an answer: the text of a completion, or the message of a chat."""

from dataclasses import dataclass
from typing import Any

from transforms.lib.completions.stop_sequences import cut
from transforms.lib.network.retry import RequestFailed
from transforms.sample.endpoint.token_logprobs import TokenLogprobs, kept_logprobs


@dataclass(frozen=True)
class Completion:
    """What was drawn: the text up to its first stop sequence, or a chat's answer.

    `finish_reason` is the server's ("stop", "length"), or "stop" where the text was cut here;
    `reasoning` is what a reasoning model thought before its answer, if the server gives it apart;
    `logprobs` is there if log-probabilities were requested; `seed` is that of the request.
    """

    text: str
    finish_reason: str | None = None
    reasoning: str | None = None
    logprobs: TokenLogprobs | None = None
    seed: int | None = None


def completion_of(
    choice: Any, stops: tuple[str, ...], logprobs: bool, seed: int | None = None
) -> Completion:
    """The completion in a choice; RequestFailed if it has no text.

    >>> completion_of({"text": "x = 1\\nprint(x)", "finish_reason": "length"}, ("\\nprint",), False)
    Completion(text='x = 1', finish_reason='stop', reasoning=None, logprobs=None, seed=None)
    """
    text, message = _text_and_message(choice)
    kept = cut(text, stops)
    shortened = len(kept) < len(text)
    # A chat's tokens include those of its reasoning and its end: all of them were drawn.
    limit = kept if shortened or not message else None
    told = kept_logprobs(choice.get("logprobs"), limit, shortened) if logprobs else None
    if told and not kept and not choice.get("logprobs"):
        told = TokenLogprobs(())  # nothing was drawn, so there is nothing to tell
    reason = "stop" if shortened else _filled(choice.get("finish_reason"))
    reasoning = _filled(message.get("reasoning_content")) or _filled(message.get("reasoning"))
    return Completion(kept, reason, reasoning, told, seed)


def _text_and_message(choice: Any) -> tuple[str, dict[str, Any]]:
    """The text of a choice, and the message of a chat that it is from; empty for a completion."""
    match choice:
        case {"text": str(text)}:
            return text, {}
        case {"message": dict(message)}:
            return _text(message.get("content")), message
    raise RequestFailed("a choice without text")


def _text(content: Any) -> str:
    """The text of a message: a string, a list of parts, or null where there is only reasoning."""
    match content:
        case None:
            return ""
        case str():
            return content
        case list():
            return "".join(
                part["text"]
                for part in content
                if isinstance(part, dict) and isinstance(part.get("text"), str)
            )
    raise RequestFailed("a message without text")


def _filled(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
