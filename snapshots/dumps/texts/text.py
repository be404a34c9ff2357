"""Conversion of the bytes of a file to UTF-8, also from UTF-16 and with Windows line breaks."""

import codecs
from typing import Final

from snapshots.dumps.errors import DocumentBroken

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def utf_8(content: bytes) -> bytes:
    """Returns the text in UTF-8, without byte order marks and padding, and with Unix line breaks.

    Raises:
        DocumentBroken: The byte order mark is of UTF-16, and the text is not.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    if content.startswith(_UTF_16):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            raise DocumentBroken("it begins like UTF-16, but is not valid UTF-16") from None
    content = content.rstrip(b"\0")
    if codecs.BOM_UTF8 in content:  # of files that were appended
        content = content.replace(b"\n" + codecs.BOM_UTF8, b"\n")
    return content.replace(b"\r\n", b"\n") if b"\r" in content else content


def line_at(content: bytes, position: int) -> int:
    """Returns the line of a byte, counted from 1."""
    return content.count(b"\n", 0, position) + 1
