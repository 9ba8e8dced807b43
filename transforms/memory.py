"""Freed memory goes back to the system at once, so that a worker's size is what it holds."""

import ctypes

import pyarrow as pa

# glibc's mallopt parameters (malloc.h). By default the limit from which a block is mapped on its
# own, and so can be given back, grows to 32 MB with the blocks that were freed.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
BLOCK = 1 << 18


def give_back_memory() -> None:
    """Set this process's allocators; does nothing where the C library is not glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(M_MMAP_THRESHOLD, BLOCK)
    mallopt(M_TRIM_THRESHOLD, BLOCK)
    mallopt(M_ARENA_MAX, 1)
    pa.set_memory_pool(pa.system_memory_pool())
