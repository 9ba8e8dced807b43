"""Records calls of a project's functions while its tests run (Codex section 4.2).

Imported by every interpreter of a test run, before anything of the project. It writes one line of
JSON for each recorded call to a file of its own process. It must not be noticed: it binds what it
uses when it is imported, as tests patch `json.dumps` and `os.environ`, and it never runs a method of
an object that is not of a built-in type: no str, repr, ==, hash, or attribute.

Settings come from the variable QUIRE_TRACER, a dict as JSON: `out` (a folder), `roots` (folders of
the project's code), `calls` (distinct calls of a function that are kept), `tries` (calls that are
looked at), `library_tries` (the same for a function of a library that the project calls).
"""

import builtins
import collections
import datetime
import decimal
import enum
import fractions
import json
import os
import pathlib
import re
import sys
import types
import uuid

# What tests patch later (`repr`, `open`) stays here as it was.
globals().update({name: each for name, each in vars(builtins).items() if name[:2] != "__"})

MAX_NODES, MAX_CHARACTERS, MAX_DEPTH = 2000, 20_000, 30  # of one value
# Nodes of all values of one function, and of one whose calls have had no text so far.
MAX_SPENT, MAX_SPENT_IN_VAIN = 8000, 3000
MAX_OPAQUE = 3  # calls of one function that are recorded with an argument that has no text
MAX_BYTES = 64 << 20  # of the records of one process
PLAIN_LENGTH = 1000  # of a text or number that is written without a look at limits
MAX_YIELDS = 1000  # of one generator
VARIABLE = "QUIRE_TRACER"
OPAQUE = "?"
# Code flags: of functions (not modules or classes), and of what they take and are.
CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS = 1, 4, 8
AST_MODULES = ("ast", "_ast")
WORD, PLAIN_SIZE = 8, 32  # bytes: of a slot; of an object with a dict and weak references
HEAP_TYPE = 1 << 9  # a flag of classes that are not built in
CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR = 0x20, 0x80, 0x200

_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND
_getframe, _environ = sys._getframe, os.environ
_type, _len, _id, _tuple_iter = type, len, id, tuple.__iter__
_get_args = BaseException.args.__get__
_get_module = type.__dict__["__module__"].__get__
_get_qualname = type.__dict__["__qualname__"].__get__
_get_mro = type.__dict__["__mro__"].__get__
_get_size = type.__dict__["__basicsize__"].__get__
_get_flags = type.__dict__["__flags__"].__get__
_get_namespace = type.__dict__["__dict__"].__get__
_str_repr, _bytes_repr, _float_repr = str.__repr__, bytes.__repr__, float.__repr__
_int_repr = int.__repr__
_Function, _Builtin, _GetSet = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.GetSetDescriptorType,
)
_Method = types.MethodType
_Member = types.MemberDescriptorType
_Enum, _Pattern = enum.EnumMeta, type(re.compile(""))
_Paths = (pathlib.PurePosixPath, pathlib.PosixPath)


class _System(object):
    """What is used of the system: libraries that fake files replace the functions in all modules."""

    open, write, getpid = os.open, os.write, os.getpid
    dumps = json.JSONEncoder().encode


class _Unencodable(Exception):
    """A value has no text from which it could be made again."""


