"""Which commit a folder is of, and when that was made; nothing of the folder is run."""

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
    if git is None or not os.path.exists(folder) or os.path.islink(folder):
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


def made_at(root: str) -> int:
    """When all files of a folder were made, in seconds since 1970; 0 if at different times.

    An archive of git gives all its files the time of the commit, in whole seconds. The files of a
    checkout have the times at which they were written.
    """
    times = set[int]()
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            try:
                times.add(os.stat(os.path.join(folder, name), follow_symlinks=False).st_mtime_ns)
            except OSError:  # it went meanwhile
                return 0
            if len(times) > 1:
                return 0
    seconds, rest = divmod(times.pop(), 10**9) if times else (0, 0)
    return seconds if not rest and seconds > 0 else 0
