"""`calls`: one call of a function that was recorded while a project's tests ran."""

import pyarrow as pa

from schemas.dataset import dataset

ARGUMENT = pa.struct([(name, pa.string()) for name in ("name", "role", "value", "encoding")])
ITEM = pa.struct([(name, pa.string()) for name in ("value", "encoding")])
CHANGE = pa.struct([(name, pa.string()) for name in ("name", "value", "encoding")])

CALLS = dataset(
    "calls",
    "ci",
    "one recorded call of a function; the first ten that differ are kept of each function",
    ("repo", pa.string(), "the project whose tests ran"),
    ("commit", pa.string(), "commit or release version; null where there is none"),
    ("path", pa.string(), "the file in the project; of a library below its folder of packages"),
    ("line", pa.int64(), "the first line of the function, decorators included"),
    ("module", pa.string(), "the module by its dotted name"),
    ("qualname", pa.string(), "as __qualname__: Class.method, outer.<locals>.inner"),
    ("kind", pa.string(), "function, method, class_method, static_method or nested"),
    ("form", pa.string(), "plain, generator, coroutine or async_generator"),
    ("is_library", pa.bool_(), "whether the function is no part of the project"),
    ("number", pa.int64(), "its number among the calls of the function, from 0"),
    (
        "arguments",
        pa.list_(ARGUMENT),
        "in the order of the code; role p, * or **; value an expression; encoding L (literals), "
        "E (with constructors) or O (opaque)",
    ),
    ("outcome", pa.string(), "return or raise"),
    ("value", pa.string(), "what was returned, or the arguments of the exception"),
    ("encoding", pa.string(), "L, E or O, of the value"),
    ("exception", pa.string(), "module:qualname of what was raised; null if it returned"),
    ("yields", pa.list_(ITEM), "what a generator gave before it ended"),
    ("mutated", pa.list_(CHANGE), "arguments as they were after the call, where they changed"),
    ("test", pa.string(), "the test that made the call; null where it is not known"),
    ("python", pa.string(), "the version of Python that ran it"),
)
