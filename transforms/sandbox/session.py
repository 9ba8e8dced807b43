"""A sandbox: one worker's way to run code that nobody trusts, one run after another."""

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from transforms.errors import PipelineError
from transforms.sandbox import tiers
from transforms.sandbox.codec import encode, frame, frames
from transforms.sandbox.harness import Harness, Lost, Report, memory_file
from transforms.sandbox.inside.confinement import COMMAND as COMMANDS
from transforms.sandbox.limits import COMMAND, PROGRAM, Limits
from transforms.sandbox.outcomes import Calls, Checked, Ending, Finished, Printed, Raised, Returned
from transforms.sandbox.results import ending, message, outcome, told
from transforms.sandbox.tiers.needs import Needs

# What a tier must refuse before it is trusted.
CANARY = """
import os, socket
PLACES = "/etc/hostname", "/etc/passwd", "/proc/1/environ", "/proc/self/status"
ATTEMPTS = {
    "fork": os.fork,
    "socket": socket.socket,
    "kill": lambda: os.kill(1, 0),
    "setuid": lambda: os.setuid(0),
    "write": lambda: open("/quire-was-here", "w"),
} | {place: lambda place=place: open(place) for place in PLACES}
def lets_through(name):
    try:
        ATTEMPTS[name]()
    except OSError:
        return False
    return True
"""
ATTEMPTS = ("fork", "socket", "kill", "setuid", "write", "/etc/hostname", "/etc/passwd",
            "/proc/1/environ", "/proc/self/status")  # fmt: skip


@dataclass(frozen=True)
class Role:
    """A process of a run: what it does, its order, and what it reads and writes."""

    name: str
    order: Sequence[bytes]
    given: int | None = None
    output: int | None = None


