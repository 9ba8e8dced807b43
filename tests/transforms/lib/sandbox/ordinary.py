"""A sandbox opened by an ordinary user: `python ordinary.py UID TIER`, started by root.

Python and this checkout may lie where only root can go (below /root, say), so they are first shown
at the same names in a mount namespace of this process's own. Then it is the ordinary user, opens
a sandbox, and does with it what it is told: a pickled method, its arguments and named arguments
come in, what it returned or raised goes out.
"""

import ctypes
import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
NEW_MOUNTS = 0x00020000


def private_folder(place: Path) -> Path | None:
    """The outermost folder on the way to a place that others may not enter."""
    ways = [*reversed(place.parents), place]
    return next((way for way in ways if not way.stat().st_mode & stat.S_IXOTH), None)


def show(places: list[Path]) -> None:
    """Make places reachable for all, each at its own name."""
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


def serve(tier: str) -> None:
    from transforms.lib.sandbox import Sandbox

    given, answers = sys.stdin.buffer, sys.stdout.buffer
    with Sandbox(tier) as sandbox:
        while True:
            try:
                method, arguments, named = pickle.load(given)
            except EOFError:
                return
            pickle.dump(getattr(sandbox, method)(*arguments, **named), answers)
            answers.flush()


if __name__ == "__main__":
    show([Path(sys.base_prefix), Path(sys.prefix), ROOT])
    become(int(sys.argv[1]))
    sys.path.insert(0, str(ROOT))
    serve(sys.argv[2])
