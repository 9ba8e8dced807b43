"""A sandbox: one worker's way to run code that nobody trusts, one run after another."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, Self

from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.sandbox.codec import encode
from transforms.lib.sandbox.inside.confinement import COMMAND as COMMANDS
from transforms.lib.sandbox.inside.confinement import PROGRAM as PROGRAMS
from transforms.lib.sandbox.limits import COMMAND, PROGRAM, Limits
from transforms.lib.sandbox.outcomes import Calls, Checked, Finished, Printed, Raised, Returned
from transforms.lib.sandbox.results import message, outcome, told
from transforms.lib.sandbox.runs import Role, Runs
from transforms.lib.sandbox.shipment import memory_file
from transforms.lib.sandbox.tiers.needs import Needs

# What a tier must refuse before it is trusted; the rest of its promises are the tests'.
CANARY = """
import os, socket
ATTEMPTS = {
    "fork": lambda place: os.fork(),
    "socket": lambda place: socket.socket(),
    "setuid": lambda place: os.setuid(0),
    "write": lambda place: open(place, "w"),
    "read": lambda place: open(place),
    "list": os.listdir,
}
def is_refused(attempt, place):
    try:
        ATTEMPTS[attempt](place)
    except OSError:
        return True
    return False
"""


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
        needs = Needs(PROGRAMS, folders, directory, hash_seed, time_zone)
        self._runs = Runs(needs, tier)
        self.tier = self._runs.tier
        self._test(folders)

    def _test(self, libraries: Sequence[str]) -> None:
        attempts = [
            ("fork", ""),
            ("socket", ""),
            ("setuid", ""),
            ("write", "/quire-was-here"),
            ("read", "/etc/passwd"),
            ("read", f"/proc/{os.getpid()}/environ"),
        ]
        reading = [("list", place) for place in libraries]
        answer = self.calls(CANARY, "is_refused", attempts + reading)
        refused, read = answer.outcomes[: len(attempts)], answer.outcomes[len(attempts) :]
        if refused == (Returned(True),) * len(attempts) and Returned(True) not in read:
            return
        self.close()
        if Returned(True) in read:
            place = libraries[read.index(Returned(True))]
            raise UsageError(f"{place}: the sandbox's user cannot read it")
        raise PipelineError(f"no sandbox: {self.tier} does not hold here ({answer})")

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
        end, (results,) = self._runs.run([Role("calls", order)], limits)
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
        roles = (
            Role("check", [encode((check, prelude, entry_point, objects))]),
            Role("candidate", [encode((program, entry_point, objects))]),
        )
        end, (checked, candidate) = self._runs.run(roles, limits, linked=True)
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
            end, (results,) = self._runs.run([role], limits)
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

        The tree must be readable for all where quire is root, for the sandbox's user is not.
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
        with closing(Runs(needs, self.tier)) as runs, memory_file() as output:
            end, (results,) = runs.run([Role("command", [order], output=output)], limits)
            failed = [outcome(message(body)) for body in results if end.exit_code]
            return Finished(end, os.pread(output, limits.output, 0), *failed[:1])

    def close(self) -> None:
        """End the server; nothing of it stays."""
        self._runs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
