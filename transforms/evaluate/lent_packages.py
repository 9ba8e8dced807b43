"""What programs may import besides the standard library: `--libraries`, and what a set expects.

EvalPlus's tests import numpy, and its programs may. quire itself stands on numpy, so that is lent
from where quire found it: a copy, so that nothing else that is installed can be seen.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from transforms.evaluate.problem_sandbox import ProblemSandbox
from transforms.evaluate.request import Evaluation
from transforms.lib.sandbox import Sandbox
from transforms.lib.skeleton.storage import Storage

# By set, the packages of quire's own environment that it expects.
EXPECTED_PACKAGES: dict[str, tuple[str, ...]] = {"evalplus": ("numpy",)}
NOT_LENT = shutil.ignore_patterns("tests", "__pycache__", "*.pyi", "include", "*.lib", "*.a")


@contextlib.contextmanager
def evaluation_sandbox(evaluation: Evaluation) -> Iterator[Sandbox]:
    """A sandbox in which programs of an evaluation run; raises what `Sandbox` does."""
    with contextlib.ExitStack() as stack:
        libraries = list(evaluation.libraries)
        if missing := _missing_packages(evaluation):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="quire-lent-"))
            os.chmod(folder, 0o755)  # the sandbox's user is not this one
            for name in missing:
                copy_package(name, folder)
            libraries.append(folder)
        if evaluation.problems:
            yield stack.enter_context(ProblemSandbox(libraries, Storage(evaluation.problems)))
            return
        yield stack.enter_context(Sandbox(libraries=libraries))


def _missing_packages(evaluation: Evaluation) -> list[str]:
    """The packages that the set expects and no folder of --libraries has."""
    expected = EXPECTED_PACKAGES.get(evaluation.suite, ())
    lent = [name for folder in evaluation.libraries for name in os.listdir(folder)]
    return [name for name in expected if name not in lent]


def copy_package(name: str, folder: str) -> None:
    """Copy an installed package into a folder, with the shared libraries that lie beside it.

    A package that is not installed is left out.
    """
    spec = find_spec(name)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for source in (Path(place), Path(f"{place}.libs")):
            if source.is_dir():
                shutil.copytree(source, Path(folder, source.name), ignore=NOT_LENT)
