"""docs/clients.md in steps: files to write and commands to run, in order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "clients.md"

_FILE_NAME: Final = re.compile(r"`([\w./-]+\.\w+)`[^`]*:$")
"""A file name at the end of the paragraph before a block."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that the reader saves."""

    name: str
    text: str

    @property
    def is_of_node(self) -> bool:
        """Returns whether only Node needs it."""
        return not self.name.endswith(".py")


@dataclass(frozen=True, slots=True)
class Command:
    """A command that the reader runs: a line of a block."""

    text: str

    @property
    def is_of_node(self) -> bool:
        """Returns whether it belongs to Node."""
        return self.text.startswith(("npm ", "npx ")) or self.text.endswith("schema.graphql")

    @property
    def is_endless(self) -> bool:
        """Returns whether it ends only when the reader stops it."""
        return "subscription {" in self.text


Step = File | Command


class StrayBlock(Exception):
    """A block of code is not a command and has no file name before it."""


def steps(document: Path = DOCUMENT) -> Sequence[Step]:
    """Returns all steps, in order.

    Raises:
        StrayBlock: a block is neither.
    """
    return list(_steps(document))


def _steps(document: Path) -> Iterator[Step]:
    before = ""
    for token in MarkdownIt().parse(document.read_text()):
        if token.type == "inline":
            before = token.content
        if token.type != "fence":
            continue
        if token.info == "sh":
            yield from map(Command, _commands(token.content))
        elif named := _FILE_NAME.search(before):
            yield File(named[1], token.content)
        else:
            raise StrayBlock(f"{document.name}:{(token.map or [0])[0] + 1}")
        before = ""


def _commands(block: str) -> Iterator[str]:
    """Returns the commands of a block, with lines joined after a backslash."""
    yield from re.sub(r"\\\n\s*", "", block).splitlines()
