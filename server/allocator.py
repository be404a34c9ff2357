"""The C library's memory allocator, where it is glibc's: what it keeps, and when it gives memory back.

Source: https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

import ctypes
import os
from pathlib import Path
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 512 * 1024
"""Blocks of this size, as pages of lists and answers, are given back as soon as they are free."""
_ARENAS: Final = 2
"""Heaps; each thread would have its own, with what was largest in it."""

_STATM: Final = Path("/proc/self/statm")


def return_large_blocks() -> None:
    """Lets large blocks go back to the system when they are free: by default, they stay once there were some."""
    library = _glibc()
    if library is not None:
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        library.mallopt(_M_ARENA_MAX, _ARENAS)


def trim() -> None:
    """Gives back what is free now; other threads go on meanwhile."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def resident_bytes() -> int:
    """Resident memory of this process; 0 where that cannot be told."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _glibc() -> ctypes.CDLL | None:
    """The C library, if it has these functions."""
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
    except OSError:
        return None
