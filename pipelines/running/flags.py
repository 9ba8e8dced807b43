"""Values of flags."""

import argparse


def positive_number(text: str) -> int:
    """The value of a flag that takes a whole number from 1; argparse reports anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def share(text: str) -> float:
    """The value of a flag that takes a share of all; argparse reports anything else."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:  # false for what is no number
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to 1")
    return value
