"""The exceptions that end a command: their message is printed, and each has its exit code."""


class UsageError(Exception):
    """Bad input or a bad flag, which the user can correct: exit 2."""


class PipelineError(Exception):
    """A pipeline that failed: exit 1."""


class Submitted(Exception):
    """Not an error: the job runs on a service now, and the command has no more to do: exit 0."""
