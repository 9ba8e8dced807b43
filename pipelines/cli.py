"""The command line: one parser, `@FILE` arguments, and the exit codes of the table."""

import argparse
import os
import sys
from importlib import import_module

from apache_beam.options.pipeline_options import PipelineOptions

from transforms.errors import UsageError

STAGES = ("crawl", "corpus")  # in the order in which `build` runs them
COMMANDS = ("build", *STAGES, "check", "sql")
DESCRIPTION = """quire: training data for code models, from public Python to SQL.

Each stage reads datasets under DATA and writes datasets under DATA, as Parquet."""
EPILOG = """@FILE stands for further arguments, one a line (# for comments); flags that quire does
not know go to Apache Beam (--runner=...).

exit codes: 0 done, 1 the pipeline failed, 2 usage, 3 more rejects than tolerated,
4 contamination found, 5 verification of outputs failed, 130 interrupted"""


class Parser(argparse.ArgumentParser):
    """argparse with comments in @FILE."""

    def convert_arg_line_to_args(self, arg_line: str) -> list[str]:
        """One argument a line; `#` begins a comment."""
        argument = arg_line.split("#")[0].strip()
        return [argument] if argument else []


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = Parser(prog="quire", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"pipelines.{name}")
        sub = commands.add_parser(
            name, help=module.HELP, description=module.HELP, epilog=module.EPILOG,
            formatter_class=raw, fromfile_prefix_chars="@",
        )  # fmt: skip
        sub.add_argument("data", metavar="DATA", help="folder or URL that holds the datasets")
        module.add_arguments(sub)
        if name not in ("check", "sql"):
            _add_common(sub)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--resume", action="store_true", help="finish what an earlier run began")
    parser.add_argument("--overwrite", action="store_true", help="start anew over existing data")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: all cores)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N units of work")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")


def beam_flags(unknown: list[str]) -> list[str]:
    """Flags for Beam; UsageError for what Beam does not know either."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for options in PipelineOptions.__subclasses__():
        if hasattr(options, "_add_argparse_args"):
            options._add_argparse_args(parser)
    _, rest = parser.parse_known_args(unknown)
    if rest:
        raise UsageError(f"unknown argument {rest[0]!r}; see --help")
    return unknown


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options, unknown = make_parser().parse_known_args(arguments)
    try:
        options.beam_flags = beam_flags(unknown)
        code: int = import_module(f"pipelines.{options.command}").run(options)
        return code
    except UsageError as error:
        return _fail(2, str(error))
    except KeyboardInterrupt:
        return _fail(130, "interrupted; what is committed stays, --resume goes on")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, RuntimeError) as error:
        return _fail(*_explained(error))


def _explained(error: BaseException) -> tuple[int, str]:
    """Exit code and line for an error that may have crossed a worker as text."""
    text = str(error)
    if "UsageError" in text:
        return 2, text.split("UsageError: ")[-1].split("\n")[0].split(" [while running")[0]
    lines = [line for line in text.strip().split("\n") if line.strip()]
    return 1, lines[-1] if lines else type(error).__name__


def _fail(code: int, line: str) -> int:
    print(f"quire: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
