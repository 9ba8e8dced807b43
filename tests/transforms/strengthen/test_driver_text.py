"""The text that is shipped into the sandbox: it holds every module of `inside/`."""

import sys
from pathlib import Path
from typing import Any

import pytest

from transforms.strengthen import inside
from transforms.strengthen.driver_text import INSIDE, SHIPPED_MODULES, driver_text


def test_every_module_is_shipped() -> None:
    root = Path(inside.__file__).parent
    files = {file.relative_to(root) for file in root.rglob("*.py")} - {Path("__init__.py")}
    names = {".".join((INSIDE, *f.with_suffix("").parts)).removesuffix(".__init__") for f in files}
    assert names == {name for name in SHIPPED_MODULES if name.startswith(INSIDE)}


def test_the_text_alone_makes_a_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {name: module for name, module in sys.modules.items() if "transforms" in name}
    for name in own:
        monkeypatch.delitem(sys.modules, name)
    namespace: dict[str, Any] = {}
    exec(driver_text(), namespace)
    made = [module for name, module in sys.modules.items() if name.startswith("transforms.")]
    for name in [name for name in sys.modules if name.startswith("transforms")]:
        monkeypatch.delitem(sys.modules, name)
    assert not any(getattr(module, "__file__", None) for module in made)
    assert namespace["DRIVER"] is not None
