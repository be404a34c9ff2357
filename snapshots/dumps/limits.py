"""What reading a dump may cost."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DumpLimits:
    """Bounds of one dump; those of the command line are settings (docs/settings.md).

    Attributes:
        total_bytes: of everything that is read or unpacked, skipped files of compressed archives included.
        file_bytes: of one file, unpacked; a larger one is skipped as broken.
        files: entries of a folder or an archive.
        depth: lists and maps inside each other in one document.
        object_bytes: of one object, which is read whole whenever it is looked for; API servers keep none of more than
            a few mebibytes.
        kinds: of objects and empty lists; the objects of further ones are skipped as broken.
        broken: how many broken places are kept with their names; all are counted.
    """

    total_bytes: int = 2048 * MEBIBYTE
    file_bytes: int = 256 * MEBIBYTE
    files: int = 100_000
    depth: int = 200
    object_bytes: int = 16 * MEBIBYTE
    kinds: int = 5000
    broken: int = 1000
