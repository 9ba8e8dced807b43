"""What runs inside, made ready to be sent: modules of the harness, compiled, and their task."""

import contextlib
import functools
import marshal
import os
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

# In the order of their imports; a package is but a name there.
PACKAGES = (
    "transforms",
    "transforms.lib",
    "transforms.lib.sandbox",
    "transforms.lib.sandbox.inside",
)
SHARED = (
    "codec",
    "inside.kernel",
    "inside.confinement",
    "inside.program",
    "inside.remote",
    "inside.peer",
    "inside.command",
    "inside.process",
)
SERVER = (*SHARED, "inside.namespaces", "inside.landlock", "inside.server")
GUEST = (*SHARED, "inside.guest")
BOOT = """
import marshal, sys, types
with open(sys.argv[1], "rb") as file:
    modules, arguments = marshal.load(file)
for name, code in modules:
    sys.modules[name] = module = types.ModuleType(name)
    exec(code, module.__dict__)
for name, code in modules:
    del sys.modules[name]
module.main(*arguments)
"""
# No site, no user folder, no script's folder on the path, no bytecode written, UTF-8. But not
# isolated (-I): the hash seed comes from the environment, which holds nothing that we did not set.
FLAGS = ("-s", "-S", "-P", "-B", "-X", "utf8", "-c", BOOT)


def shipment(modules: tuple[str, ...], *arguments: Any) -> bytes:
    """The file that BOOT reads: modules, and what `main` of the last one is called with."""
    return marshal.dumps((_compiled(modules), arguments))


@functools.cache
def _compiled(modules: tuple[str, ...]) -> list[tuple[str, CodeType]]:
    folder = Path(__file__).parent
    made = [(name, compile("", name, "exec")) for name in PACKAGES]
    for name in modules:
        path = folder / f"{name.replace('.', '/')}.py"
        code = compile(path.read_text(), f"<{name}>", "exec", dont_inherit=True)
        made.append((f"{PACKAGES[2]}.{name}", code))
    return made


@contextlib.contextmanager
def memory_file(content: bytes = b"") -> Iterator[int]:
    """A descriptor of a file in memory, to be read from its beginning."""
    descriptor = os.memfd_create("quire")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)
