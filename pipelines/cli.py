"""The command line: one parser, `@FILE` arguments, and the exit codes."""

import argparse
import importlib
import locale
import os
import re
import sys
from typing import Any, NoReturn

from pipelines import COMMANDS, Command
from pipelines.running import interruption, process_costs
from pipelines.running.arguments import read_arguments
from pipelines.running.exhaustion import exhausted
from pipelines.running.flags import positive_number
from pipelines.running.quick_imports import no_garbage, use_arrow_alone, use_one_thread
from pipelines.running.terminal import one_line, printed_streams
from transforms.lib import VERSION
from transforms.lib.errors import PipelineError, Submitted, UsageError
from transforms.lib.redaction import redacted

DESCRIPTION = """quire: training data for code models, from public Python to SQL.

Each stage reads datasets under DATA and writes datasets under DATA, as Parquet."""
EPILOG = """examples:
  quire build ./data                 a small corpus of real releases, from nothing
  quire sql ./data funnel            where every file went
  quire COMMAND --help               the flags of a command, with examples

@FILE stands for further arguments, one a line (# for comments), but for sql: there for a
query. Flags that quire does not know go to Apache Beam (--runner=...).

exit codes: 0 done, 1 the pipeline failed, 2 usage, 3 too many rejects or no files,
4 contamination found, 5 verification of outputs failed, 6 the score is below --fail-under,
130 interrupted"""
EMPTY = "{} is empty (a variable that is not set?)"
# The options that every stage has, beside its own.
SHARED = {"command", "data", "run", "beam_flags", "renew"} | {
    *("resume", "overwrite", "workers", "limit", "dry_run")
}
MAY_BE_EMPTY = ("fields", "id", "mix")  # whose default is empty
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how Python passes bytes that are not


class Parser(argparse.ArgumentParser):
    """argparse with one line for an error."""

    def error(self, message: str) -> NoReturn:
        """Raises UsageError, in place of printing the usage and exiting."""
        raise UsageError(f"{message}; see {self.prog} --help")


