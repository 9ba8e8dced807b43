"""Raw responses of chat servers: `choices`, OpenAI's batches, or a conversation's `messages`.

The task is in `task_id`, or in the `custom_id` of a batch: the id of a task, with `#N` behind it
where a task has several requests. Reasoning (`reasoning_content`) is no part of an answer. A choice
with `text` is one of `/v1/completions`.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from transforms.lib.completions.given_sample import (
    GivenSample,
    checked_source,
    one_of_record,
)
from transforms.lib.records.record import Record

REQUEST_NUMBER = re.compile(r"#\d+$")


def fits(record: Record) -> bool:
    """Whether a record is a response, holds one, or is a conversation."""
    values = record.values
    return isinstance(values.get("response"), dict) or "choices" in values or "messages" in values


def samples(record: Record, tasks: Collection[str]) -> Iterator[GivenSample]:
    """The answers in a record; UsageError for a request of a batch that failed."""
    task_id = _task(record, tasks)
    body = _body(record)
    if "choices" not in body and "messages" in body:
        yield _answer(record, task_id, _last_answer(record, body["messages"]), {})
        return
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise record.fault("field 'choices' is no list of answers")
    for choice in choices:
        yield _of_choice(record, task_id, choice)


def _task(record: Record, tasks: Collection[str]) -> str:
    task_id = record.text("task_id", "custom_id")
    return task_id if task_id in tasks else REQUEST_NUMBER.sub("", task_id)


def _body(record: Record) -> dict[str, Any]:
    """The part of a record that is the response itself."""
    if error := record.values.get("error"):
        raise record.fault(f"field 'error': the request failed: {error!s:.80}")
    response = record.values.get("response", record.values)
    if not isinstance(response, dict):
        raise record.fault("field 'response' is not a JSON object")
    if response.get("status_code", 200) != 200:
        raise record.fault(f"field 'status_code': the request failed: {response['status_code']}")
    body = response.get("body", response)
    if not isinstance(body, dict):
        raise record.fault("field 'body' is not a JSON object")
    return body


def _last_answer(record: Record, messages: Any) -> Any:
    """The message of a conversation that answers last."""
    given = messages if isinstance(messages, list) else []
    answers = [each for each in given if isinstance(each, dict) and each.get("role") == "assistant"]
    if not answers:
        raise record.fault("field 'messages': no message with the role 'assistant'")
    return answers[-1]


def _of_choice(record: Record, task_id: str, choice: Any) -> GivenSample:
    if not isinstance(choice, dict):
        raise record.fault("field 'choices': not a JSON object")
    if "message" in choice:
        return _answer(record, task_id, choice["message"], choice)
    text = checked_source(record, "field 'choices': 'text'", choice.get("text"))
    return one_of_record(record, task_id, text, "completion", choice)


def _answer(record: Record, task_id: str, message: Any, values: dict[str, Any]) -> GivenSample:
    if not isinstance(message, dict):
        raise record.fault("field 'message' is not a JSON object")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(_part(record, part) for part in content)
    text = checked_source(record, "field 'content'", "" if content is None else content)
    return one_of_record(record, task_id, text, "answer", values)


def _part(record: Record, part: Any) -> str:
    """The text of a part of a message; empty for a part that is none."""
    if isinstance(part, dict) and part.get("type", "text") in ("text", "output_text"):
        return checked_source(record, "field 'content': 'text'", part.get("text"))
    return ""
