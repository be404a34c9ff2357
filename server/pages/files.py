"""Files that are served as they are: compressed once, compared by ETag, with the headers of their type.

Both forms are cached, so that no request makes the server compress or decompress.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from server.pages.policies import REVALIDATED

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
"""The types that are served; independent of the machine's own list."""

SMALLEST_COMPRESSED_BYTES: Final = 1024
_COMPRESSED_BELOW: Final = 0.9
_LONGEST_LIST: Final = 4096
"""Characters of a header that are read."""
_GZIP: Final = re.compile(r"(?:x-)?gzip(?:\s*;\s*q=(?P<quality>[0-9.]+))?", re.IGNORECASE | re.ASCII)
_NO_QUALITY: Final = re.compile(r"0(\.0*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFile:
    """One file, or one page that was rendered once.

    Attributes:
        content: The bytes without an encoding.
        compressed: The same with gzip, if that is much smaller.
        etag: Weak, because both encodings of the content share it (RFC 9110, section 8.8.3).
        headers: Further headers of the response.
    """

    content: bytes = field(repr=False)
    compressed: bytes | None = field(repr=False)
    media_type: str
    etag: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        content: bytes,
        media_type: str,
        *,
        compressed: bytes | None = None,
        cache: str = REVALIDATED,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Returns a file with this content.

        Args:
            content: As it is without an encoding.
            media_type: With the charset, if it is text.
            compressed: The same with gzip, where that has been made before.
            cache: The value of Cache-Control.
            headers: More of them.
        """
        if compressed is None and len(content) >= SMALLEST_COMPRESSED_BYTES:
            compressed = gzip.compress(content, mtime=0)
        is_worth_it = compressed is not None and len(compressed) < len(content) * _COMPRESSED_BELOW
        return cls(
            content=content,
            compressed=compressed if is_worth_it else None,
            media_type=media_type,
            etag=f'W/"{hashlib.sha256(content).hexdigest()[:32]}"',
            headers={"Cache-Control": cache, **(headers or {})},
        )

    def response(self, request: Request, *, status: int = 200) -> Response:
        """Returns the response to GET or HEAD: the content, or 304 if the client has it."""
        headers = {**self.headers, "ETag": self.etag}
        if self.compressed is not None:
            headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Accept-Encoding")))
        if status == 200 and _is_cached_by_client(request.headers, self.etag):
            return Response(status_code=304, headers=headers)
        body = self.content
        if self.compressed is not None and _accepts_gzip(request.headers):
            body = self.compressed
            headers["Content-Encoding"] = "gzip"
        headers |= {"Content-Type": self.media_type, "Content-Length": str(len(body))}
        return Response(b"" if request.method == "HEAD" else body, status_code=status, headers=headers)


def served_folder(
    folder: Path, *, cache: str = REVALIDATED, headers: Mapping[str, str] | None = None
) -> Mapping[str, ServedFile]:
    """Returns the files directly in a folder, by name, without links and files of other types.

    They are listed and read once: a path that is not in the list is not served.
    """
    if not folder.is_dir():
        return {}
    paths = sorted(path for path in folder.iterdir() if path.suffix in MEDIA_TYPES and _is_plain(path))
    return {path.name: served_path(path, cache=cache, headers=headers) for path in paths}


def served_path(path: Path, *, cache: str = REVALIDATED, headers: Mapping[str, str] | None = None) -> ServedFile:
    """Returns one file, with the `.gz` beside it if there is one.

    Raises:
        OSError: It cannot be read.
    """
    gzip_path = path.with_name(f"{path.name}.gz")
    compressed = gzip_path.read_bytes() if _is_plain(gzip_path) else None
    return ServedFile.of(
        path.read_bytes(), MEDIA_TYPES[path.suffix], compressed=compressed, cache=cache, headers=headers
    )


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_cached_by_client(headers: Headers, etag: str) -> bool:
    """Returns whether the client has this version; compared weakly (RFC 9110, section 13.1.2)."""
    etags = [word.removeprefix("W/") for word in _words(headers, "if-none-match")]
    return "*" in etags or etag.removeprefix("W/") in etags


def _accepts_gzip(headers: Headers) -> bool:
    codings = [match for word in _words(headers, "accept-encoding") if (match := _GZIP.fullmatch(word)) is not None]
    return any(not _NO_QUALITY.fullmatch(match["quality"] or "1") for match in codings)


def _words(headers: Headers, name: str) -> list[str]:
    """Returns the words of a list. No more of a header is read than browsers send, since any client can send one."""
    text = ",".join(headers.getlist(name))[:_LONGEST_LIST]
    return [word.strip() for word in text.split(",")]