class Sandbox:
    """A fork server under a tier: a context manager, for one thread.

    `libraries` are folders to import from, after the standard library. The rest is what a program
    may come to depend on, so that a verifier can vary it: the seed of hashes, the time zone
    (`TZ`), and the folder that a run begins in, below the one it may write in.
    """

    def __init__(
        self,
        tier: str | None = None,
        *,
        libraries: Sequence[str] = (),
        hash_seed: int = 0,
        time_zone: str = "UTC",
        directory: str = "",
    ) -> None:
        folders = tuple(map(os.path.abspath, libraries))
        self._needs = Needs(folders=folders, directory=directory, hash_seed=hash_seed,
                            time_zone=time_zone)  # fmt: skip
        self._harness: Harness | None = tiers.start(self._needs, tier)
        self.tier = self._harness.tier
        self._test()

    def _test(self) -> None:
        answer = self.calls(CANARY, "lets_through", [(name,) for name in ATTEMPTS])
        found = [
            name
            for name, got in zip(ATTEMPTS, answer.outcomes, strict=False)
            if got != Returned(False)
        ]
        if found or len(answer.outcomes) < len(ATTEMPTS):
            self.close()
            raise PipelineError(f"{self.tier} does not hold here: {', '.join(found) or answer}")

    def calls(
        self,
        program: str,
        entry_point: str,
        arguments: Iterable[tuple | dict[str, Any]],
        limits: Limits = PROGRAM,
        *,
        keep_arguments: bool = False,
    ) -> Calls:
        """Load a program, then call `entry_point`, an expression of its names, again and again.

        `arguments` are tuples, or dicts of named ones. With `keep_arguments` an outcome has them
        as they are after the call. NotData if they are no data.
        """
        order = [encode((program, entry_point, keep_arguments)), *map(encode, arguments)]
        end, (results,) = self._run([Role("calls", order)], limits)
        given = [outcome(message(body)) for body in results[: len(order)]]
        failed = next((each for each in given[:1] if isinstance(each, Raised)), None)
        return Calls(told(end, *given), tuple(given[1:]), failed)

    def check(
        self,
        program: str,
        entry_point: str,
        check: str,
        limits: Limits = PROGRAM,
        *,
        prelude: str = "",
        objects: bool = False,
    ) -> Checked:
        """Run the text of a `check(candidate)` on a program's `entry_point`, in two processes.

        `prelude` is what the check needs of names besides (HumanEval's prompt); it is trusted as
        the check is. `objects`: the problem asks for a class, so that its objects may be used.
        """
        questions, answers = os.pipe(), os.pipe()
        roles = (
            Role(
                "check", [encode((check, prelude, entry_point, objects))], answers[0], questions[1]
            ),
            Role("candidate", [encode((program, entry_point, objects))], questions[0], answers[1]),
        )
        end, (checked, candidate) = self._run(roles, limits, (*questions, *answers))
        verdict = [message(body) for body in checked]
        told_of = [outcome(parts) for parts in (*map(message, candidate[:1]), *verdict)]
        raised = [each for each in told_of if isinstance(each, Raised)]
        end = told(end, *raised)
        passed = verdict == [("passed",)] and end.limit is None and end.exit_code == 0
        return Checked(end, passed, "" if passed else str(raised[0] if raised else end))

    def stdio(self, program: str, stdin: str, limits: Limits = PROGRAM) -> Printed:
        """Run a program as `__main__` with this standard input."""
        with memory_file(stdin.encode("utf-8", "surrogatepass")) as given, memory_file() as output:
            role = Role("stdio", [encode(program)], given, output)
            end, (results,) = self._run([role], limits)
            stdout = os.pread(output, limits.output, 0).decode(errors="replace")
        match [message(body) for body in results[:1]]:
            case [("exited", int(code))]:
                return Printed(end, stdout, code)
            case [parts] if isinstance(failed := outcome(parts), Raised):
                return Printed(told(end, failed), stdout, failed=failed)
        return Printed(end, stdout)

    def command(
        self,
        argv: Sequence[str],
        tree: str,
        *,
        environment: str | None = None,
        variables: Mapping[str, str] | None = None,
        limits: Limits = COMMAND,
    ) -> Finished:
        """Run a command in a copy of a project's tree, in a sandbox of its own.

        `environment`, a virtual environment, is there under its own path, read-only, and first on
        PATH; so are the system's programs, and the network is none.
        """
        folders = (os.path.abspath(place) for place in (tree, environment) if place)
        needs = Needs(COMMANDS, tuple(folders))
        names = {"PATH": "/usr/bin:/bin"} | dict(variables or {})
        if environment:
            own = os.path.join(os.path.abspath(environment), "bin")
            names |= {"VIRTUAL_ENV": environment, "PATH": f"{own}:{names['PATH']}"}
        order = encode((list(argv), names, os.path.abspath(tree)))
        with tiers.start(needs, self.tier) as harness, memory_file() as output:
            role = Role("command", [order], output=output)
            end, (results,) = self._run([role], limits, (), harness)
            failed = [outcome(message(body)) for body in results if end.exit_code]
            return Finished(end, os.pread(output, limits.output, 0), *failed[:1])

    def _run(
        self,
        roles: Sequence[Role],
        limits: Limits,
        pipes: Sequence[int] = (),
        harness: Harness | None = None,
    ) -> tuple[Ending, list[list[bytes]]]:
        """Run a process in each role: how it ended, and the results of each; closes `pipes`."""
        with contextlib.ExitStack() as files:
            null = files.enter_context(open(os.devnull, "r+b", buffering=0)).fileno()
            results = [files.enter_context(memory_file()) for _ in roles]
            descriptors = []
            for role, own in zip(roles, results, strict=True):
                order = files.enter_context(memory_file(b"".join(map(frame, role.order))))
                ends = (null if end is None else end for end in (role.given, role.output))
                descriptors += [order, own, *ends]
            names = [role.name for role in roles]
            report = self._report(names, descriptors, limits, pipes, harness)
            outputs = [role.output for role in roles if role.output is not None and not pipes]
            sizes = [os.fstat(each).st_size for each in (*results, *outputs)]
            found = [frames(os.pread(each, limits.output, 0)) for each in results]
        return ending(self.tier, report, sizes, limits), found

    def _report(
        self,
        names: Sequence[str],
        descriptors: Sequence[int],
        limits: Limits,
        pipes: Sequence[int],
        harness: Harness | None,
    ) -> Report | None:
        """What the server says of a run; None if it was lost, and is started anew next time."""
        try:
            if harness is None:
                self._harness = harness = self._harness or tiers.start(self._needs, self.tier)
            harness.send(names, descriptors, asdict(limits))
        except Lost:
            self._harness = None
            return None
        finally:  # or the processes would never see the end of one another
            for end in pipes:
                os.close(end)
        return self._received(harness)

    def _received(self, harness: Harness) -> Report | None:
        try:
            return harness.receive()
        except Lost:
            self._harness = None
            return None

    def close(self) -> None:
        """End the server; nothing of it stays."""
        if self._harness:
            self._harness.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
