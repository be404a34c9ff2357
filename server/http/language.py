"""The language of messages, negotiated with the client. Names and data are Kubernetes' own, and stay."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resolvers.messages.language import negotiated, speaking


class LanguageNegotiation:
    """Middleware that sets the language of a request; outside of all that can refuse it.

    Errors and GraphQL responses say their language in `Content-Language`.
    """

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        language = negotiated(",".join(Headers(scope=scope).getlist("accept-language")))

        async def labelling_send(message: Message) -> None:
            is_start = message["type"].endswith("http.response.start")
            if is_start and (scope["path"] == self._path or message["status"] >= 400):
                headers = MutableHeaders(scope=message)
                headers["Content-Language"] = language
                headers.add_vary_header("Accept-Language")
            await send(message)

        with speaking(language):
            await self._app(scope, receive, labelling_send)
