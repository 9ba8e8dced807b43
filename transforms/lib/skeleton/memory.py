"""Memory is reused inside a unit of work and given back after it, so that a worker stays small."""

import ctypes

import pyarrow as pa

# glibc's mallopt parameters (malloc.h). By default large blocks are mapped one by one, and every
# use of one begins with a fault for each of its pages; with more arenas each keeps its own.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
BLOCK = 1 << 20  # from which on a block is mapped, and freed memory at the top given back
C_LIBRARY = ctypes.CDLL(None)


def reuse_memory() -> None:
    """Set this process's allocator; does nothing where the C library is not glibc."""
    if mallopt := getattr(C_LIBRARY, "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, BLOCK)
        mallopt(M_TRIM_THRESHOLD, BLOCK)
        mallopt(M_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Give back what the allocators keep of freed memory."""
    pa.default_memory_pool().release_unused()
    if trim := getattr(C_LIBRARY, "malloc_trim", None):
        trim(0)
