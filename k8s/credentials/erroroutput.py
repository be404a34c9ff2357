"""The error output of an exec plugin, for the person at the command line: its end, on one line, without secrets.

It comes through a pipe of our own, so that a child that holds it open delays nothing, and is read all the time, so that
a plugin that prints without end does not wait for us.
"""

import asyncio
import os
import re
from collections.abc import Iterable
from typing import Final, Self

_KEPT_BYTES: Final = 8 * 1024
_READ_BYTES: Final = 64 * 1024
_MAX_READS: Final = 16
_SHOWN_CHARACTERS: Final = 500
_HIDDEN: Final = "***"

_CONTROL_SEQUENCE: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
"""Colours and cursor movements (ECMA-48 CSI), which say nothing on one line."""
_NAMED: Final = re.compile(
    r"""(?isx)
    (?P<name> authorization \\*["']? \s* [:=] \s* | bearer \s+ | cookie \s* : \s*
      | (?: token | secret | passw(?:or)?d | passphrase | pwd | credential | assertion
          | (?: api | access | account | client | private | shared ) [_-]? key ) [\w.-]{0,40}
        (?: \\*["'] \s* : \s* (?= \\*["'] ) | \s* = \s* ) | (?: passw(?:or)?d | api[_-]?key ) \\*["']? \s* : \s* )
    (?: (?P<quote> \\*["'] ) (?: (?! (?<!\\) (?P=quote) ) . )+
      | (?: (?: basic | bearer | token ) \s+ )? \S* [^\s,;"'})\]] )
    """
)
"""Values behind names of secrets, as in assignments, JSON and headers, and in JSON that is quoted itself. A value in
quotes ends with them, another one at a space. A colon alone is no sign: "token: expired"."""
_USER: Final = re.compile(r"(?<=://)[^\s/]+(?=@)")
"""The user and the password of a URL."""
_RUN: Final = re.compile(r"[A-Za-z0-9_+/=.~%-]{20,}")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_+=~%-]{20,}")
"""A part of a path, a host or a token: a long one with letters and digits is taken for a secret."""
_CUT_WORD: Final = re.compile(r"\S*")
_SECRET_NAME: Final = re.compile(r"(?i)token|secret|passw|passphrase|credential|key")
_SHORTEST_SECRET: Final = 4


class ErrorOutput:
    """The error output of one run, open while it runs."""

    def __init__(self) -> None:
        self._read, self.descriptor = os.pipe()
        os.set_blocking(self._read, False)
        self._kept = b""
        self._is_cut = False
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> Self:
        self._loop.add_reader(self._read, self._read_some)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.remove_reader(self._read)
        os.close(self._read)
        self.close_writer()

    def close_writer(self) -> None:
        """Closes our copy of the end that the plugin writes to."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def excerpt(self, secrets: Iterable[str]) -> str:
        """Returns the last words of the output on one line, without secrets; empty if there are none.

        Control characters are kept; the terminal's output escapes them.
        """
        for _ in range(_MAX_READS):
            if not self._read_some():
                break
        text = self._kept.decode("utf-8", "replace")
        return shown(_CUT_WORD.sub("", text, count=1) if self._is_cut else text, secrets)

    def _read_some(self) -> bool:
        """Reads without waiting; returns whether there may be more."""
        try:
            read = os.read(self._read, _READ_BYTES)
        except BlockingIOError:
            return False
        if not read:  # the last writer has closed it, which would be readable for ever
            self._loop.remove_reader(self._read)
            return False
        output = self._kept + read
        self._is_cut = self._is_cut or len(output) > _KEPT_BYTES
        self._kept = output[-_KEPT_BYTES:]
        return True


def shown(text: str, secrets: Iterable[str]) -> str:
    """Returns the end of a text on one line, with `***` for the secrets and for all that looks like one."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, _HIDDEN)
    text = _USER.sub(_HIDDEN, _CONTROL_SEQUENCE.sub("", text))
    text = _NAMED.sub(lambda match: match["name"] + (match["quote"] or "") + _HIDDEN, text)
    text = _RUN.sub(lambda match: _HIDDEN if _is_dense(match.group()) else match.group(), text)
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_CHARACTERS else f"... {line[-_SHOWN_CHARACTERS:]}"


def _is_dense(run: str) -> bool:
    segments = _SEGMENT.findall(run)
    return any(re.search("[0-9]", segment) and re.search("[A-Za-z]", segment) for segment in segments)


def secrets_among(arguments: Iterable[str], environment: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Returns the values of arguments and variables whose names sound like those of secrets."""
    values = [value for name, value in environment if _SECRET_NAME.search(name)]
    is_next = False
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if is_next and not argument.startswith("-"):
            values.append(argument)
        if equals and _SECRET_NAME.search(name):
            values.append(value)
        is_next = not equals and argument.startswith("-") and _SECRET_NAME.search(argument) is not None
    return tuple(values)