def make_parser(chosen: str | None = None) -> Parser:
    """The parser of the command line.

    Only the module of the `chosen` command is loaded: the others are listed without it.
    """
    raw = argparse.RawDescriptionHelpFormatter
    parser = Parser(
        prog="quire",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=raw,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"quire {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        module = load(command.name) if command.name == chosen else None
        sub = commands.add_parser(
            command.name,
            help=command.help,
            description=command.help,
            epilog=module and module.EPILOG,
            formatter_class=raw,
            allow_abbrev=False,
        )
        if module:
            _add_arguments(sub, command, module)
    return parser


def _add_arguments(parser: argparse.ArgumentParser, command: Command, module: Any) -> None:
    """DATA, the flags of the command, and those that all pipelines have."""
    parser.set_defaults(run=module.run)
    if command.kind != "samples":
        parser.add_argument("data", metavar="DATA", help="folder or URL that holds the datasets")
    module.add_arguments(parser)
    if command.is_stage or command.name in ("build", "evaluate"):
        _add_common(parser)


def load(name: str) -> Any:
    """The module of a command."""
    with no_garbage():
        use_arrow_alone()
        return importlib.import_module(f"pipelines.{name}")


def defaults(name: str) -> dict[str, Any]:
    """What the options of a stage are where no flag is given."""
    parser = Parser(prog=name, add_help=False)
    load(name).add_arguments(parser)
    return vars(parser.parse_args([]))


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--resume", action="store_true", help="finish what an earlier run began")
    parser.add_argument("--overwrite", action="store_true", help="start anew over existing data")
    parser.add_argument(
        "--workers", type=positive_number, metavar="N", help="processes (default: cores)"
    )
    parser.add_argument(
        "--limit", type=positive_number, metavar="N", help="only the first N units of work"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")
    parser.set_defaults(renew=False)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The options of a command. Raises UsageError for what neither quire nor Beam knows."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _refuse_unreadable(arguments)
    arguments = read_arguments(arguments)
    names = {command.name for command in COMMANDS}
    chosen = next((argument for argument in arguments if argument in names), None)
    options, unknown = make_parser(chosen).parse_known_args(arguments)
    for name in {"source", "question"} & vars(
        options
    ).keys():  # argparse: up to the first flag only
        late = [argument for argument in unknown if not argument.startswith("-")]
        setattr(options, name, [*getattr(options, name), *late])
        unknown = [argument for argument in unknown if argument.startswith("-")]
    _refuse_empty(options, arguments)
    for folder in (getattr(options, name, None) for name in ("data", "other")):
        if folder:
            _refuse_no_folder(folder)
    options.beam_flags = beam_flags(unknown) if unknown else []
    return options


def _refuse_unreadable(arguments: list[str]) -> None:
    """Raises UsageError for an argument that is empty or not UTF-8."""
    for argument in arguments:
        if not argument:
            raise UsageError(EMPTY.format("an argument"))
        if NOT_UTF8.search(argument):
            raise UsageError(f"argument {argument!r}: not UTF-8")


def _refuse_empty(options: argparse.Namespace, arguments: list[str]) -> None:
    """Raises UsageError for a flag of quire that is given nothing, such as `--files=`."""
    for name, value in vars(options).items():
        if "" in (value if isinstance(value, list) else [value]) and name not in MAY_BE_EMPTY:
            flags = [argument for argument in arguments if argument.endswith("=")]
            raise UsageError(EMPTY.format(*flags or ["an argument"]))


def _refuse_no_folder(data: str) -> None:
    """Raises UsageError if DATA can be no folder: a file, a link to nothing, an unknown URL."""
    from transforms.lib.skeleton.storage import Storage, is_url  # no help needs it

    if not is_url(data):
        if os.path.lexists(data) and not os.path.isdir(data):
            raise UsageError(f"{data}: a file, or a link to nothing; DATA is a folder")
        return
    try:
        _, path = Storage(data).filesystem()
    except (ImportError, OSError, ValueError) as error:
        line = str(error).splitlines()[0]
        raise UsageError(f"{data}: not a URL that quire can read or write ({line})") from error
    if not path:
        raise UsageError(f"{data}: names no bucket")


def beam_flags(unknown: list[str]) -> list[str]:
    """The flags for Beam. Raises UsageError for what Beam does not know either."""
    known, rest = beam_parser().parse_known_args(unknown)
    if rest and known.runner != "PortableRunner":  # a job server has flags of its own
        raise UsageError(f"unknown argument {rest[0]!r}; see quire --help")
    return unknown


def beam_parser() -> Parser:
    """A parser of all flags that Beam knows."""
    from apache_beam.options.pipeline_options import PipelineOptions  # takes a second

    parser = Parser(prog="quire", add_help=False, allow_abbrev=False)
    for options in PipelineOptions.__subclasses__():
        if hasattr(options, "_add_argparse_args"):
            options._add_argparse_args(parser)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code. Without arguments it is this process that ends."""
    if arguments is not None:
        process_costs.begin()
        return _printed(arguments)
    _use_utf8()
    interruption.listen()
    interruption.begin()
    use_one_thread()
    code = _printed(None)
    interruption.over()
    if code in (1, interruption.CODE):  # a thread that never ends would be waited for
        interruption.leave(code)
    return code


def _use_utf8() -> None:
    """Start anew in UTF-8 mode where the locale has another encoding for names of files.

    What is printed stays in the encoding of the locale. Arrow takes every name for UTF-8.
    """
    if sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.environ.setdefault("PYTHONIOENCODING", f"{locale.getencoding()}:backslashreplace")
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _printed(arguments: list[str] | None) -> int:
    """Run one command with streams that can print everything; returns its exit code."""
    with printed_streams():
        try:
            code = _run(arguments)
        except SystemExit as end:  # of --help and --version
            raise SystemExit(_written(int(end.code or 0))) from None
        return _written(code)


def _run(arguments: list[str] | None) -> int:
    """The exit code of a command; every error that is the user's or the machine's is one line."""
    try:
        with interruption.undisguised():
            options = parse(arguments)
            interruption.say(_after_interruption(options))
            if arguments is None and options.command == "sql" and options.question:
                interruption.watch()
            code: int = options.run(options)
            return code
    except Submitted as job:
        print(job)
        return 0
    except UsageError as error:
        return _fail(2, str(error))
    except PipelineError as error:
        return _fail(1, str(error))
    except KeyboardInterrupt:
        interruption.over()
        return _fail(interruption.CODE, interruption.line())
    except BrokenPipeError:  # `quire sql … | head`
        return 0
    except MemoryError as error:
        return _fail(1, exhausted(error))
    except OSError as error:
        return _fail(1, str(error))
    except (RuntimeError, ImportError) as error:
        if limit := exhausted(error):
            return _fail(1, limit)
        raise


def _after_interruption(options: argparse.Namespace) -> str:
    """How to go on after an interruption: evaluate without DATA leaves nothing to go on with."""
    if "resume" in options and vars(options).get("data", options.command):
        return "interrupted; what is committed stays, --resume goes on"
    return "interrupted; run it again"


def _written(code: int) -> int:
    """The exit code when all that was printed is written: 1 in place of 0 if it cannot be."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return code
    except OSError as error:
        return code or _fail(1, str(error))
    return code


def _fail(code: int, line: str) -> int:
    print(f"quire: {one_line(redacted(line))}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
