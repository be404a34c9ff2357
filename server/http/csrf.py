"""Whether a page of another origin could have made a browser send a request without asking first.

Such requests are "simple" (Fetch standard, "CORS-safelisted"): GET without headers of their own, as an image or a link
sends it. Bearer tokens are no such thing: browsers add none by themselves, and a page that adds one must ask. What
remains is a caller without a token, which there is in development only.
"""

from typing import Final

from starlette.datastructures import Headers

_ASKED_FOR: Final = (
    "authorization",
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
)
"""Headers that a page may send to another origin only after a preflight, in the names that clients know."""
_FETCHED: Final = frozenset({"cors", "same-origin"})


def is_not_simple(headers: Headers) -> bool:
    """True if a browser would have asked this server before it sent the request for a page of another origin.

    `Sec-Fetch-Mode` is written by browsers alone: tags and links are `no-cors` and `navigate`.
    """
    return any(name in headers for name in _ASKED_FOR) or headers.get("sec-fetch-mode") in _FETCHED
