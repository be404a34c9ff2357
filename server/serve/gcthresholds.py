"""The times of garbage collections: rare while a command starts, and short while a server responds."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from server.serve.allocator import resident_bytes

_STARTING: Final = (20_000, 50, 100)
"""New objects before a collection of the youngest generation, then collections of each before the next older one."""

_SERVING: Final = (10_000, 1)
"""The same while serving; all objects are collected by `server.serve.garbagecollection`.

The middle generation is collected so often because a collection walks everything that came into it: after fifty
collections of the youngest, that would block the event loop for half a second.
"""
_NEVER: Final = 2**31 - 1
_UNMEASURED: Final = 3_000
"""Collections of the middle generation before one of all objects, where resident memory is unknown."""


def collect_rarely() -> None:
    """Sets the thresholds of commands: objects that are imported and built at the start stay alive anyway."""
    gc.set_threshold(*_STARTING)


@contextmanager
def collecting_later() -> Iterator[None]:
    """Stops garbage collection until the server has started, or the context ends."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle_memory() -> None:
    """Keeps garbage collection from blocking requests.

    The schema lives as long as the process and is not walked again. The rows of a large list are many objects at once
    and free of cycles: with Python's own thresholds they would be walked over and over while they are made. Python does
    not know either when a walk over all objects would block others.
    """
    gc.freeze()
    gc.set_threshold(*_SERVING, _NEVER if resident_bytes() else _UNMEASURED)
    gc.enable()
