"""Errors as pages, for those who came with a browser: what is the matter, and where to go."""

from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from server.pages.files import ServedFile
from server.pages.shell import text_page

_WORDS: Final = {
    404: "There is no page at this address.",
    405: "This address answers programs, not browsers: queries are sent to it with POST. "
    'To write one here, open <a href="/graphiql">GraphiQL</a>.',
}


def problem_page(
    request: Request, status: int, *, words: str = "", title: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """A page about an error.

    Args:
        request: What could not be answered; nothing of it is shown.
        status: The answer's status code.
        words: As HTML; by default those for the status.
        title: By default the status's own phrase.
        headers: More of the answer's.
    """
    response = _page(status, words, title).response(request, status=status)
    response.headers.update(headers or {})
    return response


@lru_cache(maxsize=16)
def _page(status: int, words: str, title: str) -> ServedFile:
    """Made once: anybody can ask for an address that does not exist."""
    title = title or HTTPStatus(status).phrase
    return text_page(title, f"<h1>{title}</h1>\n<p>{words or _WORDS.get(status, '')}</p>", cache="no-store")
