"""The memory allocator of glibc: the memory that it retains, and the time when it returns memory.

Sources: https://man7.org/linux/man-pages/man3/mallopt.3.html, https://man7.org/linux/man-pages/man3/mallinfo.3.html
"""

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 512 * 1024
"""Blocks of this size, such as pages of lists and responses, are returned to the system as soon as they are free."""
_ARENAS: Final = 2
"""Heaps. By default each thread has its own, and retains its largest size."""

_STATM: Final = Path("/proc/self/statm")


_CHUNK_S: Final = 15e-6
_BYTE_S: Final = 0.25e-3 / 2**20
"""The time of `trim` for a chunk and for a byte; measured with two busy cores, where it takes longest."""


class _MallInfo(ctypes.Structure):
    """The result of `mallinfo2`."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


@dataclass(frozen=True, slots=True)
class FreeMemory:
    """Memory that is free but was not returned to the system.

    Attributes:
        size_bytes: All of it.
        chunks: Its number of chunks.
    """

    size_bytes: int = 0
    chunks: int = 0

    @property
    def trim_s(self) -> float:
        """Returns the estimated seconds of `trim`."""
        return self.chunks * _CHUNK_S + self.size_bytes * _BYTE_S


def return_large_blocks() -> None:
    """Makes large blocks return to the system when they are free: by default, they are retained."""
    library = _glibc()
    if library is not None:
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        library.mallopt(_M_ARENA_MAX, _ARENAS)


def free_memory() -> FreeMemory:
    """Returns the memory that could be returned; none where that is unknown (before glibc 2.33)."""
    library = _glibc()
    if library is None or not hasattr(library, "mallinfo2"):
        return FreeMemory()
    library.mallinfo2.restype = _MallInfo
    info = library.mallinfo2()
    return FreeMemory(info.fordblks, info.ordblks)


def trim() -> None:
    """Returns free memory to the system. A thread that needs a block of more than 512 bytes meanwhile waits."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def resident_bytes() -> int:
    """Returns the resident memory of this process; 0 where that is unknown."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _glibc() -> ctypes.CDLL | None:
    """Returns the C library, if it has these functions."""
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
    except OSError:
        return None
