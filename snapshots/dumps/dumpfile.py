"""One file of a dump."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

_SUFFIXES: Final = frozenset({".json", ".yaml", ".yml"})
_VERSION_NAMES: Final = frozenset({"version", "version.txt"})


@dataclass(frozen=True, slots=True)
class DumpFile:
    """A file that can be read until the next one is requested.

    Attributes:
        path: The path within the dump, for messages and hints; never opened.
        read: Returns the unpacked content; raises DocumentBroken or DumpTooLarge.
        modified_at: The modification time, if known.
        is_alone: Whether it is the whole dump, and is read with any name.
    """

    path: str
    read: Callable[[], bytes]
    modified_at: datetime | None = None
    is_alone: bool = False

    @property
    def may_hold_objects(self) -> bool:
        """Returns whether its suffix is one of JSON or YAML."""
        path = PurePosixPath(self.path)
        suffix = PurePosixPath(path.stem).suffix if path.suffix.lower() == ".gz" else path.suffix
        return self.is_alone or suffix.lower() in _SUFFIXES

    @property
    def may_have_version(self) -> bool:
        """Returns whether its name is that of a file with the cluster's release."""
        return PurePosixPath(self.path).name.lower() in _VERSION_NAMES