class _Encoder:
    """Turns a value into an expression of Python, from which an equal value can be made.

    `constructors` says whether the text needs more than literals; `opaque` whether a part of the
    value has no text.
    """

    __slots__ = ("nodes", "characters", "constructors")

    def __init__(self):
        self.nodes = self.characters = 0
        self.constructors = False

    def text(self, value, depth=0):
        """The expression; raises _Unencodable."""
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise _Unencodable
        kind = _type(value)
        if kind is str and _len(value) < PLAIN_LENGTH:
            result = _str_repr(value)
            self.characters += _len(result)
        elif kind is int and value.bit_length() < PLAIN_LENGTH:
            return _int_repr(value)
        elif value is None or value is True or value is False:
            return "None" if value is None else "True" if value else "False"
        else:
            if _type(kind) is not type and not _is_plain(_type(kind)):
                raise _Unencodable  # comparing this class would run code of its metaclass
            encode = _ENCODERS.get(kind)
            if encode is not None:
                result = encode(self, value, depth)
            else:
                self.constructors = True
                result = self._other(value, kind, depth)
            self.characters += 1 if kind in _CONTAINERS else _len(result)
        if self.characters > MAX_CHARACTERS:
            raise _Unencodable
        return result

    def _other(self, value, kind, depth):
        if kind is _Function:
            return _reference(value.__module__, value.__qualname__)
        known = _KINDS.get(_id(kind))
        if known is None:
            known = _KINDS[_id(kind)] = _Kind(kind)
        form, name = known.form, known.name
        if form == "refused":
            raise _Unencodable
        if form == "object":
            state = known.state(value)
            if known.is_ast:  # its objects are made by their classes alone
                named = [key + "=" + self.text(item, depth + 1) for key, item in state]
                return name + "(" + ", ".join(named) + ")"
            pairs = [_str_repr(key) + ": " + self.text(item, depth + 1) for key, item in state]
            held = ", " + self._held(value, known.base, depth) if known.base else ""
            return "obj(" + name + ", {" + ", ".join(pairs) + "}" + held + ")"
        if form == "tuple":
            return name + "(" + ", ".join(self.text(v, depth + 1) for v in _tuple_iter(value)) + ")"
        if form == "member":
            return name + "." + _member_name(value)
        return _reference(_get_module(value), _get_qualname(value))

    def _held(self, value, base, depth):
        """The value of a built-in type that an instance of its subclass holds."""
        if base is BaseException:
            return self.text(_get_args(value), depth + 1)
        return self.text(_COPIES[base](value), depth + 1)

    def _list(self, value, depth):
        return "[" + ", ".join([self.text(each, depth + 1) for each in value]) + "]"

    def _tuple(self, value, depth):
        texts = [self.text(each, depth + 1) for each in value]
        return "(" + texts[0] + ",)" if _len(texts) == 1 else "(" + ", ".join(texts) + ")"

    def _dict(self, value, depth):
        pairs = [
            self.text(key, depth + 1) + ": " + self.text(each, depth + 1)
            for key, each in list(value.items())
        ]
        return "{" + ", ".join(pairs) + "}"

    def _set(self, value, depth):
        if not value:
            self.constructors = True
            return "set()"
        return "{" + ", ".join(sorted(self.text(each, depth + 1) for each in list(value))) + "}"

    def _frozenset(self, value, depth):
        self.constructors = True
        inner = sorted(self.text(each, depth + 1) for each in list(value))
        return "frozenset({" + ", ".join(inner) + "})" if inner else "frozenset()"

    def _float(self, value, depth):
        text = _float_repr(value)
        if "n" in text:  # nan, inf
            self.constructors = True
            return "float('" + text + "')"
        return text

    def _made(self, name, *parts):
        self.constructors = True
        module, colon, name = name.rpartition(":")
        called = _reference(module, name) if colon else name
        return called + "(" + ", ".join(parts) + ")"

    def _ordered(self, value, depth):
        return self._made("collections:OrderedDict", self._dict(dict(value), depth))

    def _counter(self, value, depth):
        return self._made("collections:Counter", self._dict(dict(value), depth))

    def _default(self, value, depth):
        factory = value.default_factory
        if _type(factory) is type:  # not asked with `in`, which compares, and runs foreign code
            name = self._type_of(factory, depth)
        elif factory is None:
            name = "None"
        else:
            raise _Unencodable
        return self._made("collections:defaultdict", name, self._dict(dict(value), depth))

    def _deque(self, value, depth):
        length = repr(value.maxlen)
        return self._made("collections:deque", self._list(list(value), depth), length)

    def _type_of(self, value, depth):
        self.constructors = True
        module = _get_module(value)
        qualname = _get_qualname(value)
        return qualname if module == "builtins" else _reference(module, qualname)

    def _builtin(self, value, depth):
        self.constructors = True
        if value.__module__ == "builtins":
            return value.__name__
        return _reference(value.__module__, value.__qualname__)

    def _pattern(self, value, depth):
        return self._made(
            "re:compile", self.text(value.pattern, depth + 1), repr(value.flags & ~32)
        )


def _as_repr():
    def encode(encoder, value, depth):
        encoder.constructors = True
        name, _, arguments = repr(value).partition("(")
        return "ref('datetime', '" + name.partition(".")[2] + "')(" + arguments

    return encode


def _as_argument(name):
    def encode(encoder, value, depth):
        return encoder._made(name, _str_repr(str(value)))

    return encode


