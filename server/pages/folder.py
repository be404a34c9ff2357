"""The files of a folder, listed and read once: what is not in the list is not served, whatever a path looks like."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from server.pages.files import ServedFile
from server.pages.policies import ASKED_FOR_EACH_TIME

MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
"""What is served at all; it does not depend on the machine's own list of types."""


def served_folder(
    folder: Path, *, cache: str = ASKED_FOR_EACH_TIME, headers: Mapping[str, str] | None = None
) -> Mapping[str, ServedFile]:
    """The files that stand directly in a folder, by name; links, and files of other types, are left out."""
    if not folder.is_dir():
        return {}
    paths = sorted(path for path in folder.iterdir() if path.suffix in MEDIA_TYPES and _is_plain(path))
    return {path.name: served_path(path, cache=cache, headers=headers) for path in paths}


def served_path(
    path: Path, *, cache: str = ASKED_FOR_EACH_TIME, headers: Mapping[str, str] | None = None
) -> ServedFile:
    """One file, with the `.gz` beside it, if there is one.

    Raises:
        OSError: It cannot be read.
    """
    beside = path.with_name(f"{path.name}.gz")
    compressed = beside.read_bytes() if _is_plain(beside) else None
    return ServedFile.of(
        path.read_bytes(), MEDIA_TYPES[path.suffix], compressed=compressed, cache=cache, headers=headers
    )


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
