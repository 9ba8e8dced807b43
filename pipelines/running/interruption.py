"""Ctrl-C, SIGTERM and SIGHUP: one line and exit code 130, whatever the program is doing.

While the program is at work, a signal raises KeyboardInterrupt in its main thread. That may get
lost (in a callback of a library), become another error on its way up, or be held up (by a thread
that is waited for); so it is also remembered, and a program that has not ended after some seconds
is ended where it stands.
"""

import contextlib
import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CODE = 130  # for SIGTERM and SIGHUP too: what it says is that --resume goes on
PATIENCE_SECONDS = 3.0  # to leave by the ordinary way: longer than it takes to end the workers


class _Listener:
    """What is known of an interruption in this process."""

    came = False
    at_work = False  # else there is nothing to leave in order: imports, or the interpreter's end
    terminal = 2  # a descriptor of standard error that nothing redirects
    line = "interrupted; run it again"
    at_end: list[Callable[[], object]] = []


def listen() -> None:
    """From now on a signal ends this process with the line; once is enough."""
    if signal.getsignal(signal.SIGALRM) == _out_of_patience:
        return
    with contextlib.suppress(OSError):  # it may be closed
        # Not the lowest that is free: standard output may be closed.
        _Listener.terminal = fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, 3)
    for number in SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, _interrupt)
    signal.signal(signal.SIGALRM, _out_of_patience)


def _interrupt(*_: object) -> None:
    if not _Listener.at_work:
        leave(CODE, _Listener.line)
    if not _Listener.came:  # a second one must not disturb the way out
        _Listener.came = True
        wait_for_end(PATIENCE_SECONDS)
        sys.unraisablehook = threading.excepthook = _nothing  # of what is cut off, nothing is said
        raise KeyboardInterrupt


def _out_of_patience(_: int, __: FrameType | None) -> None:
    leave(CODE, _Listener.line)


def begin() -> None:
    """From now on a signal raises KeyboardInterrupt, until the program is `over`."""
    _Listener.at_work = True


def over() -> None:
    """The program has ended: from now on a signal has nothing left to interrupt."""
    signal.setitimer(signal.ITIMER_REAL, 0)  # what `wait_for_end` began
    _Listener.at_work = False


def watch() -> None:
    """End this process although its main thread is in code of another language, such as DuckDB's.

    Only there is Python's own handler not called. A process that forks must not have this thread.
    """
    heard, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_end_after_signal, args=(heard,), daemon=True).start()


def _end_after_signal(heard: int) -> None:
    """Read the numbers of signals until one of them interrupts."""
    while not set(os.read(heard, 1)) & set(SIGNALS):
        pass
    time.sleep(PATIENCE_SECONDS)
    leave(CODE, _Listener.line)


def wait_for_end(seconds: float) -> None:
    """Give an interrupted program so much time to end, from now."""
    if signal.getsignal(signal.SIGALRM) == _out_of_patience:
        signal.setitimer(signal.ITIMER_REAL, seconds)


def came() -> bool:
    """Whether a signal has interrupted this program."""
    return _Listener.came


def say(line: str) -> None:
    """Set the line that an interruption ends with."""
    _Listener.line = line


def line() -> str:
    """The line that an interruption ends with: how to go on."""
    return _Listener.line


@contextlib.contextmanager
def one_at_a_time(end_work: Callable[[], object]) -> Iterator[None]:
    """Have Ctrl-C raise KeyboardInterrupt meanwhile, and the program go on if it is caught.

    `end_work` ends what the main thread does in code of another language, such as DuckDB's, where
    Python's own handler is not called; it is called in another thread.
    """
    heard, tell = os.pipe()
    os.set_blocking(tell, False)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    heard_before = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_end_at_signals, args=(heard, end_work), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(heard_before)
        signal.signal(signal.SIGINT, before)
        os.close(tell)


def _end_at_signals(heard: int, end_work: Callable[[], object]) -> None:
    """Call `end_work` at each Ctrl-C until the other end of the pipe is closed."""
    while numbers := os.read(heard, 1):
        if numbers[0] == signal.SIGINT:
            end_work()
    os.close(heard)


@contextlib.contextmanager
def undisguised() -> Iterator[None]:
    """Raise KeyboardInterrupt in place of an error that an interruption has become on its way."""
    try:
        yield
    except Exception as error:
        if came():
            raise KeyboardInterrupt from error
        raise


def at_end(action: Callable[[], object]) -> None:
    """Have `leave` call this: what must not stay behind, and whose context may never be left."""
    _Listener.at_end.append(action)


def leave(code: int, line: str = "") -> NoReturn:
    """Say the line and end this process: threads that still run are not waited for."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for action in reversed(_Listener.at_end):
        with contextlib.suppress(OSError):
            action()
    with contextlib.suppress(OSError):
        os.write(_Listener.terminal, f"quire: {line}\n".encode() if line else b"")
    os._exit(code)


@contextlib.contextmanager
def temporary_folder(parent: str | None = None) -> Iterator[str]:
    """A folder of this user alone, which is gone afterwards, by whatever way the program ends."""
    import shutil  # this module is imported first of all, and fast
    import tempfile

    folder = tempfile.mkdtemp(prefix="quire-", dir=parent)
    remove = lambda: shutil.rmtree(folder, ignore_errors=True)  # noqa: E731
    at_end(remove)
    try:
        yield folder
    finally:
        remove()
        _Listener.at_end.remove(remove)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Let signals wait meanwhile: a fork must not have them before it has handlers of its own."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore() -> None:
    """Do nothing at a signal, in a process that ends when its launcher does.

    Handlers that do nothing, for programs that it starts would inherit that signals are ignored.
    """
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _nothing)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _nothing(*_: object) -> None:
    """Answer a signal by going on."""
