"""Detection of requests that a page of another origin can make a browser send without a preflight (CSRF).

Such requests are "simple" (Fetch standard, "CORS-safelisted"): GET without custom headers, as an image or a link sends
it. Bearer tokens are not simple: browsers add none by themselves, and a page that adds one needs a preflight. So only
requests without a token are checked, which exist in development only.
"""

from typing import Final

from starlette.datastructures import Headers

_PREFLIGHTED_HEADERS: Final = (
    "authorization",
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
)
"""Headers that need a preflight from another origin, in the names that clients know."""
_FETCH_MODES: Final = frozenset({"cors", "same-origin"})


def needs_preflight(headers: Headers) -> bool:
    """Returns whether the request needs a preflight if a page of another origin sends it.

    `Sec-Fetch-Mode` is written by browsers alone: tags and links are `no-cors` and `navigate`.
    """
    return any(name in headers for name in _PREFLIGHTED_HEADERS) or headers.get("sec-fetch-mode") in _FETCH_MODES
