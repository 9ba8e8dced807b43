"""Texts of library modules: from the wheels of a lock, or the interpreter's own library."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.support.tiny_wheels import wheel
from transforms.ci.interpreters import interpreters
from transforms.ci.library_sources import distributions, library_sources
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.skeleton.storage import Storage

OWN = interpreters()[f"{sys.version_info.major}.{sys.version_info.minor}"]
CODE = b"def f(x):\n    return x\n"


@pytest.fixture
def store(tmp_path: Path) -> ArchiveStore:
    return ArchiveStore(Storage(str(tmp_path)))


def row(store: ArchiveStore, name: str, content: bytes, installed: bool = True) -> dict:
    file = f"{name}-1.0-py3-none-any.whl"
    return {"name": name, "file": file, "sha256": store.put(content), "installed": installed}


def test_modules_come_from_the_wheels_that_are_installed(store) -> None:
    files = {"pkg/__init__.py": b"", "pkg/code.py": CODE, "pkg/bad.py": b"\xff"}
    lock = [
        row(store, "pkg", wheel("pkg", "1.0", files)),
        row(store, "built", wheel("built", "1.0", {"built.py": CODE}), installed=False),
        row(store, "broken", b"no zip"),
        {"name": "gone", "file": "gone-1.0.whl", "sha256": "0" * 64, "installed": True},
    ]
    asked = ["pkg/code.py", "pkg/bad.py", "built.py", "elsewhere.py"]
    found = library_sources(store, lock, None, asked)
    assert found.texts == {"pkg/code.py": CODE.decode()}
    assert found.licence_by_path == {"pkg/code.py": "NOASSERTION"}
    assert distributions(store, lock, ["pkg", "built", "other"]) == {"pkg": "pkg"}


def test_the_standard_library_is_read_in_its_folder_alone(store, tmp_path) -> None:
    outside = os.path.relpath(tmp_path / "outside.py", Path(json.__file__).parent.parent)
    (tmp_path / "outside.py").write_text("secret = 1\n")
    found = library_sources(store, [], OWN, ["json/decoder.py", outside, "no/such.py", "os"])
    assert list(found.texts) == ["json/decoder.py"]
    assert found.licence_by_path == {"json/decoder.py": "PSF-2.0"}
