"""The blocks of code in the README and the manual."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code.

    Attributes:
        language: What stands behind the fence; empty for an indented block.
        line: Where it begins in its file, from 1.
    """

    file: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"


def blocks(file: Path) -> list[Block]:
    """Returns all blocks of a document, in order."""
    return [
        Block(file, (token.map or [0])[0] + 1, (token.info.split() or [""])[0], token.content)
        for token in MarkdownIt().parse(file.read_text())
        if token.type in {"fence", "code_block"}
    ]


def blocks_in(*languages: str) -> Iterable[Block]:
    """Returns the blocks of these languages in all documents."""
    return [block for file in DOCUMENTS for block in blocks(file) if block.language in languages]
