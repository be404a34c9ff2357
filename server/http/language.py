"""Answers in the caller's language: messages only, since names and data are Kubernetes' own."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resolvers.messages.language import negotiated, speaking


class LanguageNegotiation:
    """Outside of whatever may refuse a request; errors and GraphQL answers say which language they are in."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        language = negotiated(",".join(Headers(scope=scope).getlist("accept-language")))

        async def saying_send(message: Message) -> None:
            if message["type"] == "http.response.start" and (scope["path"] == self._path or message["status"] >= 400):
                headers = MutableHeaders(scope=message)
                headers["Content-Language"] = language
                headers.add_vary_header("Accept-Language")
            await send(message)

        with speaking(language):
            await self._app(scope, receive, saying_send)
