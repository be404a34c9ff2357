"""YAML documents as JSON, each read for itself, with the text around them."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from snapshots.dumps.errors import DocumentBroken
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.texts.document import BrokenDocument, Document, FilePart
from snapshots.dumps.texts.surroundings import without_surroundings, yaml_surroundings
from snapshots.dumps.texts.yamlparts import BrokenEntry, YamlBuilder

YAML_MARK: Final = re.compile(rb"^---(?=[ \t\n]|$)", re.MULTILINE)
_CONTENT: Final = re.compile(rb"^[ \t]*(?!(?:---|\.\.\.)$)[^ \t\n#%]", re.MULTILINE)
"""A line that is not empty, a comment, a directive or a document marker."""


def yaml_documents(content: bytes, limits: DumpLimits) -> Iterator[FilePart]:
    """Yields the documents of a text without empty ones; a broken one does not affect the others."""
    for line, text in yaml_texts(content):
        yield from yaml_parts(text, line, limits)


def yaml_texts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the text of each document that is not empty, with its first line."""
    line = 1
    for start, end in _spans(content):
        text = content[start:end]
        if _CONTENT.search(text):
            yield line, text
        line += text.count(b"\n")


def yaml_parts(text: bytes, line: int, limits: DumpLimits) -> Iterator[FilePart]:
    """Yields the documents of a text without document markers, and the text around them."""
    if b"\0" in text:
        yield BrokenDocument(DocumentBroken("it is not text", line=line))
        return
    cleaned = without_surroundings(text)
    if cleaned == text:
        yield from _parts(text, line, limits)
        return
    parts = tuple(_parts(cleaned, line, limits))
    if any(isinstance(part, BrokenDocument) for part in parts):  # those lines may be part of a quoted text
        as_written = tuple(_parts(text, line, limits))
        if all(isinstance(part, Document) for part in as_written):
            yield from as_written
            return
    yield from yaml_surroundings(text, line)
    yield from parts


def _spans(content: bytes) -> Iterator[tuple[int, int]]:
    """Yields the begin and end of each document, one at a time: there may be as many as lines."""
    start = 0
    for mark in YAML_MARK.finditer(content):
        if mark.start():
            yield start, mark.start()
            start = mark.start()
    yield start, len(content)


def _parts(text: bytes, line: int, limits: DumpLimits) -> Iterator[Document | BrokenDocument]:
    if not _CONTENT.search(text):
        return
    try:
        for part in YamlBuilder(text, limits).parts():
            at = line + (part.line or 1) - 1
            if isinstance(part, BrokenEntry):
                yield BrokenDocument(DocumentBroken(part.cause, line=at), part.lost)
            else:
                yield Document(at, msgspec.json.encode(part.value), part.is_cut)
    except DocumentBroken as error:
        yield BrokenDocument(DocumentBroken(error.cause, line=line + (error.line or 1) - 1))
    except (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError):
        yield BrokenDocument(DocumentBroken("it has a value that JSON cannot represent", line=line))
