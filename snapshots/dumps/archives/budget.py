"""The remaining limits of a dump while it is read."""

from snapshots.dumps.errors import DumpTooLarge
from snapshots.dumps.limits import DumpLimits


class DumpBudget:
    """The remaining entries and bytes of a dump."""

    def __init__(self, limits: DumpLimits) -> None:
        self.limits = limits
        self._left_bytes = limits.total_bytes
        self._left_files = limits.files

    @property
    def left_bytes(self) -> int:
        """Returns the remaining bytes."""
        return self._left_bytes

    def take_file(self) -> None:
        """Counts one entry of a folder or an archive; raises DumpTooLarge."""
        self._left_files -= 1
        if self._left_files < 0:
            raise DumpTooLarge("files", f"It has more than {self.limits.files} files.")

    def take(self, size_bytes: int) -> None:
        """Counts bytes that were read or unpacked; raises DumpTooLarge."""
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise DumpTooLarge("total_bytes", f"It has more than {self.limits.total_bytes} bytes, unpacked.")
