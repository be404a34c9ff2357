"""The documents of a file, each as JSON, whether the file is JSON or YAML, and the text around them."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final

from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.texts.document import BrokenDocument, Document, FilePart
from snapshots.dumps.texts.jsontext import json_documents, json_value
from snapshots.dumps.texts.jsonvalues import LOGS_BEGIN
from snapshots.dumps.texts.text import utf_8
from snapshots.dumps.texts.yamltext import YAML_MARK, yaml_parts, yaml_texts

_BEGIN: Final = re.compile(
    rb'^(?:---[ \t]*)?(?P<json>\{[ \t]*(?:["}]|$)|\[[ \t]*(?:[\[{"\]]|$))'
    rb'|(?P<key>\{\s*"(?:apiVersion|kind|items|metadata)")'
    rb"|^(?!warning:|error:)(?:[a-z][A-Za-z]*:(?:[ \t\n]|$)|- )",
    re.MULTILINE,
)
"""The begin of the first value of a text: JSON if it is in one of the groups, else YAML."""


def documents(file: DumpFile, limits: DumpLimits) -> Iterator[FilePart]:
    """Yields the documents in order; a broken one does not affect the others.

    Raises:
        DocumentBroken: The file as a whole cannot be read.
        DumpTooLarge: The dump exceeds a limit.
    """
    content = utf_8(file.read())
    if content.lstrip().startswith((b"{", b"[")) and (whole := json_value(content, 1, limits)):
        yield whole
    elif LOGS_BEGIN in content or not YAML_MARK.search(content):
        yield from _parts(content, 1, file, limits)
    else:
        for line, text in yaml_texts(content):
            yield from _parts(text, line, file, limits)


def _parts(text: bytes, line: int, file: DumpFile, limits: DumpLimits) -> Iterator[FilePart]:
    """Yields the parts of a text in which no YAML document begins after the first one."""
    if not _is_json(text):
        yield from _collecting_later(yaml_parts(text, line, limits))
        return
    parsed = json_documents(text.removeprefix(b"---"), limits, line)
    begin = tuple(islice(parsed, 2))
    if begin and isinstance(begin[0], BrokenDocument) and not (_is_named_json(file) or _is_cut_list(begin)):
        yield from _collecting_later(yaml_parts(text, line, limits))  # YAML in flow style may be without quotes
        return
    yield from begin
    yield from parsed


def _is_json(text: bytes) -> bool:
    if text.removeprefix(b"---").lstrip().startswith((b"{", b"[")):
        return True
    begin = _BEGIN.search(text)
    return begin is not None and (begin["json"] or begin["key"]) is not None


def _is_cut_list(begin: tuple[FilePart, ...]) -> bool:
    """Returns whether a text begins with a list in JSON whose rest is broken."""
    return any(isinstance(part, Document) and part.is_cut for part in begin)


def _is_named_json(file: DumpFile) -> bool:
    return file.path.lower().removesuffix(".gz").endswith(".json")


def _collecting_later(parsed: Iterator[FilePart]) -> Iterator[FilePart]:
    """Yields the same parts, each read without garbage collection, which would traverse all new objects."""
    while True:
        with _without_garbage_collection():
            part = next(parsed, None)
        if part is None:
            return
        yield part


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
