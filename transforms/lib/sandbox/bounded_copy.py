"""A pipe that is copied into a file, up to a limit: for writers that nothing else limits.

What a machine of gVisor writes into a file of this host would go on growing until the machine is
stopped. So it gets a pipe instead, which is read in small pieces.
"""

import os
import threading
from collections.abc import Callable

PIECE_BYTES = 1 << 16  # read at a time: what a pipe holds


class BoundedCopy:
    """A thread that copies from a pipe to a file; `writer` is the descriptor to write into.

    The file gets `limit` bytes and one more, by which it is seen that there were too many. What
    comes after these is read and dropped, and `exceeded` is called once.
    """

    def __init__(self, file: int, limit: int, exceeded: Callable[[], object]) -> None:
        self._reader, self.writer = os.pipe()
        self._file, self._left, self._exceeded = file, limit + 1, exceeded
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def _copy(self) -> None:
        with (
            open(self._reader, "rb", buffering=0) as pipe,
            open(self._file, "wb", closefd=False) as file,
        ):
            while piece := pipe.read(PIECE_BYTES):
                kept = piece[: self._left]
                file.write(kept)
                if kept and len(kept) == self._left:
                    self._exceeded()
                self._left -= len(kept)

    def close_writer(self) -> None:
        """Close this process's own end, after others have inherited it."""
        os.close(self.writer)

    def finish(self, seconds: float) -> None:
        """Wait so long for the last writer to close its end."""
        self._thread.join(seconds)
