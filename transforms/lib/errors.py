"""What ends a command early: errors, each with its exit code and one clear line, and a job."""


class UsageError(Exception):
    """Bad input or a bad flag, which the user can mend: exit 2."""


class PipelineError(Exception):
    """A pipeline that failed: exit 1."""


class Submitted(Exception):
    """No error: the work goes on elsewhere, and nothing more can be done here: exit 0."""
