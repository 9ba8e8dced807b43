"""The text of the program that the sandbox runs for strengthen: the modules of `inside/`."""

import base64
import functools
import marshal
from pathlib import Path
from types import CodeType

from transforms.strengthen.inside.operators import OPERATORS

ROOT = Path(__file__).parents[2]
# Inside, packages are empty modules, but for one whose text counts; each module comes after those
# that it imports.
PACKAGES = (
    "transforms",
    "transforms.lib",
    "transforms.lib.python",
    "transforms.lib.sandbox",
    "transforms.lib.sandbox.inside",
    "transforms.lib.trials",
    "transforms.strengthen",
    "transforms.strengthen.inside",
    "transforms.strengthen.inside.operators",
)
INSIDE = "transforms.strengthen.inside"
SHIPPED_MODULES = (
    "transforms.lib.sandbox.codec",
    "transforms.lib.sandbox.inside.program",
    "transforms.lib.python.syntax_trees",
    "transforms.lib.trials.compare_values",
    "transforms.lib.trials.entry_functions",
    "transforms.lib.trials.trivial_bodies",
    f"{INSIDE}.step_counts",
    f"{INSIDE}.change",
    *(operator.__name__ for operator in OPERATORS),
    f"{INSIDE}.operators",
    f"{INSIDE}.agreement",
    f"{INSIDE}.programs",
    f"{INSIDE}.standard_streams",
    f"{INSIDE}.counted_runs",
    f"{INSIDE}.mutants",
    f"{INSIDE}.target",
    f"{INSIDE}.round_driver",
)
ENTRY = "DRIVER"  # what is called in the program
# The modules come as code, which is quicker to load than text; the sandbox runs this interpreter.
BOOT_TEXT = """
import base64, marshal, sys, types
for name in {packages!r}:
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = []
for name, code in marshal.loads(base64.b85decode({code!r})):
    module = sys.modules.setdefault(name, types.ModuleType(name))
    exec(code, module.__dict__)
    parent, _, last = name.rpartition(".")
    setattr(sys.modules[parent], last, module)
DRIVER = module.Driver()
"""


@functools.cache
def driver_text() -> str:
    """The text of a program whose DRIVER takes the calls of a round."""
    modules = [(name, _compiled(name)) for name in SHIPPED_MODULES]
    code = base64.b85encode(marshal.dumps(modules)).decode()
    return BOOT_TEXT.format(packages=PACKAGES, code=code)


def _compiled(name: str) -> CodeType:
    place = ROOT / name.replace(".", "/")
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    return compile(file.read_text(), f"<{name}>", "exec", dont_inherit=True, optimize=2)
