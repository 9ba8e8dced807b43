"""The sandbox: runs code that nobody trusts, and tells what came of it.

    with Sandbox() as sandbox:
        got = sandbox.calls(program, "Solution().twoSum", [([2, 7, 11], 9), ([3, 3], 6)])
        got.outcomes == (Returned([0, 1]), Returned([0, 1]))
        sandbox.check(program, "add", "def check(candidate): assert candidate(1, 2) == 3").passed
        sandbox.stdio("print(int(input()) * 2)", "21\n").stdout == "42\n"
        sandbox.command(["python", "-m", "pytest"], tree, environment=venv).ending.exit_code

`Sandbox` is opened once per worker process (a DoFn's `setup`) and runs programs by the hundred a
second, each in a fresh process. It is for one thread. How it works: a fork server under a *tier*
of confinement (`tiers/`), which starts a process for each run (`inside/`).

- `calls`: what was expected stays outside; outcomes are compared with it there. An entry
  point is an expression over the program's names, so a driver may be added to the program's text
  (a class of operations, a list of nodes): it has no more power there than the program itself.
- `check`: only where there is nothing but the text of a check. It runs in one process, the
  candidate in another, and only data crosses.
- Values are built-in data (`codec`): None, bool, int, float, complex, str, bytes, bytearray, list,
  tuple, dict, set, frozenset, range, date, time, datetime, timedelta, Decimal, Fraction. What else
  a call returns is `Opaque`; what else goes in raises NotData. An instance of a subclass crosses
  as the built-in value it holds.
- Each answer has an `ending` with the tier that ran, the limit that was hit (`limits.HIT`), the
  exit code and the time. Only `seconds` and `cpu` differ from run to run. A run that hit a limit
  has not passed, whatever its outcomes.
- A failure of the sandbox itself is an ending without exit code; the next run starts it anew.
- Where no tier works, `Sandbox()` and `probe()` raise PipelineError (exit 1) with what to install.
"""

from transforms.lib.sandbox.codec import NotData
from transforms.lib.sandbox.limits import COMMAND, HIT, PROGRAM, Limits
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
    "COMMAND",
    "HIT",
    "PROGRAM",
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
    """The tier that runs foreign code here: the strongest that works, or the one asked for."""
    with Sandbox(tier) as sandbox:
        return sandbox.tier
