"""The sandbox: runs code that nobody trusts, and returns what it did as plain data.

    with Sandbox() as sandbox:
        result = sandbox.calls(program, "Solution().twoSum", [([2, 7, 11], 9), ([3, 3], 6)])
        result.outcomes == (Returned([0, 1]), Returned([0, 1]))
        sandbox.check(program, "add", "def check(candidate): assert candidate(1, 2) == 3").passed
        sandbox.stdio("print(int(input()) * 2)", "21\n").stdout == "42\n"
        sandbox.command(["python", "-m", "pytest"], tree, environment=venv).ending.exit_code

Open a `Sandbox` once per worker process (in a DoFn's `setup`); it runs some hundred programs a
second, each in a fresh process, and is for one thread. A fork server runs under a *tier* of
confinement (`tiers/`) and starts the processes of each run (`inside/`). README.md in this folder
says what is promised and what is not.

- `calls`: the expected results stay outside, where they are compared with the outcomes. An entry
  point is an expression over the program's names, so a driver may be appended to the program's
  text (a class of operations, a list of nodes): it can do no more there than the program itself.
- `check`: for problems that have nothing but the text of a check. The check runs in one process,
  the candidate in another, and only data crosses between them.
- Values are built-in data (`codec`): None, bool, int, float, complex, str, bytes, bytearray, list,
  tuple, dict, set, frozenset, range, date, time, datetime, timedelta, Decimal, Fraction. A call
  that returns anything else has the outcome `Opaque`; an argument that is anything else raises
  NotData. An instance of a subclass crosses as the built-in value that it holds.
- Each result has an `ending` with the tier that ran, the limit that was hit (of `LIMIT_NAMES`), the
  exit code and the time. Only `seconds` and `cpu` differ from run to run. A run that hit a limit
  has not passed, whatever its outcomes are.
- If the sandbox itself fails, the ending has no exit code; the next run starts the sandbox anew.
- Where no tier works, `Sandbox()` and `probe()` raise PipelineError (exit 1) with what to install.
"""

from transforms.lib.sandbox.codec import NotData
from transforms.lib.sandbox.limits import COMMAND_LIMITS, LIMIT_NAMES, PROGRAM_LIMITS, Limits
from transforms.lib.sandbox.outcomes import (
    Calls,
    Checked,
    Ending,
    Finished,
    Opaque,
    Outcome,
    Printed,
    Raised,
    Returned,
)
from transforms.lib.sandbox.session import Sandbox

__all__ = [
    "COMMAND_LIMITS",
    "LIMIT_NAMES",
    "PROGRAM_LIMITS",
    "Calls",
    "Checked",
    "Ending",
    "Finished",
    "Limits",
    "NotData",
    "Opaque",
    "Outcome",
    "Printed",
    "Raised",
    "Returned",
    "Sandbox",
    "probe",
]


def probe(tier: str | None = None) -> str:
    """The name of the strongest tier that works here, or of the requested one if it works.

    Raises PipelineError if it does not, and UsageError for an unknown name.
    """
    with Sandbox(tier) as sandbox:
        return sandbox.tier
