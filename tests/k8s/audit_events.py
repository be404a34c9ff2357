"""What the interpreter itself reports that a piece of code did to the outside: files, processes, sockets."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_OUTSIDE = ("open", "subprocess.", "os.", "socket.", "shutil.", "tempfile.", "pty.", "urllib.", "ctypes.")


class _Recorder:
    """Keeps the events of one thread while it is told to; an audit hook can never be taken out again."""

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
    """Collect, in the list given, each file, process or socket that this thread opens."""
    recorder = _recorder()
    recorder.start()
    try:
        yield recorder.events
    finally:
        recorder.stop()
