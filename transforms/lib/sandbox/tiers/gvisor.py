"""gVisor's `runsc`, a machine of its own per process; used only if requested by name.

Against faults of the host's kernel, which the other tiers share: system calls end in gVisor's own
kernel. Each process costs some 0.2 s of CPU, hence only on request. Files are kept in the memory
of the machine, where only the size of each is limited, and processes are not counted. Output
goes through a pipe, which is read up to the limit; results are looked at while they grow.
"""

import contextlib
import json
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from transforms.lib.sandbox.bounded_copy import BoundedCopy
from transforms.lib.sandbox.inside.confinement import COMMAND_KIND, Setting
from transforms.lib.sandbox.interpreter import interpreter
from transforms.lib.sandbox.limits import CPU_LIMIT_EXITS
from transforms.lib.sandbox.server_process import RunReport, SandboxLost
from transforms.lib.sandbox.shipment import GUEST_MODULES, PYTHON_FLAGS, shipment
from transforms.lib.sandbox.syscalls import command_filter, program_filter
from transforms.lib.sandbox.tiers.needs import NOBODY_UID, SANDBOX_FOLDER, SandboxNeeds

NAME = "gvisor"
INSTALL = "apt-get install runsc"
TASK, ORDER = "/task", "/order"  # files inside the machine
SIGNALLED = 128  # runsc exits with this plus the number of a signal
WATCH_SECONDS = 0.05  # after which the size of results is looked at again
KILL_SECONDS = 30  # for a machine to end after it was killed
# The platform `ptrace` works everywhere; `kvm` was seen to hang on some virtual machines.
RUNSC_OPTIONS = ("--network=none", "--platform=ptrace", "--ignore-cgroups")
MACHINE_NAMESPACES = ("pid", "network", "ipc", "uts", "mount")


