"""One file of a dump."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

_READ: Final = frozenset({".json", ".yaml", ".yml"})
_VERSION_NAMES: Final = frozenset({"version", "version.txt"})


@dataclass(frozen=True, slots=True)
class DumpFile:
    """A file that can be read until the next one is asked for.

    Attributes:
        path: within the dump; for messages and hints, never to open anything.
        read: its unpacked content; raises DocumentBroken or DumpTooLarge.
        modified_at: when it was written, as far as that is known.
        is_alone: whether it is the whole dump, and so is read whatever it is called.
    """

    path: str
    read: Callable[[], bytes]
    modified_at: datetime | None = None
    is_alone: bool = False

    @property
    def may_hold_objects(self) -> bool:
        """Whether its name is one of JSON or YAML."""
        path = PurePosixPath(self.path)
        suffix = PurePosixPath(path.stem).suffix if path.suffix.lower() == ".gz" else path.suffix
        return self.is_alone or suffix.lower() in _READ

    @property
    def may_tell_version(self) -> bool:
        """Whether its name is that of a text that says the cluster's release."""
        return PurePosixPath(self.path).name.lower() in _VERSION_NAMES
