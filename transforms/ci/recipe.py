"""How a project wants to be tested, whatever configuration says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# In arguments, variables and folders: the tree, and a folder outside of it.
ROOT, TEMPORARY = "{root}", "{tmp}"
# Where these, the environment and quire's own programs are inside the sandbox.
TREE, OUTSIDE = "/sandbox/tree", "/sandbox/tmp"
ENVIRONMENT, TOOLS = "/sandbox/environment", "/sandbox/tools"


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


def placed(words: Sequence[str]) -> list[str]:
    """Words with the placeholders of a recipe replaced by the folders of the sandbox."""
    return [word.replace(ROOT, TREE).replace(TEMPORARY, OUTSIDE) for word in words]
