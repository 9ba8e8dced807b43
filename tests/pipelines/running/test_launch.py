"""One run of a stage: the runner that is chosen, progress, and how a failure is told."""

import argparse
import io
import re
import threading
from pathlib import Path

import pytest
from apache_beam import Pipeline
from apache_beam.options.pipeline_options import DirectOptions, StandardOptions

from pipelines.running import fork_server, launch
from pipelines.running import progress as progress_module
from pipelines.running.job import Stage
from tests.conftest import write_files
from tests.support.inputs import rows
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.skeleton.storage import Storage


@pytest.mark.parametrize(
    ("flags", "workers", "units", "runner", "processes"),
    [
        ([], 4, 9, "FnApiRunner", 4),
        ([], 4, 3, "FnApiRunner", 3),
        ([], 4, 1, "FnApiRunner", 1),
        (["--runner=DirectRunner"], 1, 9, "FnApiRunner", 1),
        (["--runner", "DirectRunner"], 2, 9, "FnApiRunner", 2),
        (["--direct_running_mode=multi_threading"], 2, 9, "FnApiRunner", 2),
        (["--runner=PortableRunner"], 2, 9, "PortableRunner", 1),
    ],
)
def test_the_runner_is_pinned(flags, workers, units, runner, processes):
    options = argparse.Namespace(beam_flags=flags, workers=workers)
    chosen, beam_flags = launch.choose_runner("corpus", options, units)
    assert type(chosen).__name__ == runner
    assert beam_flags.view_as(StandardOptions).runner == runner
    assert beam_flags.view_as(DirectOptions).direct_num_workers == processes
    assert beam_flags.view_as(DirectOptions).direct_running_mode == "in_memory"


def test_workers_do_not_look_for_modules_where_the_user_stands():
    assert fork_server.command(7)[1:] == ["-P", "-m", "pipelines.running.fork_server", "7"]


def test_progress_in_lines(tmp_path, quire, capfd, monkeypatch):
    """The first line is there before the run begins, however fast or slow that is."""
    counted = threading.Event()
    markers, begin = Stage.markers, Pipeline.run

    def count(stage):
        found = markers(stage)
        counted.set()
        return found

    def run(*arguments):
        assert counted.wait(60)
        return begin(*arguments)

    monkeypatch.setattr(progress_module, "LINE_SECONDS", 0.05)
    monkeypatch.setattr(Stage, "markers", count)
    monkeypatch.setattr(Pipeline, "run", run)
    write_files(tmp_path / "in.parquet", rows(30))
    assert quire("corpus", tmp_path / "data", "--files", tmp_path / "in.parquet") == 0
    *progress, last = capfd.readouterr().err.splitlines()
    assert progress[0].startswith("corpus: 0 of 2 steps after ")
    assert last.startswith("corpus: 30 files in, ")


@pytest.mark.parametrize("is_terminal", [False, True])
def test_news_are_shown_once_and_to_the_last(monkeypatch, is_terminal):
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: is_terminal)
    for name in ("NEWS_SECONDS", "POLL_SECONDS"):
        monkeypatch.setattr(progress_module, name, 0.01)
    waiting, asked = ["a: [green]"], threading.Event()

    def news():
        asked.set()
        lines, waiting[:] = list(waiting), []
        return lines

    with progress_module.progress("ci", "steps", 2, lambda: 0, stream, news):
        assert asked.wait(60)
        waiting.append("b: last")
    shown = re.findall(r"ci: [ab]: \S+", stream.getvalue())
    assert shown == ["ci: a: [green]", "ci: b: last"]


def test_an_unexpected_failure_is_one_line_and_leaves_its_log(tmp_path, quire, capfd):
    write_files(tmp_path / "in.parquet", rows(3))
    (tmp_path / "data" / "signals" / "part-00000.parquet").mkdir(parents=True)
    run = ["corpus", tmp_path / "data", "--files", tmp_path / "in.parquet", "--workers=1"]
    assert quire(*run) == 1
    error = capfd.readouterr().err
    assert error.startswith("quire: corpus failed: ") and error.count("\n") == 1
    log = Path(error.split("; see ")[1].strip())
    assert "Traceback" in log.read_text()
    (tmp_path / "data" / "signals" / "part-00000.parquet").rmdir()
    assert quire(*run) == 0, "nothing was begun, so nothing is to be resumed"
    assert not log.exists()


def test_a_log_that_is_named_is_there_and_an_old_one_is_not(tmp_path, quire):
    """Beside the work; among temporary files if DATA is one, or is full; --resume removes it."""
    stage = Stage("s", Storage(str(tmp_path / "data")), (), "c")
    with open(tmp_path / "stderr", "w+b") as log:
        (tmp_path / "data").write_text("no folder")
        for lasts in (True, False):
            told = str(launch.explained(stage, ValueError("no"), log, lasts))
            named = Path(told.split("; see ")[1])
            assert "ValueError: no" in named.read_text()
            assert not named.is_relative_to(tmp_path / "data")
            named.unlink()
    files = write_files(tmp_path / "in.parquet", rows(3))
    run = ["corpus", tmp_path / "whole", "--files", files, "--workers=1"]
    assert quire(*run) == 0
    old = tmp_path / "whole" / "_work" / "corpus" / "log.txt"
    old.parent.mkdir(parents=True)
    old.write_text("of a run that failed")
    assert quire(*run) == 2 and old.exists(), "a wrong flag changes nothing"
    assert quire(*run, "--resume") == 0
    assert not (tmp_path / "whole" / "_work").exists()


@pytest.mark.parametrize(
    ("error", "kind", "line"),
    [
        (
            RuntimeError("Traceback\nMemoryError [while running 'S']\n"),
            PipelineError,
            "s failed: out of memory; fewer --workers need less",
        ),
        (UsageError("f: no [while running 'Sign']"), UsageError, "f: no"),
        (
            RuntimeError(
                "Traceback\n  x\ntransforms.lib.errors.UsageError: f: no [while running 'S']\n"
            ),
            UsageError,
            "f: no",
        ),
        (
            RuntimeError("Traceback\nKeyError: 'UsageError'\n"),
            PipelineError,
            "s failed: KeyError: 'UsageError'",
        ),
        (
            RuntimeError("a\nOSError: full [while running 'S']\n\n"),
            PipelineError,
            "s failed: OSError: full",
        ),
        (ValueError(), PipelineError, "s failed: ValueError"),
    ],
)
def test_errors_of_any_process_are_explained(tmp_path, error, kind, line):
    stage = Stage("s", Storage(str(tmp_path)), (), "c")
    with open(tmp_path / "stderr", "w+b") as log:
        log.write(b"what a worker said\n")
        told = launch.explained(stage, error, log)
    assert type(told) is kind
    assert str(told).split("; see ")[0] == line
    kept = tmp_path / "_work" / "s" / "log.txt"
    assert kept.exists() == (kind is PipelineError)
    assert kind is UsageError or kept.read_text().startswith("what a worker said\n")
