"""Blocks of code in the manual: highlighted, and queries with a link that opens them in GraphiQL."""

from html import escape
from typing import Final
from urllib.parse import quote

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_QUERY: Final = "graphql"
"""The language of queries; every such block of the manual can be run as it is."""

_TOKENS: Final = HtmlFormatter(nowrap=True)
"""Tokens as `<span class="k">`; `web/landing/code.css` has the colours of the classes."""


def code_block(code: str, language: str) -> str:
    """Returns a block as HTML.

    Args:
        code: As it is in the page's source.
        language: The first word behind the fence; one without a lexer, or none, is not highlighted.
    """
    link = f'<a class="run" href="{graphiql_address(code)}">Open in GraphiQL</a>' if language == _QUERY else ""
    return f'<div class="code"><pre tabindex="0"><code>{_highlighted(code, language)}</code></pre>{link}</div>\n'


def graphiql_address(query: str) -> str:
    """Returns the address of GraphiQL with this query, in the fragment, which no server and no log gets to see."""
    return f"/graphiql#query={quote(query.strip(), safe='')}"


def _highlighted(code: str, language: str) -> str:
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return escape(code)
    return str(highlight(code, lexer, _TOKENS))
