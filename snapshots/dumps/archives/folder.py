"""The files of a folder, in order, without links."""

import os
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from snapshots.dumps.archives.budget import DumpBudget
from snapshots.dumps.archives.inflating import read_file
from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.errors import DocumentBroken

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def folder_files(root: Path, budget: DumpBudget) -> Iterator[DumpFile]:
    """Yields the files below a folder, sorted by path, without links, which could lead anywhere, pipes and devices."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                children = sorted(_counted(entries, budget), key=lambda entry: entry.name)
        except OSError as error:
            yield _unreadable(folder.relative_to(root).as_posix(), error)
            continue
        for entry in children:
            if entry.is_file(follow_symlinks=False):
                yield _file(Path(entry.path), root, budget)
        waiting += [Path(entry.path) for entry in reversed(children) if entry.is_dir(follow_symlinks=False)]


def _counted(entries: Iterable[os.DirEntry[str]], budget: DumpBudget) -> Iterator[os.DirEntry[str]]:
    for entry in entries:
        budget.take_file()
        yield entry


def _file(path: Path, root: Path, budget: DumpBudget) -> DumpFile:
    try:
        modified_at = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        modified_at = None
    return DumpFile(path.relative_to(root).as_posix(), lambda: _read(path, budget), modified_at)


def _read(path: Path, budget: DumpBudget) -> bytes:
    try:
        with open(path, "rb", opener=lambda name, _plain: os.open(name, _FLAGS)) as opened:
            return _content(opened, budget)
    except OSError as error:
        raise DocumentBroken(f"it cannot be read: {error.strerror or error}") from error


def _content(opened: BinaryIO, budget: DumpBudget) -> bytes:
    if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        raise DocumentBroken("it is not a regular file")
    return read_file(opened, budget)


def _unreadable(path: str, error: OSError) -> DumpFile:
    def read() -> bytes:
        raise DocumentBroken(f"the folder cannot be read: {error.strerror or error}")

    return DumpFile(path, read, is_alone=True)
