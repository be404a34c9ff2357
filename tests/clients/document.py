"""docs/clients.md as its reader takes it: files to write and commands to run, in their order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "clients.md"

_FILE_NAME: Final = re.compile(r"`([\w./-]+\.\w+)`[^`]*:$")
"""At the end of the paragraph before a block."""


@dataclass(frozen=True, slots=True)
class File:
    """What a reader saves."""

    name: str
    text: str

    @property
    def is_of_node(self) -> bool:
        """Whether only Node needs it."""
        return not self.name.endswith(".py")


@dataclass(frozen=True, slots=True)
class Command:
    """What a reader runs; a line of a block."""

    text: str

    @property
    def is_of_node(self) -> bool:
        """Whether Node needs it, or it needs Node."""
        return self.text.startswith(("npm ", "npx ")) or self.text.endswith("schema.graphql")


Step = File | Command


class StrayBlock(Exception):
    """A block of code that is no command and has no file name before it: nobody would know what to do with it."""


def steps(document: Path = DOCUMENT) -> Sequence[Step]:
    """All steps, in order.

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
    """Lines, joined where a backslash says so."""
    yield from re.sub(r"\\\n\s*", "", block).splitlines()