class Machines:
    """A Starter that makes a machine for each process of a run."""

    tier = NAME

    def __init__(self, needs: SandboxNeeds) -> None:
        binary = shutil.which("runsc")
        if binary is None:
            raise SandboxLost("runsc is not installed")
        self._needs = needs
        self._folder = tempfile.TemporaryDirectory(prefix="quire-gvisor-")
        rootless = ["--rootless"] if os.getuid() else []
        self._runsc = [binary, *rootless, *RUNSC_OPTIONS, "--root", f"{self._folder.name}/state"]
        self._running: list[tuple[Path, subprocess.Popen]] = []
        self._copies: list[BoundedCopy] = []
        self._results: list[int] = []
        self._begin, self._limits = 0.0, {"wall": 0.0, "cpu": 0.0, "output": 0}

    def send(self, roles: Sequence[str], descriptors: Sequence[int], limits: dict) -> None:
        """Begin a run, as Starter says."""
        self._begin, self._limits = time.monotonic(), limits
        for number, role in enumerate(roles):
            order, results, input_, output = descriptors[4 * number :][:4]
            content = os.pread(order, os.fstat(order).st_size, 0)
            bundle = self._bundle(content, role, limits)
            copy = self._copy(output, bundle.name, limits)
            # `runsc run` is attached: it dies with this process, and its machine dies with it.
            command = ["setpriv", "--pdeathsig", "KILL", *self._runsc, "run"]
            process = subprocess.Popen(
                [*command, "--bundle", str(bundle), bundle.name],
                stdin=input_,
                stdout=copy.writer if copy else output,
                stderr=results,
                env={"PATH": os.defpath},
                start_new_session=True,
            )
            if copy:
                copy.close_writer()
                self._copies.append(copy)
            self._results.append(results)
            self._running.append((bundle, process))

    def _copy(self, file: int, machine: str, limits: dict) -> BoundedCopy | None:
        """What copies the output into its file; None for pipes and devices, which hold little."""
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        return BoundedCopy(file, limits["output"], lambda: self._call("kill", machine, "KILL"))

    def receive(self) -> RunReport:
        """Wait for the run to end; no machine of it is left when this returns."""
        hit = self._wait()
        ends = self._end_all()
        copies, self._copies = self._copies, []
        for copy in copies:
            copy.finish(KILL_SECONDS)
        self._results.clear()
        return RunReport(hit, time.monotonic() - self._begin, ends)

    def _wait(self) -> str:
        """Wait for the first process to end; returns the limit that was hit, or an empty text."""
        first = self._running[0][1]
        while first.poll() is None:
            left = self._begin + self._limits["wall"] - time.monotonic()
            if left <= 0:
                return "wall"
            if any(os.fstat(file).st_size > self._limits["output"] for file in self._results):
                return "output"
            with contextlib.suppress(subprocess.TimeoutExpired):
                first.wait(min(left, WATCH_SECONDS))
        return ""

    def _end_all(self) -> list[tuple[int, float]]:
        running, self._running = self._running, []
        return [self._end(bundle, process) for bundle, process in running]

    def _end(self, bundle: Path, process: subprocess.Popen) -> tuple[int, float]:
        """Remove a machine; the exit code of its process (minus a signal) and CPU seconds."""
        by_itself = process.poll() is not None
        if not by_itself:
            self._call("kill", bundle.name, "KILL")
        before = os.times()
        try:
            code = process.wait(KILL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        self._call("delete", "--force", bundle.name)
        shutil.rmtree(bundle)
        after = os.times()
        cpu = after.children_user + after.children_system
        cpu -= before.children_user + before.children_system
        code = SIGNALLED - code if code > SIGNALLED else code
        if by_itself and code in CPU_LIMIT_EXITS:  # this host sees little of the CPU time inside
            cpu = max(cpu, self._limits["cpu"])
        return code, cpu

    def _call(self, *arguments: str) -> None:
        subprocess.run([*self._runsc, *arguments], capture_output=True, env={"PATH": os.defpath})

    def _bundle(self, order: bytes, role: str, limits: dict) -> Path:
        """A new folder with everything that a machine is made of; it is removed after the run."""
        bundle = Path(tempfile.mkdtemp(dir=self._folder.name))
        is_command = self._needs.kind == COMMAND_KIND
        instructions = command_filter(True, True) if is_command else program_filter()
        setting = Setting(
            self._needs.kind,
            NOBODY_UID,
            instructions,
            SANDBOX_FOLDER,
            self._needs.directory,
            self._needs.path,
        )
        (bundle / "root").mkdir()
        (bundle / "order").write_bytes(order)
        (bundle / "task").write_bytes(shipment(GUEST_MODULES, ORDER, role, limits, asdict(setting)))
        (bundle / "config.json").write_text(json.dumps(self._machine(bundle)))
        for each in (bundle.parent, bundle, bundle / "order", bundle / "task"):
            each.chmod(0o755)
        return bundle

    def _machine(self, bundle: Path) -> dict[str, Any]:
        """The configuration of a machine, by the OCI's runtime specification."""
        python = interpreter()
        sources = {
            path: os.path.realpath(path)
            for path in (
                python.binary,
                python.library,
                *python.shared,
                *self._needs.readable_paths(),
            )
        }
        sources |= {TASK: str(bundle / "task"), ORDER: str(bundle / "order")}
        variables = self._needs.environment(SANDBOX_FOLDER)
        empty = (*python.packages, SANDBOX_FOLDER)
        return {
            "ociVersion": "1.0.2",
            "root": {"path": "root", "readonly": True},
            "hostname": "sandbox",
            "process": {
                "user": {"uid": NOBODY_UID, "gid": NOBODY_UID},
                "args": [python.binary, *PYTHON_FLAGS, TASK],
                "env": [f"{name}={value}" for name, value in variables.items()],
                "cwd": "/",
                "noNewPrivileges": True,
                "capabilities": {},
            },
            "mounts": [
                *(
                    {"destination": path, "type": "bind", "source": source, "options": ["ro"]}
                    for path, source in sources.items()
                    if os.path.exists(source)
                ),
                *(
                    {"destination": path, "type": "tmpfs", "options": ["mode=0777"]}
                    for path in empty
                ),
            ],
            "linux": {"namespaces": [{"type": each} for each in MACHINE_NAMESPACES]},
        }

    def close(self) -> None:
        """End the machines that run, and remove their folder."""
        self._end_all()
        self._folder.cleanup()


def start(needs: SandboxNeeds) -> Machines:
    """What starts machines; raises SandboxLost if `runsc` is not installed."""
    return Machines(needs)
