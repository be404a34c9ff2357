"""The page of links, compared with the declarations."""

from __future__ import annotations

from tests.docs.links import LINKS, document


def test_the_page_of_links_is_that_of_the_declarations() -> None:
    assert LINKS.read_text() == document(), "write it again: .venv/bin/python -m tests.docs.links > docs/links.md"
