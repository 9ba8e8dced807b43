"""Beam without its connectors: what is imported, that it runs, and that nothing stays hidden."""

import subprocess
import sys

import pytest

from pipelines.running import quick_imports


def in_a_fresh_process(program):
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


BEAM = """
import sys
from pipelines.running import quick_imports
quick_imports.import_beam()
"""


def test_beam_comes_without_connectors_and_all_of_them_can_be_imported_afterwards():
    unused = set(quick_imports.CONNECTORS)
    program = f"{BEAM}print(*sys.modules)"
    loaded = set(in_a_fresh_process(program))
    assert {"apache_beam.runners.portability.fn_api_runner", "apache_beam.io.iobase"} <= loaded
    assert not loaded & unused
    later = f"{BEAM}import pymongo, requests\n"
    assert in_a_fresh_process(f"{later}print(requests.get)")


def test_such_a_beam_runs_a_pipeline():
    pipeline = """
import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
with beam.Pipeline(FnApiRunner()) as pipeline:
    pairs = pipeline | beam.Create([("a", 1), ("a", 2)]) | beam.GroupByKey()
    pairs | beam.MapTuple(lambda key, values: print(key, sum(values)))
"""
    assert in_a_fresh_process(BEAM + pipeline) == ["a", "3"]


def test_all_of_beam_stays_where_it_is_loaded_already():
    program = (
        "import apache_beam\n" + BEAM + "print({'pymongo', *quick_imports.LOCAL} <= {*sys.modules})"
    )
    assert in_a_fresh_process(program) == ["True"]


def test_an_absent_package_cannot_be_imported_and_then_can():
    sys.modules.pop("plistlib", None)
    with quick_imports.absent("plistlib", "json"):
        import json  # loaded already, so it stays

        with pytest.raises(ModuleNotFoundError):
            import plistlib
    import plistlib

    assert plistlib.dumps([1]) and json.dumps([1])


def test_kernels_load_without_scipy():
    program = """
import sys
from pipelines.running import quick_imports
quick_imports.load_kernels(quick_imports.import_stage("transforms.corpus.stage"))
print("scipy.linalg" in sys.modules)
import scipy.linalg
"""
    assert in_a_fresh_process(program) == ["False"]


def test_no_command_imports_pandas(tmp_path):
    """It is installed here, as in many places; to import it takes a process a quarter of a second."""
    (tmp_path / "a.py").write_text("x = 1\n")
    program = f"""
import importlib.util, sys
from pipelines import cli
data = {str(tmp_path / "data")!r}
for command in (["crawl", data, "dir:{tmp_path}"], ["corpus", data], ["check", data]):
    assert cli.main(command) == 0
print(importlib.util.find_spec("pandas") is not None, "pandas" in sys.modules)
import pandas
"""
    assert in_a_fresh_process(program)[-2:] == ["True", "False"]


def test_a_process_of_many_commands_keeps_nothing_of_them(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    program = f"""
import gc
from pipelines import cli
for again in range(3):
    assert cli.main(["crawl", {str(tmp_path / "data")!r}, "dir:{tmp_path}", "--overwrite"]) == 0
    print(gc.get_freeze_count())
"""
    first, *others = map(int, in_a_fresh_process(program))
    assert first > 10_000, "what was imported is exempt from collection"
    assert max(others) <= first
