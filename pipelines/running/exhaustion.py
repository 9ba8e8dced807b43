"""What a machine that has run out of memory, processes or descriptors is told in one line."""

import contextlib
import errno
import threading
from collections.abc import Callable, Iterator

LIMITS = {
    errno.ENOMEM: "out of memory",
    errno.EAGAIN: "no more processes or threads can start (limits on them or on memory)",
    errno.EMFILE: "too many open files (ulimit -n)",
    errno.ENFILE: "too many open files on this machine",
}
# The words of Python, of the dynamic linker and of libraries for the same.
WORDS = {
    "can't start new thread": errno.EAGAIN,
    "failed to map segment": errno.ENOMEM,
    "annot allocate memory": errno.ENOMEM,
    "bad_alloc": errno.ENOMEM,
    "MemoryError": errno.ENOMEM,
    "Too many open files": errno.EMFILE,
    "Resource temporarily unavailable": errno.EAGAIN,
}


def exhausted(error: BaseException | str | None) -> str:
    """What has run out, if it is that which an error, or the text of one, says; else nothing.

    >>> exhausted(MemoryError())
    'out of memory; fewer --workers need less'
    >>> exhausted(RuntimeError("the file is damaged"))
    ''
    """
    number = getattr(error, "errno", None)
    if isinstance(error, MemoryError):
        number = errno.ENOMEM
    if number not in LIMITS:
        number = next((WORDS[words] for words in WORDS if words in str(error)), None)
    if not number and isinstance(error, BaseException) and error.__context__:
        return exhausted(error.__context__)
    return f"{LIMITS[number]}; fewer --workers need less" if number else ""


@contextlib.contextmanager
def lost_threads(tell: Callable[[BaseException | None], object]) -> Iterator[None]:
    """Tell of each thread that ends by an error, and of each that cannot start.

    Libraries start threads where nobody hears of their errors, and then wait for what they do.
    """
    start, hook = threading.Thread.start, threading.excepthook

    def attempt(thread: threading.Thread) -> None:
        try:
            start(thread)
        except (RuntimeError, MemoryError) as error:
            tell(error)
            raise

    def failed(failure: threading.ExceptHookArgs) -> None:
        hook(failure)
        tell(failure.exc_value)

    threading.Thread.start = attempt  # type: ignore[method-assign,assignment]
    threading.excepthook = failed
    try:
        yield
    finally:
        threading.Thread.start = start  # type: ignore[method-assign]
        threading.excepthook = hook
