"""When garbage is collected: hardly while a command starts, and never for long while a server answers."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from server.serve.allocator import resident_bytes

_STARTING: Final = (20_000, 50, 100)
"""New objects before the youngest generation is collected, then collections of each before that of the next older."""

_SERVING: Final = (10_000, 1)
"""Likewise; all objects are collected when `server.serve.upkeep` says so.

The middle generation is collected so often because its collection walks all that came into it: after fifty collections
of the youngest that would hold the event loop up for half a second.
"""
_NEVER: Final = 2**31 - 1
_UNMEASURED: Final = 3_000
"""Where nobody knows what the process takes: collections of the middle generation before one of all."""


def collect_rarely() -> None:
    """For all commands: what is imported and built at the start stays as long as the process, so why walk it often."""
    gc.set_threshold(*_STARTING)


@contextmanager
def collecting_later() -> Iterator[None]:
    """No garbage collection at all until the server has settled, or the context ends."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle_memory() -> None:
    """Keeps garbage collection from pausing requests.

    The schema lives as long as the process and is not walked again, not even once to settle. The rows of a large list
    are many objects at once and free of cycles: with Python's own thresholds they would all be walked over and over
    while they are made. Nor does Python know when walking all of them would hold others up.
    """
    gc.freeze()
    gc.set_threshold(*_SERVING, _NEVER if resident_bytes() else _UNMEASURED)
    gc.enable()
