"""Standard streams that a candidate shares with its check, where the check names them.

Tests redirect `sys.stdout` and look at what was printed, or replace `input` and `sys.stdin`. The
candidate is another process, so what it prints is sent to the check and written there, and what it
reads is asked of the check. Only text crosses.
"""

import builtins
import io
import sys
from collections.abc import Callable
from typing import Any

Ask = Callable[..., Any]
# Requests of a candidate, as the check's process answers them.
STREAM_REQUESTS: dict[str, Callable[..., Any]] = {
    "print": lambda text: sys.stdout.write(text) and None,
    "input": lambda *prompt: builtins.input(*prompt),
    "readline": lambda: sys.stdin.readline(),
    "read": lambda: sys.stdin.read(),
}


class PrintedText:
    """What the program prints from now on, as text."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._stream = io.TextIOWrapper(self._bytes, "utf-8", "surrogatepass", write_through=True)
        sys.stdout = self._stream

    def take(self) -> str:
        """What was printed since this was last called."""
        text = self._bytes.getvalue().decode("utf-8", "replace")
        self._bytes.seek(0)
        self._bytes.truncate()
        return text


class AskedText(io.TextIOBase):
    """`sys.stdin` of a program, whose lines come from the check's."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def readable(self) -> bool:
        """True."""
        return True

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        """The next line."""
        return str(self._ask("readline"))

    def read(self, size: int | None = -1) -> str:
        """All that is left."""
        return str(self._ask("read"))


def ask_for_input(ask: Ask) -> None:
    """Have the program's `input` and `sys.stdin` ask the check."""
    builtins.input = lambda *prompt: ask("input", *prompt)
    sys.stdin = AskedText(ask)