def _zoned():
    def encode(encoder, value, depth):
        if value.tzinfo is not None and value.tzinfo is not _utc:
            raise _Unencodable
        encoder.constructors = True
        name, _, arguments = repr(value).partition("(")
        arguments = arguments.replace("tzinfo=datetime.timezone.utc", "tzinfo=" + _UTC)
        return "ref('datetime', '" + name.partition(".")[2] + "')(" + arguments

    return encode


_utc = datetime.timezone.utc
_UTC = "ref('datetime', 'timezone').utc"
_CONSTANTS = (type(None), bool, int, float, str, bytes)
_ENCODERS = {
    type(None): lambda encoder, value, depth: "None",
    bool: lambda encoder, value, depth: "True" if value else "False",
    int: lambda encoder, value, depth: (
        int.__repr__(value) if value.bit_length() < 10_000 else _too_long()
    ),
    float: _Encoder._float,
    complex: lambda encoder, value, depth: encoder._made(
        "complex", encoder._float(value.real, depth), encoder._float(value.imag, depth)
    ),
    str: lambda encoder, value, depth: (
        _str_repr(value) if _len(value) < MAX_CHARACTERS else _too_long()
    ),
    bytes: lambda encoder, value, depth: (
        _bytes_repr(value) if _len(value) < MAX_CHARACTERS else _too_long()
    ),
    bytearray: lambda encoder, value, depth: encoder._made(
        "bytearray", encoder.text(bytes(value), depth + 1)
    ),
    list: _Encoder._list,
    tuple: _Encoder._tuple,
    dict: _Encoder._dict,
    set: _Encoder._set,
    frozenset: _Encoder._frozenset,
    range: lambda encoder, value, depth: encoder._made(
        "range", repr(value.start), repr(value.stop), repr(value.step)
    ),
    slice: lambda encoder, value, depth: encoder._made(
        "slice", *[encoder.text(each, depth + 1) for each in (value.start, value.stop, value.step)]
    ),
    type(Ellipsis): lambda encoder, value, depth: "...",
    datetime.date: _as_repr(),
    datetime.timedelta: _as_repr(),
    datetime.time: _zoned(),
    datetime.datetime: _zoned(),
    decimal.Decimal: _as_argument("decimal:Decimal"),
    fractions.Fraction: _as_argument("fractions:Fraction"),
    uuid.UUID: _as_argument("uuid:UUID"),
    pathlib.PosixPath: _as_argument("pathlib:Path"),
    pathlib.PurePosixPath: _as_argument("pathlib:PurePosixPath"),
    collections.OrderedDict: _Encoder._ordered,
    collections.Counter: _Encoder._counter,
    collections.defaultdict: _Encoder._default,
    collections.deque: _Encoder._deque,
    _Pattern: _Encoder._pattern,
    type: _Encoder._type_of,
    _Builtin: _Encoder._builtin,
}
# Exceptions that hold nothing but their arguments.
_PLAIN_ERRORS = (
    Exception,
    ValueError,
    TypeError,
    RuntimeError,
    LookupError,
    KeyError,
    IndexError,
    ArithmeticError,
    ZeroDivisionError,
    OverflowError,
    AssertionError,
    NotImplementedError,
)
# How the data in an instance of a subclass is read without the subclass's own methods.
_COPIES = {
    dict: lambda value: dict(dict.items(value)),
    list: lambda value: list(list.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}
_CONTAINERS = {list, tuple, dict, set, frozenset}


def _too_long():
    raise _Unencodable


def _member_name(value):
    """The name of an enum's member, from its own dict."""
    for base in _get_mro(_type(value)):
        getter = _get_namespace(base).get("__dict__")
        if _type(getter) is _GetSet:
            name = getter.__get__(value).get("_name_")
            if _type(name) is str:
                return name
    raise _Unencodable


def _only_object_and_own(mro):
    """Whether a class inherits from nothing built in but object: its state is all in its dict."""
    return all(base is object or _get_flags(base) & HEAP_TYPE for base in mro)


def _is_plain(metaclass):
    """Whether classes of a metaclass are compared and hashed as all others are."""
    known = _METACLASSES.get(_id(metaclass))
    if known is None:
        own = [base for base in _get_mro(metaclass) if base is not type and base is not object]
        is_plain = not any(
            name in _get_namespace(base) for base in own for name in ("__eq__", "__hash__")
        )
        known = _METACLASSES[_id(metaclass)] = (is_plain, metaclass)
    return known[0]


_METACLASSES = {}  # by id; the metaclass is kept, so that no other one gets its id


def _built_in_base(mro):
    """The built-in type of data that a class extends, if it extends one and nothing else."""
    built_in = [base for base in mro if not _get_flags(base) & HEAP_TYPE]
    if _len(built_in) == 2 and built_in[0] in _COPIES:
        return built_in[0]
    if built_in[-2] is BaseException and built_in[0] in _PLAIN_ERRORS:
        return BaseException
    return None


def _reference(module, qualname):
    if _type(module) is not str or _type(qualname) is not str or "<" in qualname:
        raise _Unencodable
    return "ref(" + _str_repr(module) + ", " + _str_repr(qualname) + ")"


_KINDS = {}  # of classes, by id; each keeps its class


class _Kind(object):
    """What is known of a class that has no encoder of its own.

    `form` is refused, member (of an enum), class (its objects are classes), tuple (a named one) or
    object; of an object `base` is the built-in type of data that it extends, if it extends one.
    """

    __slots__ = ("kind", "form", "name", "base", "is_ast", "_getter", "_members")

    def __init__(self, kind):
        self.kind, self.form, self.name, self.base = kind, "refused", "", None
        mro = _get_mro(kind)
        try:
            if _type(kind) is _Enum:
                self.name, self.form = _reference(_get_module(kind), _get_qualname(kind)), "member"
            elif type in mro:  # a metaclass
                self.form = "class"
            else:
                self.name = _reference(_get_module(kind), _get_qualname(kind))
                self.form = self._form(kind, mro)
        except _Unencodable:
            pass

    def _form(self, kind, mro):
        if tuple in mro and _type(_get_namespace(kind).get("_fields")) is tuple:
            return "tuple"
        if not _only_object_and_own(mro):
            self.base = _built_in_base(mro)
            if self.base is None:
                return "refused"
        self.is_ast = _get_module(kind) in AST_MODULES
        self._getter, self._members, has_slots = None, [], False
        for base in mro:
            namespace = _get_namespace(base)
            has_slots = has_slots or "__slots__" in namespace
            if self._getter is None and _type(namespace.get("__dict__")) is _GetSet:
                self._getter = namespace["__dict__"].__get__
            for name, member in list(namespace.items()) if _get_flags(base) & HEAP_TYPE else ():
                if _type(member) is _Member and name != "__vectorcalloffset__":
                    self._members.append((name, member.__get__))
        if self.base is None and _get_size(kind) > PLAIN_SIZE + WORD * _len(self._members):
            return "refused"  # a part of its state is in C
        if self.base is None and self._getter is None and not has_slots:
            return "refused"  # of a type in C, or object() itself: its state is not to be seen
        return "object"

    def state(self, value):
        """The attributes of an object, in its dict and in its slots, read past its own code."""
        state = [] if self._getter is None else list(self._getter(value).items())
        for name, get in self._members:
            try:
                state.append((name, get(value)))
            except AttributeError:  # a slot that holds nothing
                pass
        return state


def _encoded(value, function=None):
    """The text of a value and how it is encoded: L (literals), E (constructors), O (not at all).

    What it cost is added to what was spent on the function.
    """
    kind = _type(value)
    if kind is str or kind is int or kind is bool or value is None:
        if kind is not str and kind is not int:
            return ("None" if value is None else "True" if value else "False"), "L"
        if (_len(value) if kind is str else value.bit_length()) < PLAIN_LENGTH:
            return (_str_repr(value) if kind is str else _int_repr(value)), "L"
    encoder = _Encoder()
    try:
        text = encoder.text(value)
    except Exception:  # an object that is not yet whole, or that another thread changes
        return OPAQUE, "O"
    finally:
        if function is not None:
            function.spent += encoder.nodes
    return text, "E" if encoder.constructors else "L"


class _Function_:
    """What is known of one code object."""

    __slots__ = ("code", "is_library", "tries", "kept", "calls", "names", "done", "opaque", "spent")

    def __init__(self, code, is_library):
        self.code, self.is_library = code, is_library
        self.tries = self.calls = self.opaque = self.spent = 0
        self.kept = set()
        self.done = False
        count = code.co_argcount + code.co_kwonlyargcount
        names = [(name, "p") for name in code.co_varnames[:count]]
        if code.co_flags & CO_VARARGS:
            names.append((code.co_varnames[count], "*"))
            count += 1
        if code.co_flags & CO_VARKEYWORDS:
            names.append((code.co_varnames[count], "**"))
        self.names = names


class _Call:
    """A call that has begun."""

    __slots__ = ("function", "arguments", "values", "yields", "test", "encodings")

    def __init__(self, function, arguments, encodings, values, test):
        self.function, self.arguments, self.encodings = function, arguments, encodings
        self.values, self.test = values, test
        self.yields = []


class Tracer:
    """Holds what is recorded of this process; its methods are called by the interpreter's hooks."""

    def __init__(self, settings):
        self._out = settings["out"]
        self._roots = tuple(settings["roots"])
        self._most_calls, self._most_tries = settings["calls"], settings["tries"]
        self._library_tries = settings["library_tries"]
        self._functions, self._unfollowed = {}, []
        self._live = {}
        self._file, self._pid, self._written = None, None, 0

    def is_project(self, code):
        return code.co_filename.startswith(self._roots)

    def follows(self, code):
        """Whether calls of this code may be of interest; it is then known."""
        key = _id(code)  # its hash is made of all its instructions
        if key in self._functions:
            return self._functions[key] is not None
        is_project = self.is_project(code)
        place = code.co_filename
        if (
            not code.co_flags & CO_OPTIMIZED
            or code.co_name[:1] == "<"
            or (not is_project and (place == __file__ or place[:1] == "<"))
        ):
            self._functions[key] = None
            self._unfollowed.append(code)  # so that no other one gets its id
            return False
        self._functions[key] = _Function_(code, not is_project)
        return True

    def started(self, code, frame):
        """Whether further calls of this code are of interest."""
        function = self._functions.get(_id(code))
        if function is None:
            if not self.follows(code):
                return False
            function = self._functions[_id(code)]
        if function.done:
            return False
        if function.is_library:
            caller = frame.f_back
            if caller is None or not self.is_project(caller.f_code):
                function.tries += 1
                function.done = function.tries > self._library_tries
                return not function.done
        function.calls += 1
        function.tries += 1
        if (
            function.tries > self._most_tries
            or _len(function.kept) >= self._most_calls
            or function.spent > (MAX_SPENT if function.kept else MAX_SPENT_IN_VAIN)
        ):
            function.done = True
            return False
        local = frame.f_locals
        arguments, encodings, values = [], "", []
        for name, _ in function.names:
            if name not in local:
                return True  # a cell variable that was not yet copied, or a deleted one
            value = local[name]
            text, encoding = (OPAQUE, "O") if "O" in encodings else _encoded(value, function)
            arguments.append(text)
            encodings += encoding
            values.append(value)
        key = "\0".join(arguments)
        if "O" in encodings:
            function.opaque += 1
            if function.opaque > MAX_OPAQUE:
                return True
        else:
            if key in function.kept:
                return True
            function.kept.add(key)
        test = _environ.get("PYTEST_CURRENT_TEST")
        self._live[_id(frame)] = _Call(function, arguments, encodings, values, test)
        return True

    def is_open(self, code):
        """Whether calls of this code are still looked at."""
        function = self._functions.get(_id(code))
        return function is not None and not function.done

    def yielded(self, frame, value):
        call = self._live.get(_id(frame))
        if call is not None and _len(call.yields) < MAX_YIELDS:
            call.yields.append(_encoded(value, call.function))

    def returned(self, frame, value):
        call = self._live.pop(_id(frame), None)
        if call is not None:
            text, encoding = _encoded(value, call.function)
            self._record(call, "return", text, encoding)

    def raised(self, frame, error):
        call = self._live.pop(_id(frame), None)
        if call is None:
            return
        kind = _type(error)
        if BaseException not in _get_mro(kind):  # below 3.12 the hook does not tell which one
            self._record(call, "raise", OPAQUE, "O")
            return
        name = "%s:%s" % (_get_module(kind), _get_qualname(kind))
        text, encoding = _encoded(_get_args(error))
        self._record(call, "raise", name + " " + text, encoding)

    def _record(self, call, outcome, value, encoding):
        code = call.function.code
        after = list(call.arguments)
        if "O" not in call.encodings:
            after = [
                text if _type(each) in _CONSTANTS else _encoded(each, call.function)[0]
                for text, each in zip(after, call.values)  # noqa: B905
            ]
        changed = [i for i, text in enumerate(after) if text != call.arguments[i]]
        record = {
            "file": code.co_filename,
            "line": code.co_firstlineno,
            "name": getattr(code, "co_qualname", code.co_name),
            "flags": code.co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR),
            "library": call.function.is_library,
            "names": [[name, role] for name, role in call.function.names],
            "arguments": call.arguments,
            "encodings": call.encodings,
            "outcome": outcome,
            "value": value,
            "encoding": encoding,
            "yields": call.yields,
            "after": {str(i): after[i] for i in changed},
            "test": call.test,
        }
        self._put(record)

    def _put(self, record):
        line = (_System.dumps(record) + "\n").encode("ascii", "backslashreplace")
        pid = _System.getpid()
        if pid != self._pid:  # the first record of this process, which may be a fork
            self._pid, self._written = pid, 0
            name = "%d-%d.jsonl" % (pid, _id(self))
            self._file = _System.open(self._out + "/" + name, _APPEND, 0o666)
        self._written += _len(line)
        if self._written <= MAX_BYTES:
            _System.write(self._file, line)


