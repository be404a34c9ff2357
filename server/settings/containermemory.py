"""The memory limit of this process: its container's limit, or a share of the machine's memory.

Sources: https://docs.kernel.org/admin-guide/cgroup-v2.html (`memory.max`, which holds for all groups below),
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (`memory.limit_in_bytes`).
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

GIB: Final = 1024**3
_UNLIMITED: Final = 2**60
"""Without a limit, version 1 has a number near 2^63."""


def default_memory_bytes(root: Path = Path("/")) -> int:
    """Returns three quarters of the memory, in bytes: buffers of connections and uncounted objects need the rest."""
    limit_bytes = container_limit_bytes(root)
    available_bytes = min(GIB, machine_bytes() // 2) if limit_bytes is None else min(limit_bytes, machine_bytes())
    return available_bytes * 3 // 4


def machine_bytes() -> int:
    """Returns the machine's memory, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def container_limit_bytes(root: Path = Path("/")) -> int | None:
    """Returns the smallest limit of the process's control groups, in bytes; None if there is none."""
    limits = [limit for path in _limit_files(root) if (limit := _limit(path)) is not None]
    return min(limits, default=None)


def _limit_files(root: Path) -> Iterator[Path]:
    """Yields the files of versions 2 and 1, of the process's own group and of all groups above it."""
    mounted = root / "sys/fs/cgroup"
    for line in _lines(root / "proc/self/cgroup"):
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        is_second = number == "0" and not controllers
        if not is_second and "memory" not in controllers.split(","):
            continue
        base, name = (mounted, "memory.max") if is_second else (mounted / "memory", "memory.limit_in_bytes")
        place = PurePosixPath(group.strip().lstrip("/"))
        yield from (base / folder / name for folder in (place, *place.parents))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _limit(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() and int(text) < _UNLIMITED else None
