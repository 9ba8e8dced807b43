"""What is sent into the sandbox: the modules that run there, compiled, and their arguments.

No file of quire is imported inside, because none is visible there.
"""

import contextlib
import functools
import marshal
import os
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

SANDBOX_PACKAGE = "transforms.lib.sandbox"
# Inside, packages are empty modules: they are there so that imports of their modules work.
EMPTY_PACKAGES = (
    "transforms",
    "transforms.lib",
    SANDBOX_PACKAGE,
    f"{SANDBOX_PACKAGE}.inside",
)
# Each module after those that it imports; the last one's `main` is called.
SHARED_MODULES = (
    "codec",
    "inside.kernel",
    "inside.confinement",
    "inside.program",
    "inside.lent_names",
    "inside.remote",
    "inside.shapes",
    "inside.shared_streams",
    "inside.marked_tests",
    "inside.peer",
    "inside.command",
    "inside.process",
)
SERVER_MODULES = (*SHARED_MODULES, "inside.namespaces", "inside.landlock_rules", "inside.server")
GUEST_MODULES = (*SHARED_MODULES, "inside.guest")
BOOT_CODE = """
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
# No `site`, no user folder, no folder of the script on the path, no bytecode written, UTF-8. But
# not isolated (-I): the hash seed comes from the environment, which holds only what the tier set.
PYTHON_FLAGS = ("-s", "-S", "-P", "-B", "-X", "utf8", "-c", BOOT_CODE)


def shipment(modules: tuple[str, ...], *arguments: Any) -> bytes:
    """The file that BOOT_CODE reads: modules, and the arguments of `main` in the last one."""
    return marshal.dumps((_compiled(modules), arguments))


@functools.cache
def _compiled(modules: tuple[str, ...]) -> list[tuple[str, CodeType]]:
    """Names and code of the packages and modules, in the order in which they are to be run."""
    folder = Path(__file__).parent
    compiled = [(name, compile("", name, "exec")) for name in EMPTY_PACKAGES]
    for name in modules:
        path = folder / f"{name.replace('.', '/')}.py"
        code = compile(path.read_text(), f"<{name}>", "exec", dont_inherit=True)
        compiled.append((f"{SANDBOX_PACKAGE}.{name}", code))
    return compiled


@contextlib.contextmanager
def memory_file(content: bytes = b"") -> Iterator[int]:
    """A descriptor of a new file in memory with this content, at its beginning."""
    descriptor = os.memfd_create("quire")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)
