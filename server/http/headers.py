"""Default security headers of every response (OWASP: HTTP headers, REST security).

The defaults are those of data: nothing in it may be loaded, run, framed, sniffed or cached. Pages set their own values.
"""

from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"

DEFAULTS: Final = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", DATA_POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)


OVER_TLS: Final = ("Strict-Transport-Security", "max-age=31536000")
"""A header for responses over this server's own TLS: a proxy has a policy of its own (RFC 6797, section 7.2)."""


def _encoded(headers: Sequence[tuple[str, str]]) -> tuple[tuple[bytes, bytes], ...]:
    """Returns headers as ASGI sends them: names in lower case."""
    return tuple((name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers)


_ENCODED: Final = _encoded(DEFAULTS)
_ENCODED_OVER_TLS: Final = _encoded((*DEFAULTS, OVER_TLS))


class SecurityHeaders:
    """Middleware that adds the headers; outermost, so that refusals and masked errors have them as well."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        defaults = _ENCODED_OVER_TLS if scope.get("scheme") in {"https", "wss"} else _ENCODED

        async def protected_send(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                headers = list(message.get("headers", ()))
                names = {bytes(name).lower() for name, _value in headers}
                message["headers"] = [*headers, *(header for header in defaults if header[0] not in names)]
            await send(message)

        await self._app(scope, receive, protected_send)
