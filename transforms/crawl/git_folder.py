"""Which commit a folder is a checkout of, as git itself says; nothing of the folder is run."""

import os
import shutil
import subprocess
from dataclasses import dataclass

SECONDS = 20
# git reads no settings but those of the folder, asks nobody, and fetches nothing.
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}


@dataclass(frozen=True)
class GitHead:
    """A commit: its id, and when it was made, in seconds since 1970."""

    commit: str
    made: int


def head_of(root: str) -> GitHead | None:
    """The commit that a folder is a checkout of; None if it is none, or git is not installed."""
    git, folder = shutil.which("git"), os.path.join(root, ".git")
    if git is None or not os.path.isdir(folder) or os.path.islink(folder):
        return None
    argv = [git, "-c", "safe.directory=*", f"--git-dir={folder}", "rev-list", "--timestamp"]
    environment = {"PATH": os.defpath, **ENVIRONMENT}
    try:
        done = subprocess.run(
            [*argv, "--max-count=1", "HEAD"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        made, commit = done.stdout.split()
        return GitHead(commit, int(made))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
