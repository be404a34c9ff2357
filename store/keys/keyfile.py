"""A file with the encryption keys, for installations without keys in their environment."""

import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from store.errors import KeyRingError
from store.keys.keyring import KEY_BYTES, KeyRing

_MAX_FILE_BYTES: Final = 64 * 1024
_Stamp: TypeAlias = tuple[int, int, int]
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeyFile:
    """The keys of a file, read again when it has changed, so that a rotation needs no restart of servers."""

    def __init__(self, path: Path) -> None:
        """Reads the file; raises `KeyRingError` as `load_key_file` does."""
        self.path = path
        self._stamp = _stamp(path)
        self._ring = load_key_file(path)

    def sealing(self) -> KeyRing:
        """Returns the keys in the file now, so that an outdated key never encrypts.

        Raises:
            KeyRingError: The file cannot be read any more.
        """
        stamp = _stamp(self.path)
        if stamp != self._stamp:
            self._ring = load_key_file(self.path)
            self._stamp = stamp
        return self._ring

    def opening(self, versions: Iterable[int]) -> KeyRing:
        """Returns the known keys, or those in the file now if one of these versions is missing."""
        if set(versions) <= set(self._ring.versions):
            return self._ring
        try:
            return self.sealing()
        except KeyRingError:
            return self._ring

    def __repr__(self) -> str:
        return f"KeyFile({str(self.path)!r}, {self._ring!r})"


def load_key_file(path: Path) -> KeyRing:
    """Reads the keys from a file in the format of `KeyRing.parse`.

    The mode is that of the opened file, so that the file cannot be exchanged between check and read.

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
    """Creates a key file with one new random key, mode 0600, unless the file exists.

    It is created atomically: written to a temporary file, then linked to its name, which fails if another process was
    first.

    Returns:
        True if this call created the file.

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
    draft = _draft_of(path)
    try:
        _write_private(draft, KeyRing({1: secrets.token_bytes(KEY_BYTES)}).dump().encode())
        return _link_unless_there(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def change_key_file(path: Path, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
    """Replaces the keys of a file by the result of `change`; processes do so one after the other.

    The file is replaced atomically, with the old one's owner and a mode of 0600. If the path is a link, its target is
    replaced.

    Returns:
        The keys in the file afterwards.

    Raises:
        KeyRingError: The file cannot be read or written, or `change` raises it.
    """
    target = path.resolve()
    with _locked(target):
        old = load_key_file(target)
        new = change(old)
        if new is not old:
            _replace(target, new)
    return new


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds the file's lock; if the file was replaced during the wait, the lock of the new one."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise KeyRingError(f"The key file {path} cannot be read: {error.strerror}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_ino == path.stat().st_ino:
                yield
                return
        finally:
            os.close(descriptor)


def _replace(path: Path, keys: KeyRing) -> None:
    draft = _draft_of(path)
    try:
        _write_private(draft, keys.dump().encode())
        _give_to(draft, path.stat())
        draft.rename(path)
        _sync_folder(path)
    except OSError as error:
        raise KeyRingError(
            f"The key file {path} cannot be written: {error.strerror}. Change it at its source, such as a "
            "Secret: add a key of the next version, created with openssl rand -base64 32, then run this command again."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _give_to(path: Path, status: os.stat_result) -> None:
    """Gives a file to the old owner, so that a rotation by root does not lock them out."""
    if status.st_uid != os.geteuid():
        os.chown(path, status.st_uid, status.st_gid)


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size)


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
    _sync_folder(path)
    return True


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
        raise KeyRingError(f"The key file {path} is invalid. {error}") from None
