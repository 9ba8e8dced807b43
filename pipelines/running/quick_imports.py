"""Imports Apache Beam without the parts that a local run never uses, in half the time.

Importing Beam also imports clients of MongoDB, S3, Google Cloud and HTTP for its connectors, and
Numba looks for SciPy. Each of them does without a package that is not installed, so for the time
of these imports a few packages look as if they were not; afterwards they can be imported as usual.
With flags for Beam (another runner, a cluster) all of Beam is imported.
"""

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any

# Beam imports these inside `try`, for connectors and file systems. quire has Arrow for both.
CONNECTORS = ("azure", "boto3", "bson", "google.auth", "google.cloud", "pymongo", "requests")
# Beam and Arrow take it along where it is installed; quire has no use for it.
PANDAS = "pandas"
PICKLER = "dill"  # of older Beams; it pickles by cloudpickle
# What runs a pipeline here, and what a worker of it is.
LOCAL = (
    "apache_beam.runners.portability.fn_api_runner",
    "apache_beam.runners.worker.sdk_worker_main",
)
# There is a process for each core already: threads of BLAS or OpenMP would only compete with them.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# Numba imports these inside `try`, for matrix products and foreign functions in kernels.
OF_NUMBA = ("cffi", "scipy.linalg")


def use_one_thread() -> None:
    """Have NumPy start no threads, unless the user wants some; they read this when imported."""
    os.environ.update({**ONE_THREAD, **os.environ})


def import_beam() -> ModuleType:
    """Return `apache_beam`, imported with its local runner and its worker, without connectors.

    Where Beam has been imported already, all of it stays.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(no_garbage())
        if "apache_beam" not in sys.modules:
            stack.enter_context(absent(*CONNECTORS, PANDAS, PICKLER))
        for name in LOCAL:
            importlib.import_module(name)
    return sys.modules["apache_beam"]


def use_arrow_alone() -> None:
    """Have Arrow work without pandas, which it would import with the first array that it makes."""
    refuse = Refuse(PANDAS)
    sys.meta_path.insert(0, refuse)
    try:
        importlib.import_module("pyarrow").array([None])
    finally:
        sys.meta_path.remove(refuse)


class Refuse(MetaPathFinder):
    """Lets imports of a package fail that is not loaded: of Cython's too, unlike `absent`."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """None for other modules; raises ModuleNotFoundError for the package."""
        if fullname == self.package:
            raise ModuleNotFoundError(fullname)


def import_stage(name: str) -> ModuleType:
    """Return the module of a stage, imported; its kernels are not loaded yet."""
    with no_garbage(), absent(*OF_NUMBA):
        return importlib.import_module(name)


def load_kernels(module: ModuleType) -> None:
    """Load the compiled kernels of a stage, if its module has a `warm_up`."""
    with no_garbage(), absent(*OF_NUMBA):
        getattr(module, "warm_up", lambda: None)()


@contextlib.contextmanager
def no_garbage() -> Iterator[None]:
    """Do not collect garbage meanwhile, and exempt what is alive at the end from collection.

    Modules stay, so looking for garbage among them is in vain: it takes a fifth of a second in
    the middle of an import, and as much at exit. In a forked worker it would also copy every page.
    Where nothing was imported nothing is exempt: a process that runs many commands would keep what
    each has left.
    """
    gc.disable()
    before = len(sys.modules)
    try:
        yield
    finally:
        if len(sys.modules) > before:
            gc.freeze()
        gc.enable()


@contextlib.contextmanager
def absent(*names: str) -> Iterator[None]:
    """Let imports of these packages fail with ModuleNotFoundError, unless they are loaded."""
    hidden: dict[str, Any] = {name: None for name in names if name not in sys.modules}
    sys.modules.update(hidden)  # Python's own way to say that a module cannot be imported
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
