"""The arguments of a command line: `@FILE` is read, and URLs give their secrets away."""

from collections.abc import Iterator

from transforms.lib.errors import UsageError
from transforms.lib.redaction import without_secrets
from transforms.lib.text.lists import numbered_entries

MAX_DEPTH = 9  # of files of arguments that name others: more is a circle
# A query may begin with `@`, and the URL of a model's endpoint needs its password.
AS_THEY_ARE = ("sql", "sample")


def read_arguments(arguments: list[str]) -> list[str]:
    """The arguments with those of each `@FILE`, one a line, and without secrets in URLs.

    Raises UsageError if such a file cannot be read.
    """
    if not arguments or arguments[0] in AS_THEY_ARE:
        return arguments
    return without_secrets(_expanded(arguments, 0))


def _expanded(arguments: list[str], depth: int) -> Iterator[str]:
    for argument in arguments:
        if argument[:1] != "@" or argument == "@":
            yield argument
        elif depth == MAX_DEPTH:
            raise UsageError(f"{argument}: files of arguments name one another in a circle")
        else:
            yield from _expanded(_lines(argument[1:]), depth + 1)


def _lines(file: str) -> list[str]:
    try:
        with open(file, "rb") as stream:
            return [entry for _, entry in numbered_entries(stream.read())]
    except OSError as error:
        raise UsageError(f"file of arguments {file!r}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"file of arguments {file!r}: not UTF-8 ({error})") from error
