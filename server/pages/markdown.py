"""Rendering of the manual's Markdown to HTML, without raw HTML, with links that work on this server.

The pages are written for GitHub and name each other as files; here these become addresses. Links to files of the
repository that are not served become plain text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from server.pages.codeblocks import code_block

_PAGE: Final = re.compile(r"(?:\./)?([\w-]+)\.md(#[\w-]*)?", re.ASCII)
_IMAGE: Final = re.compile(r"(?:\./)?images/([\w.-]+)", re.ASCII)
_OTHER_PLACES: Final = {"../schema.graphql": "/schema.graphql"}
_ANCHOR: Final = re.compile(r"#[\w-]*")


@dataclass(frozen=True, slots=True)
class PageSection:
    """A heading of a page with what is below it, up to the next heading of any level.

    Attributes:
        level: 1 for the page's title.
        anchor: The heading's; empty for that of level 1, which is the page itself.
        title: As text.
        text: All words and code, for the search.
    """

    level: int
    anchor: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered page.

    Attributes:
        title: Its first heading, as text; empty if it has none.
        summary: Its first paragraph, as text.
        sections: From heading to heading; text above the first heading is none.
        html: The whole page.
    """

    title: str
    summary: str
    sections: Sequence[PageSection]
    html: str


def render(markdown: str) -> Rendered:
    """Renders one page."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.add_render_rule("fence", _fence)
    tokens = list(_without_html(parser.parse(markdown)))
    for token in _inlines(tokens):
        token.children = _relinked(_without_html(token.children or []))
    _name_headings(tokens)
    return Rendered(
        title=_text_after(tokens, "heading_open"),
        summary=_text_after(tokens, "paragraph_open"),
        sections=_sections(tokens),
        html=parser.renderer.render(tokens, parser.options, {}),
    )


def _fence(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: object, _env: object) -> str:
    token = tokens[index]
    return code_block(token.content, (token.info.split() or [""])[0])


def _without_html(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yields the tokens without comments, which are for authors; other HTML becomes text."""
    for token in tokens:
        if token.type not in ("html_block", "html_inline"):
            yield token
        elif not re.fullmatch(r"(\s*<!--.*?-->\s*)+", token.content, re.DOTALL):
            token.type = "code_block" if token.type == "html_block" else "text"
            yield token


def _inlines(tokens: Sequence[Token]) -> Iterator[Token]:
    return (token for token in tokens if token.type == "inline")


def _relinked(tokens: Iterator[Token]) -> list[Token]:
    relinked: list[Token] = []
    is_linked = True
    for token in tokens:
        if token.type == "link_open":
            address = address_of(str(token.attrs.get("href", "")))
            is_linked = address is not None
            _point(token, address or "")
        if token.type == "image":
            relinked.append(_image(token))
        elif is_linked or token.type not in ("link_open", "link_close"):
            relinked.append(token)
    return relinked


def address_of(href: str) -> str | None:
    """Returns the address of a link from a page at /docs/; None if its target is not served."""
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
    """Returns an image of the manual, which is served beside it; of another one, its description as text."""
    relinked = _IMAGE.fullmatch(str(token.attrs.get("src", "")))
    if relinked is None:
        return Token("text", "", 0, content=token.content)
    token.attrs["src"] = f"/docs/images/{relinked[1]}"
    return token


def _name_headings(tokens: Sequence[Token]) -> None:
    """Sets the anchors of headings as GitHub does: `page.md#a-heading`; a repeated name gets `-1`."""
    counts: dict[str, int] = {}
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            slug = slug_of(_plain(following))
            counts[slug] = count = counts.get(slug, -1) + 1
            token.attrs["id"] = f"{slug}-{count}" if count else slug


def _sections(tokens: Sequence[Token]) -> Sequence[PageSection]:
    sections: list[PageSection] = []
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            level = int(token.tag.removeprefix("h"))
            anchor = "" if level == 1 else str(token.attrs["id"])
            sections.append(PageSection(level, anchor, _plain(following), ""))
        elif sections and following.type in {"inline", "fence", "code_block"}:
            text = _plain(following) if following.type == "inline" else following.content
            sections[-1] = replace(sections[-1], text=f"{sections[-1].text} {text}".strip())
    return tuple(sections)


def slug_of(text: str) -> str:
    """Returns a heading's anchor."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _text_after(tokens: Sequence[Token], kind: str) -> str:
    following = (after for token, after in pairwise(tokens) if token.type == kind)
    return next((_plain(token) for token in following), "")


def _plain(token: Token) -> str:
    return "".join(" " if child.type == "softbreak" else child.content for child in token.children or [])
