"""The files that a kubeconfig names: only regular files, only small ones, and only after permission (`policy`)."""

import os
import stat
from pathlib import Path
from typing import Final

from k8s.kubeconfig.entry import Entry

MAX_FILE_BYTES: Final = 256 * 1024
"""The size of a certificate bundle, key or token file."""


def named_text(entry: Entry, key: str) -> str | None:
    """Returns the content of the file that a key names; None if the key is absent or empty.

    The caller has the permission to read it: without, nothing touches the disk, so that the answer does not reveal
    whether the file exists.

    Raises:
        KubeconfigInvalid: There is no such file, or it is not a small regular file of text.
    """
    if not entry.text(key):
        return None
    try:
        return _content(_path(entry, key)).decode("utf-8", "replace")
    except OSError as error:
        raise entry.invalid(f"{key} names a file that cannot be read ({error.strerror})") from error
    except _Unsuitable as error:
        raise entry.invalid(f"{key} names {error}") from error


def _path(entry: Entry, key: str) -> Path:
    """Returns the path; a relative one belongs to the folder of the file that has the entry, as for kubectl."""
    path = Path(entry.printable(key) or "")
    if path.is_absolute():
        return path
    if entry.folder is None:
        raise entry.invalid(f"{key} is a relative path, but the kubeconfig has no folder; write it absolute")
    return entry.folder / path


class _Unsuitable(Exception):
    """A path that leads to something that is not read."""


def _content(path: Path) -> bytes:
    """Reads a file of limited size, opened without blocking: a named pipe would wait for its writer."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _Unsuitable("what is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_FILE_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > MAX_FILE_BYTES:
        raise _Unsuitable(f"a file of more than {MAX_FILE_BYTES} bytes")
    return content
