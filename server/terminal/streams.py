"""The process's standard streams: output that is closed or full ends the command, and notes never do."""

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Final, Protocol, TextIO

from server.commanderrors import OutputClosed, OutputFailed

_STDIN, _STDOUT, _STDERR = range(3)
_CLOSED: Final = {_STDIN: os.O_RDONLY, _STDOUT: os.O_RDONLY, _STDERR: os.O_WRONLY}
"""The modes of the null device for streams that are closed: writing a result fails, writing a note does not."""


class _Bytes(Protocol):
    def __len__(self) -> int: ...


class _Output(FileIO):
    """Stdout. The first write that fails ends the command; what is still buffered is dropped at its end."""

    _is_lost = False

    def write(self, data: _Bytes) -> int:  # type: ignore[override]  # any buffer
        """Writes some bytes and returns their number.

        Raises:
            OutputClosed: The reader has closed the pipe.
            OutputFailed: They cannot be written.
        """
        if self._is_lost:
            return len(data)
        try:
            return super().write(data)  # type: ignore[arg-type]  # as above
        except BrokenPipeError as error:
            self._is_lost = True
            raise OutputClosed from error
        except OSError as error:
            self._is_lost = True
            raise OutputFailed(f"The output cannot be written: {error.strerror}.") from error


class _Notes(FileIO):
    """Stderr. What cannot be written is dropped: a result is worth more than a note about it."""

    def write(self, data: _Bytes) -> int:  # type: ignore[override]  # any buffer
        """Writes some bytes and returns their number."""
        try:
            return super().write(data)  # type: ignore[arg-type]  # as above
        except OSError:
            return len(data)


def check_streams() -> None:
    """Replaces the streams of the process; a character that the terminal lacks is escaped."""
    for descriptor, mode in _CLOSED.items():
        try:
            os.fstat(descriptor)
        except OSError:  # else the next file that is opened would take its place
            os.open(os.devnull, mode)
    sys.stdout = _text(_Output(_STDOUT, "wb", closefd=False), sys.stdout)
    sys.stderr = _text(_Notes(_STDERR, "wb", closefd=False), sys.stderr)


def _text(file: FileIO, former: TextIO | None) -> TextIOWrapper:
    """Returns a text stream over a file, with the encoding of the former stream; None was closed."""
    encoding = former.encoding if former is not None else "utf-8"
    is_line_buffered = file.isatty() or file.fileno() == _STDERR
    return TextIOWrapper(
        BufferedWriter(file), encoding=encoding, errors="backslashreplace", line_buffering=is_line_buffered
    )
