"""A folder: its files in order, links left alone."""

import os
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from snapshots.dumps.archives.budget import Budget
from snapshots.dumps.archives.inflating import read_file
from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.errors import DocumentBroken

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def folder_files(root: Path, budget: Budget) -> Iterator[DumpFile]:
    """The files below a folder, by path. A link could lead anywhere, so none is followed; pipes and devices neither."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted(_counted(entries, budget), key=lambda entry: entry.name)
        except OSError as error:
            yield _unreadable(folder.relative_to(root).as_posix(), error)
            continue
        for entry in found:
            if entry.is_file(follow_symlinks=False):
                yield _file(Path(entry.path), root, budget)
        waiting += [Path(entry.path) for entry in reversed(found) if entry.is_dir(follow_symlinks=False)]


def _counted(entries: Iterable[os.DirEntry[str]], budget: Budget) -> Iterator[os.DirEntry[str]]:
    for entry in entries:
        budget.take_file()
        yield entry


def single_file(path: Path, budget: Budget) -> DumpFile:
    """A file that is the whole dump."""
    budget.take_file()
    modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return DumpFile(path.name, lambda: _read(path, 0, budget), modified_at, is_alone=True)


def _file(path: Path, root: Path, budget: Budget) -> DumpFile:
    try:
        modified_at = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        modified_at = None
    return DumpFile(path.relative_to(root).as_posix(), lambda: _read(path, _FLAGS, budget), modified_at)


def _read(path: Path, flags: int, budget: Budget) -> bytes:
    try:
        with open(path, "rb", opener=lambda name, plain: os.open(name, flags or plain)) as opened:
            return _content(opened, budget)
    except OSError as error:
        raise DocumentBroken(f"it cannot be read: {error.strerror or error}") from error


def _content(opened: BinaryIO, budget: Budget) -> bytes:
    if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        raise DocumentBroken("it is no regular file")
    return read_file(opened, budget)


def _unreadable(path: str, error: OSError) -> DumpFile:
    def read() -> bytes:
        raise DocumentBroken(f"the folder cannot be read: {error.strerror or error}")

    return DumpFile(path, read, is_alone=True)
