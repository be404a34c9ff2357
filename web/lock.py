"""One process at a time works on a folder; another that comes waits."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Holds an existing file's lock; it ends with the process, whatever happens to it."""
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
