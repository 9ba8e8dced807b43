"""Errors that are told in one clear line, each with its exit code of the table."""


class UsageError(Exception):
    """Bad input or a bad flag, which the user can mend: exit 2."""


class PipelineError(Exception):
    """A pipeline that failed: exit 1."""
