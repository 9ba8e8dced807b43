"""Values of flags."""

import argparse
from typing import Any, Protocol


class TakesFlags(Protocol):
    """What flags are added to: a parser, or a group of its flags in the help."""

    def add_argument(self, *names: str, **settings: Any) -> object:
        """As that of argparse.ArgumentParser."""


def positive_number(text: str) -> int:
    """The value of a flag that takes a whole number from 1; argparse reports anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def number_from_zero(text: str) -> int:
    """The value of a flag that takes a whole number from 0; argparse reports anything else."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0")
    return int(text)


def add_opt_out(parser: argparse.ArgumentParser) -> None:
    """The flag of every stage that obeys opt-outs."""
    parser.add_argument(
        "--opt-out",
        metavar="FILE",
        help="what to leave out, one a line: an owner (octo/), a repository (flask, octo/cat, "
        "id:12345), a file (octo/cat:a.py), a SWHID, a sha256, a holder's domain (@example.com)",
    )


def add_libraries(parser: TakesFlags) -> None:
    """The flag of every command that runs programs which import packages."""
    parser.add_argument(
        "--libraries",
        metavar="FOLDER",
        action="append",
        default=[],
        help="what programs may import (pip install --target); repeatable",
    )


def share(text: str) -> float:
    """The value of a flag that takes a share of all; argparse reports anything else."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:  # false for what is no number
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to 1")
    return value
