"""The sandbox as callers use it: runs of untrusted programs and commands, one after another."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Self

from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.sandbox.codec import encode
from transforms.lib.sandbox.inside.confinement import COMMAND_KIND, PROGRAM_KIND
from transforms.lib.sandbox.interpreter import interpreter
from transforms.lib.sandbox.limits import COMMAND_LIMITS, PROGRAM_LIMITS, TIME_LIMITS, Limits
from transforms.lib.sandbox.messages import (
    read_message,
    read_outcome,
    read_tests,
    with_raised_limit,
)
from transforms.lib.sandbox.outcomes import (
    Calls,
    Checked,
    Finished,
    Outcome,
    Printed,
    Raised,
    Returned,
)
from transforms.lib.sandbox.runs import Role, Runs
from transforms.lib.sandbox.shipment import memory_file
from transforms.lib.sandbox.tiers.needs import SandboxNeeds

# What a tier must refuse here before it is used. The tests try everything else that it promises.
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


# Words of a check that redirects a stream, by the stream.
STREAM_WORDS = {"stdout": ("stdout",), "stdin": ("stdin", "input")}


def shared_streams(check: str) -> tuple[str, ...]:
    """The streams that a candidate shares with a check of this text."""
    return tuple(
        name for name, words in STREAM_WORDS.items() if any(word in check for word in words)
    )


class Sandbox:
    """A fork server under a tier of confinement: a context manager, for one thread.

    `tier` is the name of a tier; without it the strongest that works here is used. `libraries` are
    folders, or zips of modules, to import from after the standard library. The other parameters are
    what a program may come to depend on, so that a verifier can vary it: the seed of hashes, the
    time zone (`TZ`), and the folder that a run begins in, below the one it may write in.

    Raises PipelineError if no tier works here, UsageError for an unknown tier and for libraries
    that the sandbox's user cannot read.
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
        places = tuple(map(os.path.abspath, libraries))
        needs = SandboxNeeds(PROGRAM_KIND, places, directory, hash_seed, time_zone)
        self._runs = Runs(needs, tier)
        self.tier = self._runs.tier
        self._places = (*places, interpreter().library)
        self._test_tier(places)

    def _outcome(self, message: Any) -> Outcome:
        """The outcome in a message, which does not say where a library lies on this machine."""
        outcome = read_outcome(message)
        if isinstance(outcome, Raised):
            for place in self._places:
                text = outcome.message.replace(place, os.path.basename(place))
                outcome = replace(outcome, message=text)
        return outcome

    def _test_tier(self, libraries: Sequence[str]) -> None:
        attempts = [
            ("fork", ""),
            ("socket", ""),
            ("setuid", ""),
            ("write", "/quire-was-here"),
            ("read", "/etc/passwd"),
            ("read", f"/proc/{os.getpid()}/environ"),
        ]
        reading = [("read" if os.path.isfile(place) else "list", place) for place in libraries]
        answer = self.calls(CANARY, "is_refused", attempts + reading)
        refused, read = answer.outcomes[: len(attempts)], answer.outcomes[len(attempts) :]
        if refused == (Returned(True),) * len(attempts) and Returned(True) not in read:
            return
        self.close()
        if Returned(True) in read:
            place = libraries[read.index(Returned(True))]
            raise UsageError(f"{place}: the sandbox's user cannot read it")
        pairs = zip(attempts, refused, strict=False)
        allowed = [name for (name, _), outcome in pairs if outcome != Returned(True)]
        if not allowed:
            reason = answer.failed or answer.ending
            raise PipelineError(f"no sandbox: under {self.tier} a test program failed ({reason})")
        raise PipelineError(
            f"no sandbox: {self.tier} let a test program do what it must not "
            f"({', '.join(allowed)}); install another tier"
        )

    def calls(
        self,
        program: str,
        entry_point: str,
        arguments: Iterable[tuple | dict[str, Any]],
        limits: Limits = PROGRAM_LIMITS,
        *,
        keep_arguments: bool = False,
    ) -> Calls:
        """Load a program, then call `entry_point` once for each of `arguments`.

        `entry_point` is an expression over the program's names. The arguments of a call are a
        tuple, or a dict of named ones; with `keep_arguments` an outcome has them as they are after
        the call. Raises NotData if an argument is not data.
        """
        order = [encode((program, entry_point, keep_arguments)), *map(encode, arguments)]
        end, (results,) = self._runs.run([Role("calls", order)], limits)
        # The first is about the program itself; more than were requested are forged.
        outcomes = [self._outcome(read_message(body)) for body in results[: len(order)]]
        failed = next((each for each in outcomes[:1] if isinstance(each, Raised)), None)
        return Calls(with_raised_limit(end, *outcomes), tuple(outcomes[1:]), failed)

    def check(
        self,
        program: str,
        entry_point: str,
        check: str,
        limits: Limits = PROGRAM_LIMITS,
        *,
        prelude: str = "",
        objects: bool = False,
        marked: bool = False,
    ) -> Checked:
        """Run the text of a `check(candidate)` on a program's `entry_point`, in two processes.

        `prelude` defines further names for the check (HumanEval's prompt does) and is trusted as
        much as the check is. Names that neither has defined are modules of the standard library, or
        functions of the program. Streams that the check names (`sys.stdout`, `input`) are shared
        with the program. `objects` says that the problem asks for a class, whose objects the check
        may use. `marked` says that the text marks its tests (`inside/marked_tests.py`): all of them
        are run and counted, and the first that fails decides.
        """
        head = encode((check, prelude, entry_point, objects))
        roles = (
            Role("check", [head, encode("marked")] if marked else [head]),
            Role("candidate", [encode((program, entry_point, objects, shared_streams(check)))]),
        )
        end, (checked, candidate) = self._runs.run(roles, limits, linked=True)
        tests = read_tests(checked.pop(0)) if marked and checked else None
        verdict = [read_message(body) for body in checked]
        if tests and tests.decided and verdict:  # what came later does not count
            end = replace(end, limit=None, exit_code=0)
        messages = (*map(read_message, candidate[:1]), *verdict)
        raised = [each for each in map(self._outcome, messages) if isinstance(each, Raised)]
        end = with_raised_limit(end, *raised)
        passed = verdict == [("passed",)] and end.limit is None and end.exit_code == 0
        # A check whose candidate was ended raises that no answer came: the limit is why.
        told = raised and end.limit not in TIME_LIMITS
        return Checked(end, passed, "" if passed else str(raised[0] if told else end), tests)

    def stdio(self, program: str, stdin: str, limits: Limits = PROGRAM_LIMITS) -> Printed:
        """Run a program as `__main__` with this standard input; its standard output is UTF-8."""
        with (
            memory_file(stdin.encode("utf-8", "surrogatepass")) as stdin_file,
            memory_file() as output,
        ):
            role = Role("stdio", [encode(program)], stdin_file, output)
            end, (results,) = self._runs.run([role], limits)
            stdout = os.pread(output, limits.output, 0).decode(errors="replace")
        match [read_message(body) for body in results[:1]]:
            case [("exited", int(code))]:
                return Printed(end, stdout, code)
            case [parts] if isinstance(failed := self._outcome(parts), Raised):
                return Printed(with_raised_limit(end, failed), stdout, failed=failed)
        return Printed(end, stdout)

    def command(
        self,
        argv: Sequence[str],
        tree: str | None = None,
        *,
        environment: str | None = None,
        variables: Mapping[str, str] | None = None,
        limits: Limits = COMMAND_LIMITS,
        readable: Sequence[str] = (),
        stdin: int | None = None,
        stdout: int | None = None,
    ) -> Finished:
        """Run a command in a copy of a project's tree, in a sandbox of its own without a network.

        `environment` is a virtual environment; it is visible read-only under its own path and comes
        first on PATH, before the programs of the system. `variables` are set besides. Where quire
        is root the tree must be readable for all, because the sandbox's user is not root. Without
        a tree the folder is empty. `readable` are further files, folders and sockets that can be
        used under their own paths. `stdin` and `stdout` are descriptors; without `stdout` what the
        command writes is returned.
        """
        folders = [os.path.abspath(folder) for folder in (tree, environment, *readable) if folder]
        needs = SandboxNeeds(COMMAND_KIND, tuple(folders))
        all_variables = {"PATH": "/usr/bin:/bin"} | dict(variables or {})
        if environment:
            own = os.path.join(os.path.abspath(environment), "bin")
            all_variables |= {"VIRTUAL_ENV": environment, "PATH": f"{own}:{all_variables['PATH']}"}
        order = encode((list(argv), all_variables, os.path.abspath(tree) if tree else ""))
        with closing(Runs(needs, self.tier)) as runs, memory_file() as output:
            role = Role("command", [order], stdin, output if stdout is None else stdout)
            end, (results,) = runs.run([role], limits)
            failed = [read_outcome(read_message(body)) for body in results if end.exit_code]
            written = os.pread(output, limits.output, 0)
            return Finished(end, written, *failed[:1])

    def close(self) -> None:
        """End the server and everything that it started."""
        self._runs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
