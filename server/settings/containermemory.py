"""The memory that this process may take: its container's limit, or a share of the machine's memory.

Sources: https://docs.kernel.org/admin-guide/cgroup-v2.html (`memory.max`, which holds for all groups below),
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (`memory.limit_in_bytes`).
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

GIB: Final = 1024**3
_UNLIMITED: Final = 2**60
"""Version 1 writes a number near 2^63 where there is no limit."""


def default_memory_bytes(root: Path = Path("/")) -> int:
    """Three quarters of what there is: buffers of connections and what nobody counts need the rest."""
    limit_bytes = container_limit_bytes(root)
    there_are_bytes = min(GIB, machine_bytes() // 2) if limit_bytes is None else min(limit_bytes, machine_bytes())
    return there_are_bytes * 3 // 4


def machine_bytes() -> int:
    """The machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def container_limit_bytes(root: Path = Path("/")) -> int | None:
    """The smallest limit of the process's control groups; None if there is none."""
    found = [limit for path in _limit_files(root) if (limit := _limit(path)) is not None]
    return min(found, default=None)


def _limit_files(root: Path) -> Iterator[Path]:
    """Those of version 2 and 1, of the process's own group and of all above it, as far as they can be seen."""
    mounted = root / "sys/fs/cgroup"
    for line in _lines(root / "proc/self/cgroup"):
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        is_second = number == "0" and not controllers
        if not is_second and "memory" not in controllers.split(","):
            continue
        base, name = (mounted, "memory.max") if is_second else (mounted / "memory", "memory.limit_in_bytes")
        place = PurePosixPath(group.strip().lstrip("/"))
        yield from (base / each / name for each in (place, *place.parents))


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
