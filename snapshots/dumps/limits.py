"""Limits of dumps."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DumpLimits:
    """Limits of one dump; those of the command line are settings (docs/settings.md).

    Attributes:
        total_bytes: Size of everything that is read or unpacked, including skipped files of compressed archives.
        file_bytes: Size of one file, unpacked; a larger one is skipped as broken.
        files: Number of entries of a folder or an archive.
        depth: Depth of nested lists and maps in one document.
        object_bytes: Size of one object, which is always read as a whole; API servers store a few mebibytes at most.
        kinds: Number of kinds of objects and empty lists; the objects of further kinds are skipped as broken.
        broken: Number of broken places that are stored by name; all are counted.
    """

    total_bytes: int = 2048 * MEBIBYTE
    file_bytes: int = 256 * MEBIBYTE
    files: int = 100_000
    depth: int = 200
    object_bytes: int = 16 * MEBIBYTE
    kinds: int = 5000
    broken: int = 1000