def install_monitoring(tracer):
    """Follow calls by sys.monitoring (PEP 669), from Python 3.12 on.

    One tool finds the project's functions, at their first call; another one follows these alone, and
    what they call of libraries. So the calls of everything else cost nothing but the first.
    """
    monitoring = sys.monitoring
    finder, tool = 3, 4  # not 1 or 2, which coverage and cProfile take
    events = monitoring.events
    monitoring.use_tool_id(finder, "quire finds")
    monitoring.use_tool_id(tool, "quire")
    DISABLE, follow = monitoring.DISABLE, monitoring.set_local_events
    FOLLOWED = events.PY_START | events.PY_RETURN | events.PY_YIELD

    def found(code, offset):
        if tracer.is_project(code) and tracer.follows(code):
            follow(tool, code, FOLLOWED | events.CALL)
            start(code, offset, _getframe(1))  # for this call it is too late
        return DISABLE

    def start(code, offset, frame=None):
        try:
            if not tracer.started(code, frame or _getframe(1)):
                return DISABLE
        except RecursionError:
            pass

    def called(code, offset, function, first):
        kind = _type(function)
        if kind is _Method:
            function = function.__func__
            kind = _type(function)
        if kind is _Function:
            inner = function.__code__
            if not tracer.is_project(inner) and tracer.follows(inner):
                follow(tool, inner, FOLLOWED)
        return DISABLE

    def give(code, offset, value):
        frame = _getframe(1)
        if _id(frame) not in tracer._live:
            return None if tracer.is_open(code) else DISABLE
        tracer.returned(frame, value)

    def yielded(code, offset, value):
        frame = _getframe(1)
        if _id(frame) not in tracer._live:
            return None if tracer.is_open(code) else DISABLE
        tracer.yielded(frame, value)

    def unwind(code, offset, error):
        frame = _getframe(1)
        if _id(frame) in tracer._live:
            tracer.raised(frame, error)

    monitoring.register_callback(finder, events.PY_START, found)
    for event, callback in (
        (events.PY_START, start),
        (events.PY_RETURN, give),
        (events.PY_YIELD, yielded),
        (events.PY_UNWIND, unwind),
        (events.CALL, called),
    ):
        monitoring.register_callback(tool, event, callback)
    monitoring.set_events(tool, events.PY_UNWIND)
    monitoring.set_events(finder, events.PY_START)


def install_profile(tracer):
    """Follow calls by sys.setprofile, below Python 3.12: twice as slow."""
    import dis
    import threading

    returns = {dis.opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in dis.opmap}
    yields = {
        dis.opmap[name]
        for name in ("YIELD_VALUE", "YIELD_FROM", "SEND", "RETURN_GENERATOR")
        if name in dis.opmap
    }

    def profile(frame, event, argument):
        if event == "call":
            if frame.f_lasti < 1 or _id(frame) not in tracer._live:
                tracer.started(frame.f_code, frame)
        elif event == "return" and _id(frame) in tracer._live:
            code = frame.f_code.co_code
            last = code[frame.f_lasti] if 0 <= frame.f_lasti < _len(code) else -1
            if last in yields:
                tracer.yielded(frame, argument)
            elif last in returns or argument is not None:
                tracer.returned(frame, argument)
            else:
                tracer.raised(frame, None)

    threading.setprofile(profile)
    sys.setprofile(profile)


def main():
    """Begin to record, if the settings are there."""
    settings = os.environ.get(VARIABLE)
    if settings:
        tracer = Tracer(json.loads(settings))
        if hasattr(sys, "monitoring"):
            install_monitoring(tracer)
        else:
            install_profile(tracer)


main()
