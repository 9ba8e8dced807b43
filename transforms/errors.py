"""Errors that a user can mend: one clear line, and the exit code of the table."""


class UsageError(Exception):
    """Bad input or a bad flag: exit 2."""
