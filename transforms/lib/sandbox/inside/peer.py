"""Roles that run a check in one process and the candidate that it calls in another.

- Against a candidate that would pass by anything but its answers: its process holds neither the
  check, nor what the check expects, nor the file of the verdict. Values cross as data, so `==` in
  the check compares built-in values that the decoder made in the check's process.
- Against objects that equal everything: no object crosses, and of functions only stand-ins. Where
  the problem asks for a class (`objects`), objects stay in their process and stand-ins cross, and
  what is judged must be data nevertheless (`remote`).
- Against StopIteration, which would end a loop of the check as if it were complete: it becomes a
  RuntimeError, as in a generator.
- Against attributes of the check's own functions, which reach its globals: the candidate can only
  call them.

Each side answers the other's requests while it waits, so that a candidate can call a function that
it was given.
"""

import builtins
import os
from collections import deque
from collections.abc import Callable
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, BinaryIO

from transforms.lib.sandbox.codec import LENGTH_BYTES, NotData, built_in, decode, encode, frame
from transforms.lib.sandbox.inside.lent_names import find_name, missing_names
from transforms.lib.sandbox.inside.marked_tests import TEST_MARK, MarkedTests
from transforms.lib.sandbox.inside.program import (
    INPUT,
    MESSAGE_CHARACTERS,
    OUTPUT,
    Caught,
    load,
    read_order,
    report,
    report_error,
)
from transforms.lib.sandbox.inside.remote import OPERATORS, Function, Object, Refused
from transforms.lib.sandbox.inside.shapes import CONTENTS, NAMED, SHAPES, shape_of, shaped
from transforms.lib.sandbox.inside.shared_streams import (
    STREAM_REQUESTS,
    PrintedText,
    ask_for_input,
)

MAX_MESSAGE_BYTES = 16 << 20
CANDIDATE_NUMBER = 0  # of the candidate among the objects of its process
NEVER_RAISED = (StopIteration, StopAsyncIteration)
KNOWN_ERRORS: dict[str, Any] = vars(builtins) | {"NotData": NotData}  # types of exceptions by name
CALL_REQUESTS = frozenset(("call",))
CHECK_REQUESTS = CALL_REQUESTS | STREAM_REQUESTS.keys()  # those that the check answers
PROGRAM_REQUESTS = CALL_REQUESTS | {"name"}
OBJECT_REQUESTS = PROGRAM_REQUESTS | {"get", "set", "apply"}
# Of a program that is not asked for a class, functions are sent as stand-ins and no other objects.
FUNCTION_TYPES = (FunctionType, MethodType, BuiltinFunctionType, partial)


class Ended(Exception):
    """The other process has ended, or sent what is no message."""


class Peer:
    """One side of the conversation between a check and its candidate.

    `serves` are the requests that it answers. `shows(object)` says whether an object may be sent as
    a stand-in; `kind` is the class of stand-ins for the other side's objects (None: refused).
    """

    def __init__(
        self,
        serves: frozenset[str],
        shows: Callable[[object], bool],
        kind: type[Function] | None,
    ) -> None:
        self.objects: list[Any] = []
        self.namespace: dict[str, Any] = {}  # where the types of exceptions are looked up
        self.printed: PrintedText | None = None  # what is to be sent before anything else
        self.lost = False  # whether the other side has ended, or could not be understood
        self._serves, self._shows, self._kind = serves, shows, kind
        self._input: BinaryIO = open(INPUT, "rb")  # noqa: SIM115  # open until the process ends
        self._output: BinaryIO = open(OUTPUT, "wb", buffering=0)  # noqa: SIM115

    def ask(self, *request: object) -> Any:
        """Send a request, and answer the other side's requests until its answer comes.

        Raises what the request raised there.
        """
        if request[0] != "print":
            self._send_printed()
        self._send(request)
        while (message := self._receive())[0] not in ("returned", "raised"):
            self._answer(*message)
        if message[0] == "raised":
            raise self._error(*message[1:])
        _, value, changed = message
        for argument, after in changed.items():
            _restore(request[2][argument], after)  # type: ignore[index]
        return value

    def serve(self) -> None:
        """Answer requests until the other side ends, which raises Ended."""
        while True:
            self._answer(*self._receive())

    def _answer(self, operation: str, *parts: Any) -> None:
        if operation not in self._serves:
            raise Ended(operation)
        with Caught() as caught:
            changed: dict[int, object] = {}
            value = self._do(operation, parts, changed)
            self._send_printed()
            self._send(("returned", value, changed))
        if caught.error is not None:
            self._send_printed()
            self._send(self._raised(caught.error))

    def _send_printed(self) -> None:
        if self.printed and (text := self.printed.take()):
            self.ask("print", text)

    def _do(self, operation: str, parts: tuple, changed: dict[int, object]) -> Any:
        if operation in STREAM_REQUESTS:
            return STREAM_REQUESTS[operation](*parts)
        if operation == "name":
            return self.namespace[parts[0]]
        if operation == "apply":
            return OPERATORS[parts[0]](*parts[1:])
        target = self.objects[parts[0]]
        if operation == "get":
            return getattr(target, parts[1])
        if operation == "set":
            return setattr(target, *parts[1:])
        values, named = parts[1:]
        before = {i: self._encode(v) for i, v in enumerate(values) if type(v) in RESTORED}
        value = target(*values, **named)
        changed.update((i, values[i]) for i, b in before.items() if self._encode(values[i]) != b)
        return value

    def _raised(self, error: BaseException) -> tuple:
        """An exception as data: the names of its type and base types, and its arguments."""
        names = [kind.__name__ for kind in type(error).__mro__]
        values: tuple = ()
        with Caught() as caught:
            values = error.args
            self._encode(values)
        if caught.error is not None:
            with Caught():
                values = (str(error)[:MESSAGE_CHARACTERS],)
        return "raised", names, values

    def _error(self, names: list[str], values: tuple) -> Exception:
        """An exception of the first of these types that is known here; RuntimeError if none is."""
        for name in names:
            kind = self.namespace.get(name) or KNOWN_ERRORS.get(name)
            if isinstance(kind, type) and issubclass(kind, Exception):
                error = None
                with Caught():
                    error = kind(*values)
                if error is not None and not isinstance(error, NEVER_RAISED):
                    return error
        return RuntimeError(*values)

    def _send(self, message: tuple) -> None:
        content = frame(self._encode(message))
        self.lost = True  # unless this succeeds
        self._output.write(content)
        self.lost = False

    def _encode(self, value: object) -> bytes:
        return encode(value, self._refer)

    def _receive(self) -> tuple:
        self.lost = True  # unless this succeeds
        size = int.from_bytes(self._input.read(LENGTH_BYTES))
        if not 0 < size <= MAX_MESSAGE_BYTES:
            raise Ended("no answer")
        body = self._input.read(size)
        self.lost = len(body) < size
        message = decode(body, self._resolve)
        if type(message) is not tuple or not message:
            self.lost = True
            raise Ended("nonsense")
        return message

    def _refer(self, value: Any) -> tuple[object, ...] | None:
        if isinstance(value, Function):
            return "yours", value.__dict__["_number"]
        if shape := shape_of(value):
            return shape
        if built_in(type(value)) is not None or not self._shows(value):
            return None
        self.objects.append(value)
        return "mine", len(self.objects) - 1

    def _resolve(self, tag: str, parts: list[Any]) -> object:
        if tag in (*SHAPES, NAMED):
            return shaped(tag, *parts)
        if [*map(type, parts)] == [int]:
            (number,) = parts
            if tag == "mine" and self._kind:
                return self._kind(number, self.ask)
            if tag == "yours" and 0 <= number < len(self.objects):
                return self.objects[number]
        raise NotData("an object")


