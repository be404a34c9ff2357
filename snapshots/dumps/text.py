"""From the bytes of a file to bytes in UTF-8, whatever Windows made of them."""

import codecs
from typing import Final

from snapshots.dumps.errors import DocumentBroken

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def utf_8(content: bytes) -> bytes:
    """The text without a byte order mark, with line ends as they are in Unix.

    Raises:
        DocumentBroken: it says that it is UTF-16, and is not.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    if content.startswith(_UTF_16):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            raise DocumentBroken("it is no text in UTF-16, though it begins like one") from None
    return content.replace(b"\r\n", b"\n") if b"\r" in content else content


def line_at(content: bytes, position: int) -> int:
    """The line of a byte, counted from 1."""
    return content.count(b"\n", 0, position) + 1
