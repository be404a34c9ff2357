"""From a page of the manual in Markdown to HTML: no raw HTML passes, and every link leads somewhere from here.

Written for GitHub, the pages name each other as files; here they are addresses. Files of the repository that are not
served become plain text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PAGE: Final = re.compile(r"(?:\./)?([\w-]+)\.md(#[\w-]*)?", re.ASCII)
_IMAGE: Final = re.compile(r"(?:\./)?images/([\w.-]+)", re.ASCII)
_OTHER_PLACES: Final = {"../schema.graphql": "/schema.graphql"}
_ANCHOR: Final = re.compile(r"#[\w-]*")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page.

    Attributes:
        title: Its first heading, as text; empty if it has none.
        summary: Its first paragraph, as text.
        html: All of it.
    """

    title: str
    summary: str
    html: str


def render(markdown: str) -> Rendered:
    """One page."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = list(_without_html(parser.parse(markdown)))
    for token in _inlines(tokens):
        token.children = _relinked(_without_html(token.children or []))
    _name_headings(tokens)
    return Rendered(
        title=_text_after(tokens, "heading_open"),
        summary=_text_after(tokens, "paragraph_open"),
        html=parser.renderer.render(tokens, parser.options, {}),
    )


def _without_html(tokens: Sequence[Token]) -> Iterator[Token]:
    """Comments are dropped, for they are for who edits the page; other HTML is shown as the text that it is."""
    for token in tokens:
        if token.type not in ("html_block", "html_inline"):
            yield token
        elif not re.fullmatch(r"(\s*<!--.*?-->\s*)+", token.content, re.DOTALL):
            token.type = "code_block" if token.type == "html_block" else "text"
            yield token


def _inlines(tokens: Sequence[Token]) -> Iterator[Token]:
    return (token for token in tokens if token.type == "inline")


def _relinked(tokens: Iterator[Token]) -> list[Token]:
    found: list[Token] = []
    is_linked = True
    for token in tokens:
        if token.type == "link_open":
            address = address_of(str(token.attrs.get("href", "")))
            is_linked = address is not None
            _point(token, address or "")
        if token.type == "image":
            found.append(_image(token))
        elif is_linked or token.type not in ("link_open", "link_close"):
            found.append(token)
    return found


def address_of(href: str) -> str | None:
    """Where a link of the manual leads from a page at /docs/; None if what it names is not served."""
    if page := _PAGE.fullmatch(href):
        return f"/docs/{page[1]}{page[2] or ''}"
    if _ANCHOR.fullmatch(href) or href.startswith(("https://", "http://")):
        return href
    return _OTHER_PLACES.get(href)


def _point(token: Token, address: str) -> None:
    token.attrs["href"] = address
    if address.startswith("http"):
        token.attrs["rel"] = "noopener noreferrer"


def _image(token: Token) -> Token:
    """Images of the manual are served beside it; of others, only what they show is said."""
    found = _IMAGE.fullmatch(str(token.attrs.get("src", "")))
    if found is None:
        return Token("text", "", 0, content=token.content)
    token.attrs["src"] = f"/docs/images/{found[1]}"
    return token


def _name_headings(tokens: Sequence[Token]) -> None:
    """As GitHub does, so that `page.md#a-heading` leads to it; the second of a name gets `-1`."""
    seen: dict[str, int] = {}
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            slug = slug_of(_plain(following))
            seen[slug] = count = seen.get(slug, -1) + 1
            token.attrs["id"] = f"{slug}-{count}" if count else slug


def slug_of(text: str) -> str:
    """A heading's anchor."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _text_after(tokens: Sequence[Token], kind: str) -> str:
    following = (after for token, after in pairwise(tokens) if token.type == kind)
    return next((_plain(token) for token in following), "")


def _plain(token: Token) -> str:
    return "".join(" " if child.type == "softbreak" else child.content for child in token.children or [])
