"""Runs the driver of a project in the sandbox, and reads what it answers as hostile data."""

import json
import os
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from transforms.lib.errors import PipelineError
from transforms.lib.sandbox import Sandbox
from transforms.lib.sandbox.interpreter import interpreter
from transforms.lib.sandbox.limits import COMMAND_LIMITS

# Those with a file system of their own, at the same place everywhere, and processes of their own.
TIERS = ("bubblewrap", "gvisor")
INSIDE = Path(__file__).parent / "inside"
TOOL_FILES = ("quire_tracer.py", "quire_reports.py", "quire_plugin.py")
MAX_ANSWER_BYTES = 2 << 30  # of an environment and all that leaves with it
MAX_RESULT_BYTES = 16 << 20  # of the JSON in it
# uv and interpreters reserve far more address space than they use.
LIMITS = replace(
    COMMAND_LIMITS, memory=16 << 30, disk=3 << 30, file_size=MAX_ANSWER_BYTES, processes=1024
)


@dataclass(frozen=True)
class DriverAnswer:
    """What a run of the driver left: its result, and the files of its tar by name.

    `environment` and `tree` among them are tars.

    `result` is empty, and `failure` says why, if the driver did not come to its end.
    """

    result: Mapping[str, Any]
    files: Mapping[str, bytes]
    failure: str | None = None


@cache
def inside(name: str) -> str:
    """The text of a module that runs inside."""
    return (INSIDE / name).read_text()


def drive(
    sandbox: Sandbox,
    order: Mapping[str, Any],
    parts: Mapping[str, bytes],
    *,
    readable: Sequence[str] = (),
    seconds: float,
    memory: int = LIMITS.memory,
) -> DriverAnswer:
    """Run the driver with an order and tars; never raises for what foreign code does.

    Raises PipelineError under a tier without a file system and processes of its own.
    """
    if sandbox.tier not in TIERS:
        raise PipelineError(
            f"projects cannot be tested under {sandbox.tier}: install {' or '.join(TIERS)}"
        )
    tools = {name: inside(name) for name in TOOL_FILES} | dict(order.get("tools", {}))
    sizes = {name: len(content) for name, content in parts.items()}
    text = json.dumps({**order, "tools": tools, "parts": sizes}).encode()
    limits = replace(LIMITS, wall=seconds, cpu=int(seconds) * 4, memory=memory)
    argv = [interpreter().binary, "-I", "-c", inside("driver.py"), str(len(text))]
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout:
        stdin.write(text)
        for content in parts.values():
            stdin.write(content)
        stdin.seek(0)
        done = sandbox.command(
            argv, limits=limits, readable=readable, stdin=stdin.fileno(), stdout=stdout.fileno()
        )
        if os.fstat(stdout.fileno()).st_size > MAX_ANSWER_BYTES:
            return DriverAnswer({}, {}, "the answer is too large")
        stdout.seek(0)
        result, files = _read(stdout)
    if result is None:
        return DriverAnswer({}, files, done.ending.limit or f"exit {done.ending.exit_code}")
    return DriverAnswer(result, files)


def _read(stream: BinaryIO) -> tuple[dict[str, Any] | None, dict[str, bytes]]:
    """The result and the files of an answer; None for a result that is cut or no JSON object."""
    files: dict[str, bytes] = {}
    result = None
    try:
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if member.name == "result.json" and content and member.size < MAX_RESULT_BYTES:
                    result = json.load(content)
                elif content:
                    files[member.name] = content.read()
    except (tarfile.TarError, OSError, ValueError, RecursionError, EOFError):
        return None, {}
    return (result if isinstance(result, dict) else None), files
