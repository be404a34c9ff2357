"""Files, processes and sockets that a piece of code opens, as the interpreter reports them."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_OUTSIDE = ("open", "subprocess.", "os.", "socket.", "shutil.", "tempfile.", "pty.", "urllib.", "ctypes.")


class _Recorder:
    """A recorder of the events of one thread while it is enabled; an audit hook can never be removed."""

    def __init__(self) -> None:
        self._thread: int | None = None
        self.events: list[str] = []

    def __call__(self, name: str, arguments: tuple[object, ...]) -> None:
        if threading.get_ident() == self._thread and name.startswith(_OUTSIDE):
            self.events.append(f"{name} {arguments[:1]}")

    def start(self) -> None:
        self.events = []
        self._thread = threading.get_ident()

    def stop(self) -> None:
        self._thread = None


@cache
def _recorder() -> _Recorder:
    recorder = _Recorder()
    sys.addaudithook(recorder)
    return recorder


@contextmanager
def outside_events() -> Iterator[list[str]]:
    """Collects, in the given list, each file, process or socket that this thread opens."""
    recorder = _recorder()
    recorder.start()
    try:
        yield recorder.events
    finally:
        recorder.stop()
