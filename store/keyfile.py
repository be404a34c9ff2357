"""A file that holds the encryption keys, for installations that give none by their environment."""

import base64
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from store.errors import KeyRingError
from store.keyring import KEY_BYTES, KeyRing

_MAX_FILE_BYTES: Final = 64 * 1024
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def load_key_file(path: Path) -> KeyRing:
    """Reads the keys from a file of the form that `KeyRing.parse` reads.

    The mode is asked of the opened file, so that it cannot be exchanged between the look and the reading.

    Raises:
        KeyRingError: The file is missing, unreadable, readable by its group or by others, or malformed.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise KeyRingError(f"The key file {path} cannot be read: {error.strerror}.") from error
    try:
        _require_private(path, os.fstat(descriptor))
        content = os.read(descriptor, _MAX_FILE_BYTES)
    finally:
        os.close(descriptor)
    return _parse(path, content)


def create_key_file(path: Path) -> bool:
    """Creates a key file with one new random key, mode 0600, unless a file is there already.

    It appears complete or not at all: written aside, then linked to its name, which fails if another process was first.

    Returns:
        True if this call created the file, so that it can be announced.

    Raises:
        KeyRingError: The file cannot be created.
    """
    if path.exists():
        return False
    try:
        return _create(path)
    except OSError as error:
        raise KeyRingError(f"The key file {path} cannot be created: {error.strerror}.") from error


def _create(path: Path) -> bool:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_private(draft, f"v1:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n".encode())
        return _link_unless_there(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _link_unless_there(draft: Path, path: Path) -> bool:
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyRingError(f"The key file {path} is not a regular file.")
    if status.st_mode & _OTHERS:
        mode = stat.S_IMODE(status.st_mode)
        raise KeyRingError(f"The key file {path} is open to other users (mode {mode:04o}). Run: chmod 600 {path}")


def _parse(path: Path, content: bytes) -> KeyRing:
    try:
        return KeyRing.parse(content.decode("ascii"))
    except UnicodeDecodeError:
        raise KeyRingError(f"The key file {path} is not text of the form v1:<base64>,v2:<base64>.") from None
    except KeyRingError as error:
        raise KeyRingError(f"The key file {path} cannot be used. {error}") from None
