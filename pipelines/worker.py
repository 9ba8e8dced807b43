"""A worker process: Beam's harness, which ends when its launcher does, even by kill -9.

By itself it would wait for a dead launcher for a minute or for ever.
"""

import os
import sys
import threading
import time

POLL_SECONDS = 0.5


def command(launcher: int) -> str:
    """The command that starts a worker; -P, as the user's folder may hold a `transforms` too."""
    return f"exec {sys.executable} -P -m {__name__} {launcher}"


def end_with(launcher: int) -> None:
    """Wait until the launcher is no longer this process's parent, then end."""
    while os.getppid() == launcher:
        time.sleep(POLL_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=(int(sys.argv[1]),), daemon=True).start()
    from apache_beam.runners.worker import sdk_worker_main  # a second or more, already watched

    sdk_worker_main.main(sys.argv)
