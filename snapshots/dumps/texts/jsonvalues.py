"""The places of JSON values in a text: one, several in a row, and text or broken values between them.

`kubectl cluster-info dump` writes lists indented by four spaces, and between them the logs of all pods. So a value is
first tried up to a line with nothing but its closing brace, or up to the end of its first line. If that is not a value,
a parser finds its end. After a broken value, reading goes on at the next line that begins with a brace: each line is
parsed at most twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from json import JSONDecodeError, JSONDecoder
from typing import Final

import msgspec

LOGS_BEGIN: Final = b"==== START logs for "
_LOGS_END: Final = re.compile(rb"^==== END logs for [^\n]*", re.MULTILINE)
_ANYTHING: Final = msgspec.json.Decoder(msgspec.Raw)
_BLANK: Final = re.compile(rb"(?:\s|\xef\xbb\xbf)*")
_VALUE: Final = re.compile(rb"\{|\[\s*[\[{]")
_BEGIN: Final = re.compile(
    rb'^[ \t]*[{\[]|\{\s*"(?:apiVersion|kind|items|metadata)"|^==== START logs for ', re.MULTILINE
)
_BEGIN_OF_LINE: Final = re.compile(rb"^(?:[{\[]|==== START logs for )", re.MULTILINE)
_CLOSING_LINE: Final = re.compile(rb"^[}\]][ \t]*$", re.MULTILINE)
_KEY: Final = re.compile(rb'[\s{,]*"((?:[^"\\]|\\.)*)"\s*:\s*', re.DOTALL)
_COMMA: Final = re.compile(rb"\s*,\s*")
_ITEMS: Final = b"items"
_WINDOW_BYTES: Final = 4096
_LONGEST_TOKEN: Final = 16
"""The longest part of a value, except for strings, that a window may cut."""

_MOST_DEEP: Final = 20
"""The values of a text that may be nested too deeply: each costs the depth that the parser reaches."""


class Form(Enum):
    """The content of a place."""

    VALUE = "value"
    BROKEN = "broken"
    TOO_DEEP = "too deep"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class _Failed:
    """The offset at which a parser failed."""

    at: int


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a text, from `start` to `end`; all of it in the form."""

    form: Form
    start: int
    end: int


class JsonText:
    """A text with JSON values in it."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._no_guess_before = 0
        self._deep = 0

    def places(self) -> Iterator[Place]:
        """Yields the values and the text around them, in order; logs between their marks are left out."""
        at = self._after_blank(0)
        while at < len(self._content):
            place = self._place(at)
            if place is None:
                at = self._after_logs(at)
            else:
                yield place
                at = place.end
            at = self._after_blank(at)

    def entries(self, place: Place) -> bytes | None:
        """Returns a list whose end is broken with the entries before that; None if there are none."""
        content, at = self._content, place.start
        if content.startswith(b"[", at):
            end = self._end_of_entries(at + 1, place.end)
            return content[at:end] + b"]" if end else None
        while (match := _KEY.match(content, at, place.end)) is not None:
            if match[1] == _ITEMS and content.startswith(b"[", match.end()):
                end = self._end_of_entries(match.end() + 1, place.end)
                return content[place.start : end] + b"]}" if end else None
            after = self._parsed(match.end())
            if not isinstance(after, int):
                return None
            at = after
        return None

    def _place(self, at: int) -> Place | None:
        """Returns the place that begins at an offset; None for logs."""
        content = self._content
        if content.startswith(LOGS_BEGIN, at):
            return None
        if not content.startswith((b"{", b"["), at):
            return self._text(at, at)
        end = self._guessed(at) or self._parsed(at)
        if isinstance(end, int):
            return Place(Form.VALUE, at, end)
        if isinstance(end, RecursionError):
            self._deep += 1
            resumed = self._resumed(at, at) if self._deep < _MOST_DEEP else len(content)
            return Place(Form.TOO_DEEP, at, resumed)
        if not _VALUE.match(content, at):
            return self._text(at, end.at)
        return Place(Form.BROKEN, at, self._resumed(at, end.at))

    def _text(self, at: int, error_at: int) -> Place:
        """Returns the text up to the next value; a parser that took it for a value failed at `error_at`."""
        line = self._content.rfind(b"\n", at, error_at) + 1
        begin = _BEGIN.search(self._content, max(at + 1, line))
        return Place(Form.TEXT, at, begin.start() if begin else len(self._content))

    def _guessed(self, at: int) -> int | None:
        """Returns the end of a value in the usual formats."""
        content = self._content
        if at < self._no_guess_before:
            return None
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        if not content[max(at, end - 8) : end].rstrip().endswith((b"}", b"]")):
            closing = _CLOSING_LINE.search(content, at)
            end = closing.end() if closing else len(content)
        self._no_guess_before = end
        try:
            _ANYTHING.decode(memoryview(content)[at:end])
        except (msgspec.DecodeError, RecursionError):
            return None
        return end

    def _parsed(self, at: int) -> "int | _Failed | RecursionError":
        """Returns the end of the value at an offset, or the error.

        It is parsed in windows of growing size, since an error of the parser costs as much as the text before it.
        """
        size = _WINDOW_BYTES
        while True:
            window = self._content[at : at + size].decode("latin-1")  # one character for each byte
            try:
                return at + _DECODER.raw_decode(window)[1]
            except RecursionError as error:
                return error
            except JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(window) - _LONGEST_TOKEN
                if at + size >= len(self._content) or not is_cut:
                    return _Failed(at + error.pos)
            size *= 2

    def _resumed(self, at: int, error_at: int) -> int:
        """Returns the offset of the next value after a broken one, at the begin of a line."""
        line = self._content.rfind(b"\n", at, error_at) + 1
        if line <= at:
            line = self._content.find(b"\n", max(at, error_at)) + 1
        begin = _BEGIN_OF_LINE.search(self._content, line) if line else None
        return begin.start() if begin else len(self._content)

    def _end_of_entries(self, at: int, end: int) -> int | None:
        found: int | None = None
        at = self._after_blank(at)
        while at < end and isinstance(after := self._parsed(at), int):
            found = after
            comma = _COMMA.match(self._content, after)
            if comma is None:
                break
            at = comma.end()
        return found

    def _after_blank(self, at: int) -> int:
        blank = _BLANK.match(self._content, at)
        return blank.end() if blank else at

    def _after_logs(self, at: int) -> int:
        end = _LOGS_END.search(self._content, at)
        return end.end() if end else len(self._content)


def _nothing(_parsed: object) -> None:
    """Takes a parsed value, of which only the end matters."""


_DECODER: Final = JSONDecoder(
    object_pairs_hook=_nothing, parse_float=_nothing, parse_int=_nothing, parse_constant=_nothing
)
