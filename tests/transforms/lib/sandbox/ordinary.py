"""A sandbox opened by an ordinary user: `python ordinary.py UID TIER`, started by root.

Python and this checkout may lie where only root can go (below /root, say), so this process first
mounts them under the same paths in a mount namespace of its own. Then it becomes the ordinary user,
opens a sandbox and calls its methods: it reads pickles of a method's name, its arguments and its
named arguments, and writes pickles of what the method returned, until it reads None.
"""

import ctypes
import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).parents[4]
NEW_MOUNTS = 0x00020000


def private_folder(place: Path) -> Path | None:
    """The outermost parent folder of a path that other users may not enter; None if there is none."""
    ways = [*reversed(place.parents), place]
    return next((way for way in ways if not way.stat().st_mode & stat.S_IXOTH), None)


def show(places: list[Path]) -> None:
    """Make these paths reachable for all users, under their own names."""
    hidden = {place: folder for place in places if (folder := private_folder(place))}
    if not hidden:
        return
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_MOUNTS):
        sys.exit(f"an ordinary user cannot reach {', '.join(map(str, hidden))}")
    mount("--make-rprivate", "/")
    aside = Path("/tmp/.aside")
    aside.mkdir(exist_ok=True)
    mount("-t", "tmpfs", "none", str(aside))
    for number, place in enumerate(hidden):
        (aside / str(number)).mkdir()
        mount("--bind", str(place), str(aside / str(number)))
    for folder in set(hidden.values()):
        mount("-t", "tmpfs", "-o", "mode=755", "none", str(folder))
    for number, place in enumerate(hidden):
        place.mkdir(parents=True)
        mount("--bind", str(aside / str(number)), str(place))


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.environ["HOME"] = "/"


def read(given: BinaryIO) -> tuple[str, tuple, dict] | None:
    """The next call; None at the end."""
    try:
        return pickle.load(given)
    except EOFError:
        return None


def serve(tier: str) -> None:
    from transforms.lib.sandbox import Sandbox

    given, answers = sys.stdin.buffer, sys.stdout.buffer
    with Sandbox(tier) as sandbox:
        while call := read(given):
            method, arguments, named = call
            pickle.dump(getattr(sandbox, method)(*arguments, **named), answers)
            answers.flush()


if __name__ == "__main__":
    show([Path(sys.base_prefix), Path(sys.prefix), ROOT])
    become(int(sys.argv[1]))
    sys.path.insert(0, str(ROOT))
    serve(sys.argv[2])
