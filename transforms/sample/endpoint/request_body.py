"""The JSON of a request, for completions and for chats."""

import argparse
import json
from typing import Any, NoReturn

from transforms.sample.endpoint.capabilities import Capabilities
from transforms.sample.endpoint.decoding_settings import Settings

SENT_STOPS = 4  # as many as every such endpoint takes; all are cut from the answers
# Fields that have flags of their own, and that a user's --body may only leave out.
OWN = {
    "temperature": "--temperature",
    "top_p": "--top-p",
    "max_tokens": "--max-tokens",
    "n": "-n",
    "stop": "--stop",
    "seed": "--seed",
    "logprobs": "--logprobs",
    "reasoning_effort": "--reasoning-effort",
}
FIXED = ("model", "prompt", "messages")


def request_body(
    settings: Settings,
    server: Capabilities,
    prompt: str,
    stops: tuple[str, ...],
    count: int,
    seed: int | None,
) -> dict[str, Any]:
    """The fields of a request for `count` completions of a prompt.

    In a chat the prompt is the user's message. What is not needed is not sent: many servers refuse
    a field that they do not know.
    """
    body = {
        "model": settings.model,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        server.tokens_field: settings.max_tokens,
        "n": count if count > 1 else None,
        "stop": list(stops[:SENT_STOPS]) or None,
        "seed": seed if server.seed else None,
        "stream": server.stream or None,
    }
    if settings.chat:
        body["messages"] = _messages(settings.system, prompt)
        body["reasoning_effort"] = settings.reasoning_effort
        body["logprobs"] = settings.logprobs or None
    else:
        body["prompt"] = prompt
        body["logprobs"] = 1 if settings.logprobs else None
    body |= settings.body
    return {name: value for name, value in body.items() if value is not None}


def _messages(system: str | None, prompt: str) -> list[dict[str, str]]:
    before = [{"role": "system", "content": system}] if system else []
    return [*before, {"role": "user", "content": prompt}]


def body_fields(text: str) -> dict[str, Any]:
    """The value of --body, a JSON object of further fields; argparse reports anything else.

    >>> body_fields('{"top_k": 0, "top_p": null}')
    {'top_k': 0, 'top_p': None}
    """
    try:
        fields = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"no JSON ({error!s:.80})") from error
    if not isinstance(fields, dict):
        raise argparse.ArgumentTypeError('no JSON object, such as {"top_k": 0}')
    for name, value in fields.items():
        if name in FIXED or (name in OWN and value is not None):
            flag = f" ({OWN[name]})" if name in OWN else ""
            raise argparse.ArgumentTypeError(f"{name!r} is set by quire{flag}")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
