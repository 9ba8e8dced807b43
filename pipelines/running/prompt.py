"""A prompt for queries: lines are edited and kept in a history, and an error does not end it."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipelines.running import interruption
from pipelines.running.terminal import one_line
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.redaction import redacted

FIRST, FURTHER = "quire> ", "  ...> "
HISTORY_LINES = 1000
HISTORY = "quire/sql_history"  # below the folder for states of the XDG specification
# What ends a name that Tab completes; `.` does not, for commands begin with it.
BREAKS = " \t\n,;()=<>'\"*+|"
HELP = """A query ends with ; and may have several lines. A query that ships is asked by its name.
  .tables          the datasets that are here, with their rows
  .describe NAME   the columns of a dataset
  .queries         the queries that ship
  .help            this
  .quit            leave, as Ctrl-D does
Ctrl-C abandons a line or a query, Tab completes names."""

LEAVE = (".quit", ".exit", "quit", "exit")

Action = Callable[[str], None]  # what to do with the rest of a line, or with a query


@dataclass
class QueryPrompt:
    """Reads lines from a terminal until it ends, and passes on what they ask.

    - `ask`: answers a text that ends with `;`, or the name of a query with its arguments.
    - `is_whole`: whether a text of SQL ends with `;`, which is in no string or comment.
    - `is_named`: whether a line begins with the name of a query.
    - `commands`: what begins with a dot, such as `.tables`.
    - `names`: what Tab completes.
    - `end_work`: ends a query that is being answered, for Ctrl-C.
    """

    ask: Action
    is_whole: Callable[[str], bool]
    is_named: Callable[[str], bool]
    commands: Mapping[str, Action]
    names: Iterable[str]
    end_work: Callable[[], object]
    _lines: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Read and answer until the end of the input or `.quit`."""
        with interruption.one_at_a_time(self.end_work), _edited_lines(sorted(self.names)):
            print("Ask in SQL that ends with a semicolon; .help tells more", flush=True)
            while True:
                try:
                    line = input(FURTHER if self._lines else FIRST)
                    if line.strip() in LEAVE:
                        return
                    self._take(line)
                except EOFError:
                    print()
                    return
                except KeyboardInterrupt:
                    self._lines.clear()
                    print()
                except (UsageError, PipelineError, OSError) as error:
                    print(f"quire: {one_line(redacted(str(error)))}", file=sys.stderr)

    def _take(self, line: str) -> None:
        """Do what a line asks, if it asks anything already."""
        if not self._lines and not line.strip():
            return
        if not self._lines and (line.startswith(".") or line.strip() == "help"):
            self._command(line)
        elif not self._lines and self.is_named(line):
            self.ask(line.strip().removesuffix(";"))
        else:
            self._lines.append(line)
            text = "\n".join(self._lines)
            if self.is_whole(text):
                self._lines.clear()
                self.ask(text)

    def _command(self, line: str) -> None:
        name, _, rest = line.strip().partition(" ")
        if name in (".help", "help"):
            print(HELP)
        elif name in self.commands:
            self.commands[name](rest.strip().removesuffix(";"))
        else:
            raise UsageError(f"no command {name}; see .help")


@contextlib.contextmanager
def _edited_lines(names: list[str]) -> Iterator[None]:
    """Have `input` edit lines, complete names, and keep a history, where Python has readline."""
    try:
        import readline
    except ImportError:
        yield
        return

    def complete(text: str, number: int) -> str | None:
        found = [name for name in names if name.startswith(text)] if text else []
        return found[number] if number < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims(BREAKS)
    readline.parse_and_bind("tab: complete")
    readline.set_history_length(HISTORY_LINES)
    path = history_file()
    with contextlib.suppress(OSError):
        readline.read_history_file(path)
    before = readline.get_current_history_length()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # a history is worth no error
            _open_to_this_user(path)
            new = readline.get_current_history_length() - before
            readline.append_history_file(max(0, new), path)
            os.chmod(path, 0o600)
        readline.set_completer(None)


def history_file() -> str:
    """The file of the history, below XDG_STATE_HOME or ~/.local/state."""
    state = os.environ.get("XDG_STATE_HOME", "")
    folder = state if os.path.isabs(state) else os.path.expanduser("~/.local/state")
    return os.path.join(folder, HISTORY)


def _open_to_this_user(path: str) -> None:
    """Make the file, if it is not there, which nobody else may read."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
