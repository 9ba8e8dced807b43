"""A sandbox that can lend a problem of DATA the environment which that problem needs."""

from collections.abc import Sequence

from transforms.lib.archives.store import ArchiveStore
from transforms.lib.errors import UsageError
from transforms.lib.problems.lent_environment import NotLent
from transforms.lib.sandbox import Sandbox
from transforms.lib.skeleton.storage import Storage
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.environments import Sandboxes


class ProblemSandbox(Sandbox):
    """A sandbox for problems that need the standard library alone, and one for the others.

    The latter is started when it is first needed, and anew for each environment.
    """

    def __init__(self, libraries: Sequence[str], data: Storage) -> None:
        super().__init__(libraries=libraries)
        self._lending = Sandboxes(tuple(libraries), ArchiveStore(data))

    def of(self, problem: Candidate) -> Sandbox:
        """The sandbox for a problem; UsageError if its environment cannot be lent."""
        if problem.lent is None:
            return self
        try:
            return self._lending.of(0, problem.lent)
        except NotLent as error:
            raise UsageError(f"{problem.problem_id}: no environment to lend: {error}") from error

    def close(self) -> None:
        """End both."""
        self._lending.close()
        super().close()
