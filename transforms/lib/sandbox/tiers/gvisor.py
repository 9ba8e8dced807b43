"""Tier 3, only when asked for by name: gVisor's `runsc`, a machine of its own for each process.

Against faults of the host's kernel, which the other tiers share: system calls end in gVisor's own.
It takes some 0.2 s of CPU for each process, so nothing takes it unasked. Files go to the memory of
the machine, without a limit but that on each; and a machine cannot count processes.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from transforms.lib.sandbox.harness import Lost, Report
from transforms.lib.sandbox.inside.confinement import COMMAND, Setting
from transforms.lib.sandbox.interpreter import interpreter
from transforms.lib.sandbox.shipment import FLAGS, GUEST, shipment
from transforms.lib.sandbox.syscalls import command_filter, program_filter
from transforms.lib.sandbox.tiers.needs import Needs

NAME = "gvisor"
INSTALL = "apt-get install runsc"
UID = 65534  # nobody
FOLDER, TASK, ORDER = "/sandbox", "/task", "/order"
SIGNALLED = 128  # an exit code above it means a signal
KILL_SECONDS = 30
# ptrace works everywhere (the KVM platform hangs on some virtual machines: ci_tracing.md).
OPTIONS = ("--network=none", "--platform=ptrace", "--ignore-cgroups")
KILLED = (-signal.SIGKILL, -signal.SIGXCPU)
NAMESPACES = ("pid", "network", "ipc", "uts", "mount")


class Machines:
    """Starts a machine for each process of a run."""

    tier = NAME

    def __init__(self, needs: Needs) -> None:
        binary = shutil.which("runsc")
        if binary is None:
            raise Lost("runsc is not installed")
        self._needs = needs
        self._folder = tempfile.TemporaryDirectory(prefix="quire-gvisor-")
        rootless = ["--rootless"] if os.getuid() else []
        self._runsc = [binary, *rootless, *OPTIONS, "--root", f"{self._folder.name}/state"]
        self._running: list[tuple[Path, subprocess.Popen]] = []
        self._begin, self._limits = 0.0, {"wall": 0.0, "cpu": 0.0}

    def send(self, roles: Sequence[str], descriptors: Sequence[int], limits: dict) -> None:
        """Begin a run."""
        self._begin, self._limits = time.monotonic(), limits
        for number, role in enumerate(roles):
            order, results, given, output = descriptors[4 * number :][:4]
            content = os.pread(order, os.fstat(order).st_size, 0)
            bundle = self._bundle(content, role, limits)
            # Attached, it takes its machine along when it dies; and it dies with this process.
            command = ["setpriv", "--pdeathsig", "KILL", *self._runsc, "run"]
            process = subprocess.Popen(
                [*command, "--bundle", str(bundle), bundle.name],
                stdin=given,
                stdout=output,
                stderr=results,
                env={"PATH": os.defpath},
                start_new_session=True,
            )
            self._running.append((bundle, process))

    def receive(self) -> Report:
        """Wait for the run to end."""
        hit = ""
        try:
            left = self._begin + self._limits["wall"] - time.monotonic()
            self._running[0][1].wait(max(0, left))
        except subprocess.TimeoutExpired:
            hit = "wall"
        ends = self._end_all()
        return Report(hit, time.monotonic() - self._begin, ends)

    def _end_all(self) -> list[tuple[int, float]]:
        running, self._running = self._running, []
        return [self._end(bundle, process) for bundle, process in running]

    def _end(self, bundle: Path, process: subprocess.Popen) -> tuple[int, float]:
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
        if by_itself and code in KILLED:  # by the limit on CPU, of which little is seen here
            cpu = max(cpu, self._limits["cpu"])
        return code, cpu

    def _call(self, *arguments: str) -> None:
        subprocess.run([*self._runsc, *arguments], capture_output=True, env={"PATH": os.defpath})

    def _bundle(self, order: bytes, role: str, limits: dict) -> Path:
        """A folder with what a machine is made of; nothing in it outlives the run."""
        bundle = Path(tempfile.mkdtemp(dir=self._folder.name))
        own = self._needs.kind == COMMAND
        filter_ = command_filter(True, True) if own else program_filter()
        setting = Setting(
            self._needs.kind, UID, filter_, FOLDER, self._needs.directory, self._needs.path
        )
        (bundle / "root").mkdir()
        (bundle / "order").write_bytes(order)
        (bundle / "task").write_bytes(shipment(GUEST, ORDER, role, limits, asdict(setting)))
        (bundle / "config.json").write_text(json.dumps(self._machine(bundle)))
        for each in (bundle.parent, bundle, bundle / "order", bundle / "task"):
            each.chmod(0o755)
        return bundle

    def _machine(self, bundle: Path) -> dict[str, Any]:
        """The configuration of a machine, after the OCI's runtime specification."""
        python = interpreter()
        places = {
            place: os.path.realpath(place)
            for place in (python.binary, python.library, *python.shared, *self._needs.read())
        }
        places |= {TASK: str(bundle / "task"), ORDER: str(bundle / "order")}
        variables = self._needs.environment(FOLDER)
        empty = (*python.packages, FOLDER)
        return {
            "ociVersion": "1.0.2",
            "root": {"path": "root", "readonly": True},
            "hostname": "sandbox",
            "process": {
                "user": {"uid": UID, "gid": UID},
                "args": [python.binary, *FLAGS, TASK],
                "env": [f"{name}={value}" for name, value in variables.items()],
                "cwd": "/",
                "noNewPrivileges": True,
                "capabilities": {},
            },
            "mounts": [
                *(
                    {"destination": at, "type": "bind", "source": place, "options": ["ro"]}
                    for at, place in places.items()
                    if os.path.exists(place)
                ),
                *({"destination": at, "type": "tmpfs", "options": ["mode=0777"]} for at in empty),
            ],
            "linux": {"namespaces": [{"type": each} for each in NAMESPACES]},
        }

    def close(self) -> None:
        """End what runs, and remove the folder."""
        self._end_all()
        self._folder.cleanup()


def start(needs: Needs) -> Machines:
    """What starts machines; Lost if `runsc` is not there."""
    return Machines(needs)
