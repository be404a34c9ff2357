"""The OpenAPI v3 documents of a dump: files with the path that they have on an API server, in any folder."""

import re
from typing import Final

import msgspec

from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.errors import DocumentBroken
from snapshots.lenientdecoder import LenientDecoder

_FILE: Final = re.compile(
    r"(?:.*/)?openapi/v3/(apis/[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/v[a-z0-9]{1,62})\.json(?:\.gz)?", re.ASCII
)


class _DumpedDocument(msgspec.Struct):
    openapi: str
    components: msgspec.Raw


_DOCUMENT: Final = LenientDecoder(_DumpedDocument)


def document_file(name: str) -> str:
    """Returns the path of a document, such as `apis/example.com/v1`, in an archive."""
    return f"openapi/v3/{name}.json"


def document_name(path: str) -> str | None:
    """Returns the name of the document in a file, such as `apis/example.com/v1`; None for any other file."""
    match = _FILE.fullmatch(path)
    return match[1] if match else None


def read_schemas(file: DumpFile, *, max_bytes: int) -> bytes:
    """Returns the document of a file without line breaks.

    Raises:
        DocumentBroken: The file is no such document, or is too large.
    """
    body = file.read()
    if len(body) > max_bytes:
        raise DocumentBroken(f"it has {len(body)} bytes; the limit of an OpenAPI document is {max_bytes}")
    try:
        _DOCUMENT.decode(body)
        return msgspec.json.format(body, indent=-1)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DocumentBroken("it is no OpenAPI v3 document") from error
