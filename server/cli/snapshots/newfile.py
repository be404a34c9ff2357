"""Files that are written completely or not at all, and are readable by their owner only."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from server.commanderrors import InputError

_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


@contextmanager
def new_file(path: Path, *, may_replace: bool) -> Iterator[IO[bytes]]:
    """Opens a file to write; it gets its name when the context ends without an error, and is removed otherwise.

    Raises:
        InputError: The file cannot be written, or exists and must not be replaced.
    """
    if not may_replace:
        require_new(path)
    try:
        descriptor, draft = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name[:100]}.")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        _name(Path(draft), path, may_replace=may_replace)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        Path(draft).unlink(missing_ok=True)


def require_new(path: Path) -> None:
    """Raises InputError if the file exists."""
    if path.is_symlink() or path.exists():
        raise InputError(f"{path} exists; choose another file, or replace it with --force.")


def _name(draft: Path, path: Path, *, may_replace: bool) -> None:
    if may_replace:
        draft.replace(path)
        return
    try:
        path.hardlink_to(draft)  # a rename would replace a file that appeared meanwhile
    except FileExistsError:
        require_new(path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        require_new(path)
        draft.replace(path)
