"""A dump from standard input, copied to a temporary file: archives are read more than once."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from snapshots.dumps.archives.files import OpenedInput
from snapshots.dumps.errors import DumpRefused, DumpTooLarge

STANDARD_INPUT: Final = "standard input"
_CHUNK_BYTES: Final = 1024 * 1024
_EXAMPLE: Final = "kubectl get all -A -o yaml | fleetgraph clusters import --snapshot - --name NAME"


@contextmanager
def spooled_input(source: TextIO | None, max_bytes: int) -> Iterator[OpenedInput]:
    """Reads standard input to its end; the copy has no name, and is gone after the context or with the process.

    Raises:
        DumpTooLarge: It has more bytes.
        DumpRefused: It is a terminal, closed or empty.
    """
    if source is None or source.isatty():
        raise DumpRefused(f"Standard input is a terminal or closed. Pipe a dump into the command: {_EXAMPLE}")
    with tempfile.TemporaryFile() as spool:
        size_bytes = 0
        while chunk := source.buffer.read(_CHUNK_BYTES):
            size_bytes += len(chunk)
            if size_bytes > max_bytes:
                raise DumpTooLarge("total_bytes", f"Standard input has more than {max_bytes} bytes.")
            spool.write(chunk)
        if not size_bytes:
            raise DumpRefused("Standard input is empty: the command before the pipe wrote nothing.")
        spool.seek(0)
        yield OpenedInput(spool, STANDARD_INPUT)
