"""The C library's memory allocator, where it is glibc's: what it keeps, and when it gives memory back.

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
"""Blocks of this size, as pages of lists and answers, are given back as soon as they are free."""
_ARENAS: Final = 2
"""Heaps; each thread would have its own, with what was largest in it."""

_STATM: Final = Path("/proc/self/statm")


_CHUNK_S: Final = 15e-6
_BYTE_S: Final = 0.25e-3 / 2**20
"""What `trim` takes for a chunk and for what is in it; measured with two busy cores, where it takes longest."""


class _MallInfo(ctypes.Structure):
    """The answer of `mallinfo2`."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


@dataclass(frozen=True, slots=True)
class FreeMemory:
    """Memory that is free but was not given back.

    Attributes:
        size_bytes: All of it.
        chunks: In how many pieces.
    """

    size_bytes: int = 0
    chunks: int = 0

    @property
    def trim_s(self) -> float:
        """Seconds that `trim` takes, about."""
        return self.chunks * _CHUNK_S + self.size_bytes * _BYTE_S


def return_large_blocks() -> None:
    """Lets large blocks go back to the system when they are free: by default, they stay once there were some."""
    library = _glibc()
    if library is not None:
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        library.mallopt(_M_ARENA_MAX, _ARENAS)


def free_memory() -> FreeMemory:
    """What could be given back; nothing where that cannot be told (before glibc 2.33)."""
    library = _glibc()
    if library is None or not hasattr(library, "mallinfo2"):
        return FreeMemory()
    library.mallinfo2.restype = _MallInfo
    found = library.mallinfo2()
    return FreeMemory(found.fordblks, found.ordblks)


def trim() -> None:
    """Gives back what is free now; whoever needs a block of more than 512 bytes meanwhile waits for the end of it."""
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