def _refill(original: Any, after: Any) -> None:
    original.clear()
    original.update(after)


def _replace(original: Any, after: Any) -> None:
    original[:] = after


def _replace_all(original: Any, after: Any) -> None:
    original.clear()
    original.extend(after)


# The types of arguments that a call may change, and how the change is repeated on the other side.
RESTORED: dict[type, Callable[[Any, Any], None]] = {
    list: _replace,
    bytearray: _replace,
    set: _refill,
    **dict.fromkeys((dict, *CONTENTS), _refill),
    deque: _replace_all,
}


def _restore(original: object, after: object) -> None:
    if type(original) is type(after) and type(after) in RESTORED:
        RESTORED[type(after)](original, after)


def check() -> None:
    """The role `check`: run a check on the candidate; report that it passed, or what it raised.

    A second message of the order says that its text marks its tests: their counts come first.
    """
    order, *marked = read_order()
    text, prelude, entry_point, objects = decode(order)
    peer = Peer(CHECK_REQUESTS, callable, Object if objects else Function)
    tests = MarkedTests(lambda: not peer.lost) if marked else None
    candidate = (Object if objects else Function)(CANDIDATE_NUMBER, peer.ask)
    os.chdir("/")  # away from files of the candidate: under some tiers both have one folder
    with Caught() as caught:
        peer.namespace = load(prelude, "check")
        peer.namespace |= {entry_point: candidate, TEST_MARK: tests}
        code = compile(text, "<check>", "exec", dont_inherit=True)
        for name in missing_names(code, peer.namespace):
            with Caught():  # what nobody has stays undefined
                peer.namespace[name] = find_name(name, partial(peer.ask, "name"))
        exec(code, peer.namespace)
        peer.namespace["check"](candidate)
        if Refused.reasons:
            raise Refused(Refused.reasons[0])
        if tests:
            tests.end()
        if not (tests and tests.failed):
            report("passed")
    if caught.error is not None and not (tests and tests.failed):
        report_error(caught.error)


def candidate() -> None:
    """The role `candidate`: load a program and answer the calls of the check.

    `streams` are those that it shares with the check.
    """
    source, entry_point, objects, streams = decode(read_order()[0])
    requests = OBJECT_REQUESTS if objects else PROGRAM_REQUESTS
    shows = (lambda value: True) if objects else (lambda value: isinstance(value, FUNCTION_TYPES))
    peer = Peer(requests, shows, Function)
    with Caught() as loading:
        printed = PrintedText() if "stdout" in streams else None
        if "stdin" in streams:
            ask_for_input(peer.ask)
        peer.namespace = load(source, "program")
        peer.objects.append(eval(entry_point, peer.namespace))
        if printed:
            printed.take()
            peer.printed = printed
    if loading.error is not None:
        report_error(loading.error)
        return
    with Caught():  # Ended, when the check has ended
        peer.serve()
