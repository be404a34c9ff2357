"""Requests with a token, whose caller has limits of its own once the token is verified."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from server.auth.bearer import bearer_token
from server.http.mediatypes import is_html_preferred


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerRequests:
    """Requests to the addresses that need a token, with a method that is served there, and with a token.

    A GET of the endpoint without a query by a client that prefers HTML is none: it is answered before its token is
    read.

    Attributes:
        methods: By address.
        endpoint: The address that executes queries.
        is_token_required: False where requests without a token are allowed.
    """

    methods: Mapping[str, frozenset[str]]
    endpoint: str
    is_token_required: bool

    def __contains__(self, scope: Scope) -> bool:
        """Returns whether a request is one of them."""
        if scope["method"] not in self.methods.get(scope["path"], ()):
            return False
        headers = Headers(scope=scope)
        if self.is_token_required and bearer_token(headers) is None:
            return False
        is_bare = scope["path"] == self.endpoint and scope["method"] != "POST" and not scope["query_string"]
        return not (is_bare and is_html_preferred(headers.get("accept", "")))
