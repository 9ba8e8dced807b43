"""A connection to one endpoint: a request is sent, and the choices in its answer are read.

Against an endpoint that is hostile or wrong: an answer is read up to a size and for a time; a
redirect is refused, because prompts and key are for the address that was given; and the key is in
no message, though the answer may repeat it.
"""

import json
import re
import time
from typing import Any

import requests
import urllib3

from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.network.retry import RETRIED_STATUSES, RequestFailed, retry_after
from transforms.sample.endpoint.address import Endpoint
from transforms.sample.endpoint.capabilities import MIXED
from transforms.sample.endpoint.error_messages import SHOWN_CHARACTERS, hint, is_final, words_of
from transforms.sample.endpoint.event_stream import is_event_stream, whole_answer

RETRIED = RETRIED_STATUSES | {409}  # and every status from 500
USAGE_STATUSES = (401, 403, 404)
FIELD_STATUSES = (400, 422)  # those of a request with a field that the server does not take
# Of one answer: 20 completions of 4,096 tokens with their log-probabilities have some 20 MB, with
# those of 20 other tokens beside each, as llama.cpp's server gives them unasked, 200 MB.
MAX_ANSWER_BYTES = 256 << 20
PIECE_BYTES = 1 << 16  # of an answer that are read at a time
SYSTEM_ERROR = re.compile(r"(?:\[(?:Errno -?\d+|SSL.*?)\] |Disconnected\(')([\w :-]+)")
NO_TLS = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER")  # at every try


class FieldRefused(Exception):
    """A request that was refused with `words`, perhaps for one of its fields."""

    def __init__(self, line: str, words: str) -> None:
        super().__init__(line)
        self.words = words


class Connection:
    """One thread's connection to the completions of an endpoint, or to its chats."""

    def __init__(self, endpoint: Endpoint, chat: bool) -> None:
        path = "chat/completions" if chat else "completions"
        self.where = f"{endpoint.public}/{path}"  # in messages
        self._url = endpoint.url(path)
        self._endpoint, self._chat = endpoint, chat
        self._session = requests.Session()
        if endpoint.key:
            self._session.auth = self._authorized  # not a header: a netrc would replace that

    def _authorized(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._endpoint.key}"
        return request

    def choices(self, body: dict[str, Any]) -> list[Any]:
        """The choices in the answer to one request.

        Raises RequestFailed if another try may have them, FieldRefused if another body may, and
        PipelineError or UsageError if neither may.
        """
        seconds = self._endpoint.seconds
        try:
            with self._session.post(
                self._url, json=body, timeout=seconds, stream=True, allow_redirects=False
            ) as answer:
                content = self._content(answer)
                self._check_status(answer, content)
                choices = self._parsed(content)
                if len(choices) < body.get("n", 1) and is_event_stream(content):
                    raise FieldRefused(f"{self.where}: {MIXED}", MIXED)
                return choices
        except (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError) as error:
            raise RequestFailed(self._no_answer()) from error
        except (requests.ConnectionError, requests.Timeout) as error:
            if any(each in str(error) for each in NO_TLS):
                raise UsageError(f"{self.where}: {_cause(error)}") from error
            raise RequestFailed(_cause(error)) from error
        except urllib3.exceptions.HTTPError as error:
            raise RequestFailed("the answer was cut") from error
        except (requests.RequestException, UnicodeError) as error:
            raise UsageError(self._endpoint.shown(f"{self.where}: {error}")) from error

    def _content(self, answer: requests.Response) -> bytes:
        """The body of an answer, read within bounds of size and time."""
        end = time.monotonic() + self._endpoint.seconds
        content = bytearray()
        # `read1` returns what has arrived, so that the time is looked at although it comes slowly.
        while piece := answer.raw.read1(PIECE_BYTES, decode_content=True):
            content += piece
            if len(content) > MAX_ANSWER_BYTES:
                line = f"an answer of more than {MAX_ANSWER_BYTES >> 20} MB"
                raise PipelineError(f"{self.where}: {line}")
            if time.monotonic() > end:
                raise RequestFailed(self._no_answer())
        return bytes(content)

    def _no_answer(self) -> str:
        return f"no whole answer within {self._endpoint.seconds:g} s (--request-timeout)"

    def _check_status(self, answer: requests.Response, content: bytes) -> None:
        """Raises the error that an answer's status is, unless it is 200."""
        status = answer.status_code
        if status == 200:
            return
        if answer.is_redirect:
            target = answer.headers["Location"][:SHOWN_CHARACTERS]
            line = f"{self.where}: redirects to {target!r}; set OPENAI_BASE_URL to where it is"
            raise UsageError(self._endpoint.shown(line))
        failure = f"status {status}: {self._quoted(content)}"
        if status in RETRIED or status >= 500:
            self._fail_for_now(failure, content, retry_after(answer.headers.get("Retry-After")))
        words = words_of(content)
        line = f"{self.where}: {failure}{hint(words, self._chat)}"
        if status in FIELD_STATUSES:
            raise FieldRefused(line, words)
        raise UsageError(line) if status in USAGE_STATUSES else PipelineError(line)

    def _fail_for_now(self, failure: str, content: bytes, wait: float | None = None) -> None:
        """Raises the error of a failed try; of the last one, if no other can succeed."""
        if is_final(content):
            raise PipelineError(f"{self.where}: {failure}")
        raise RequestFailed(failure, wait=wait)

    def _quoted(self, content: bytes) -> str:
        """The server's words, short and harmless, without the key."""
        # The key goes before the text is cut, or a part of it could stay.
        return repr(self._endpoint.shown(words_of(content))[:SHOWN_CHARACTERS])

    def _parsed(self, content: bytes) -> list[Any]:
        """The choices in the content of an answer, streamed or whole."""
        try:
            found: Any = whole_answer(content) if is_event_stream(content) else json.loads(content)
        except (ValueError, RecursionError) as error:
            raise RequestFailed(f"no JSON: {self._quoted(content)}") from error
        match found:
            case {"choices": [*choices]} if choices:
                return choices
            case {"error": error} if error:
                told = json.dumps(found).encode()
                self._fail_for_now(f"an error: {self._quoted(told)}", told)
            case {"content": str()}:
                line = "no choices but `content`: OPENAI_BASE_URL lacks its /v1?"
                raise UsageError(f"{self.where}: {line}")
        raise RequestFailed(f"no choices: {self._quoted(content)}")


def _cause(error: requests.RequestException) -> str:
    """What broke a connection, as the system says it, such as "Connection refused".

    >>> _cause(requests.ConnectionError("…: [Errno 111] Connection refused'))"))
    'ConnectionError (Connection refused)'
    """
    name, reason = type(error).__name__, SYSTEM_ERROR.search(str(error))
    return f"{name} ({reason[1]})" if reason else name
