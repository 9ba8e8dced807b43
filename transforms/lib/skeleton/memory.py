"""How this process allocates memory: reused inside a work unit, and returned after it."""

import ctypes

import pyarrow as pa

# Parameters of glibc's mallopt (malloc.h). By default large blocks are mapped one by one, and each
# use of a new block costs a page fault for each of its pages. Further arenas would each keep
# freed memory of their own.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
# Blocks from this size on are mapped; that much free memory at the top is returned at once.
THRESHOLD_BYTES = 1 << 20
C_LIBRARY = ctypes.CDLL(None)


def reuse_memory() -> None:
    """Set this process's allocator to reuse freed memory; without effect if there is no glibc."""
    if mallopt := getattr(C_LIBRARY, "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, THRESHOLD_BYTES)
        mallopt(M_TRIM_THRESHOLD, THRESHOLD_BYTES)
        mallopt(M_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Return freed memory, which the allocators of Arrow and of C keep, to the system."""
    pa.default_memory_pool().release_unused()
    if trim := getattr(C_LIBRARY, "malloc_trim", None):
        trim(0)
