"""The documents of a file, each as JSON, whether the file is JSON or YAML."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from snapshots.dumps.document import BrokenDocument, Document
from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.jsontext import json_documents
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.text import utf_8
from snapshots.dumps.yamltext import yaml_documents


def documents(file: DumpFile, limits: DumpLimits) -> Iterator[Document | BrokenDocument]:
    """Yields the documents in order; a broken one does not affect the others.

    Raises:
        DocumentBroken: The file as a whole cannot be read.
        DumpTooLarge: The dump exceeds a limit.
    """
    content = utf_8(file.read())
    if not content.lstrip().startswith((b"{", b"[")):
        yield from _collecting_later(yaml_documents(content, limits))
        return
    parsed = json_documents(content, limits)
    first = next(parsed)
    if isinstance(first, BrokenDocument) and _is_yaml(file):  # YAML in flow style may be without quotes
        yield from _collecting_later(yaml_documents(content, limits))
        return
    yield first
    yield from parsed


def _is_yaml(file: DumpFile) -> bool:
    return file.path.lower().removesuffix(".gz").endswith((".yaml", ".yml"))


def _collecting_later(parsed: Iterator[Document | BrokenDocument]) -> Iterator[Document | BrokenDocument]:
    """Yields the same documents, each read without garbage collection, which would traverse all new objects."""
    while True:
        with _without_garbage_collection():
            document = next(parsed, None)
        if document is None:
            return
        yield document


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
