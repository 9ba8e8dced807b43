"""How a project wants to be tested, whatever configuration says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ROOT, TEMPORARY = (
    "{root}",
    "{tmp}",
)  # in arguments, variables and folders: the tree, a folder outside


@dataclass(frozen=True)
class Recipe:
    """One way to test a project.

    `deps` are arguments of an installation: requirements, `-r FILE`, `-c FILE`. `project` is none,
    install or editable. `commands` and `install_commands` are argument lists, run in `cwd`;
    `script` is a shell script in place of `commands` where only a shell can run it. `left_out` are
    pairs: what was left out, and why.
    """

    source: str
    python_named: str | None = None
    deps: tuple[str, ...] = ()
    project: str = "none"
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    install_commands: tuple[tuple[str, ...], ...] = ()
    script: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    jobs: int | None = None
    tox_env: str | None = None
    system: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def runnable(self) -> bool:
        """Whether there is anything to run."""
        return bool(self.commands or self.script)
