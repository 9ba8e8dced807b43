"""Standard output and standard error: what is printed for people cannot steer their terminal."""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO, cast

# Control characters but for tab and line end, those that reorder or hide text, line ends of
# Unicode, and half characters: a terminal obeys them, or shows something else than what is there.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def harmless(text: str) -> str:
    """The text with escapes such as `\\x1b` in place of characters that steer a terminal.

    >>> print(harmless("a" + chr(27) + "[2J" + chr(13) + "b" + chr(0x202E)))
    a\\x1b[2J\\rb\\u202e
    """
    return UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """The text as one harmless line."""
    return harmless(text).replace("\n", "\\n")


class PrintedStream:
    """A standard stream through which everything is printed as `shown`.

    What the stream cannot encode is escaped. Where `needed` is false, what cannot be written is
    lost in silence: a message that nobody reads must not change what a command does.
    """

    def __init__(self, stream: TextIO, name: str, shown: Callable[[str], str], needed: bool):
        self.stream, self._name, self._shown, self._needed = stream, name, shown, needed
        self._fault: OSError | None = None  # argparse drops it, so a flush raises it again

    def write(self, text: str) -> int:
        """Write the text; raises OSError that names the stream if it is needed."""
        with self._failures():
            self.stream.write(self._shown(text))
        return len(text)

    def flush(self) -> None:
        """Write what waits; raises OSError as `write` does."""
        with self._failures():
            self.stream.flush()
        if self._fault:
            raise self._fault

    def isatty(self) -> bool:
        """False: the escapes of colours would be shown as text."""
        return False

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            drop(self.stream)
            if self._needed:
                self._fault = OSError(error.errno, f"{self._name}: {error.strerror}")
                raise self._fault from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def drop(stream: TextIO) -> None:
    """Have what is written to the stream vanish, what waits in it included."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


@contextlib.contextmanager
def printed_streams() -> Iterator[None]:
    """Have `sys.stdout` and `sys.stderr` harmless meanwhile, and open even if they were closed."""
    _reopen_closed()
    before = sys.stdout, sys.stderr
    sys.stdout = _printed(before[0] or _open(1), "standard output", needed=True)
    sys.stderr = _printed(before[1] or _open(2), "standard error", needed=False)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _reopen_closed() -> None:
    """Open the standard descriptors that are closed, lest a file of ours takes their number.

    Whoever writes to a closed standard output must learn that it is lost, so it cannot be written
    to; standard error can.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)


def _open(number: int) -> TextIO:
    return open(number, "w", closefd=False)


def _printed(stream: TextIO, name: str, *, needed: bool) -> TextIO:
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    return cast(TextIO, PrintedStream(stream, name, harmless, needed))


def raw_stream(stream: TextIO) -> TextIO:
    """The stream itself, for what brings its own escapes: bars, and tables of harmless cells."""
    return stream.stream if isinstance(stream, PrintedStream) else stream


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a standard stream, which may be closed, is a terminal."""
    return stream is not None and raw_stream(stream).isatty()


def data_output() -> TextIO:
    """Standard output for data, such as CSV, of which every character counts."""
    return cast(TextIO, PrintedStream(raw_stream(sys.stdout), "standard output", str, True))
