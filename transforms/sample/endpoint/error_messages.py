"""The message in a server's error answer, and what the user can do about it."""

import json
from collections.abc import Iterable
from typing import Any

from transforms.sample.endpoint.capabilities import names
from transforms.sample.endpoint.request_body import OWN

SHOWN_CHARACTERS = 200  # characters of an answer in an error
# Codes of OpenAI's and others' that no further try changes: there is no money left.
FINAL_CODES = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
CHAT_MODEL = ("chat model", "chat/completions", "chat completions")
NO_CHAT_MODEL = ("not a chat model", "chat template", "chat_template")


def words_of(content: bytes) -> str:
    """The message in an error answer; all of its text if it has none.

    >>> words_of(b'{"error": {"message": "model not loaded", "code": 503}}')
    'model not loaded'
    >>> words_of(b"oops")
    'oops'
    """
    text = content.decode(errors="replace")
    try:
        found = _message(json.loads(text))
    except (ValueError, RecursionError):
        return text.strip()
    return found if found is not None else text.strip()


def _message(answer: Any) -> str | None:
    """The text under `error`, `message` or `detail`, however deep; None if there is none."""
    for _ in range(4):
        if isinstance(answer, str):
            return answer
        if not isinstance(answer, dict):
            return None
        answer = answer.get("error") or answer.get("message") or answer.get("detail")
    return None


def is_final(content: bytes) -> bool:
    """Whether an error says that no further try can succeed: the quota is used up."""
    return any(code.encode() in content for code in FINAL_CODES)


def hint(words: str, chat: bool) -> str:
    """What to do about a refusal, to be put behind it; empty if there is no telling.

    >>> hint("This is a chat model and not supported in the v1/completions endpoint.", False)
    '; --chat samples a chat model'
    """
    text = words.lower()
    if chat:
        no_chat = any(each in text for each in NO_CHAT_MODEL)
        return "; without --chat, completions are drawn" if no_chat else ""
    return "; --chat samples a chat model" if any(each in text for each in CHAT_MODEL) else ""


def field_hint(words: str, sent: Iterable[str]) -> str:
    """How to leave out a field that was sent and that a refusal is about; empty if it is of none.

    >>> print(field_hint("Unsupported value: 'top_p' does not support 0.95", ["top_p"]))
    ; --body '{"top_p": null}' leaves the field out
    """
    for name in OWN:
        if name in sent and names(name, words):
            return f"; --body '{{\"{name}\": null}}' leaves the field out"
    return ""
