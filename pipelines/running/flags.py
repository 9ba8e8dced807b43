"""Values of flags."""

import argparse


def positive_number(text: str) -> int:
    """The value of a flag that takes a whole number from 1; argparse reports anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)
