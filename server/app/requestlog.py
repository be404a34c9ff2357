"""The log line, the metrics and the id of each request, and a mask over unexpected errors.

Never logged: query strings, headers, bodies, more than 200 characters of a path. A flood of requests must not cost a
log line each: of requests over a rate limit one a second is logged; of other refused anonymous requests, and of
preflights, twenty a second. Such a line has the number of those left out.
"""

import re
from collections.abc import MutableMapping
from contextlib import ExitStack
from secrets import token_hex
from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from k8s.errors import ErrorCode
from resolvers.audit.auditor import Auditor
from server.http.responses import error_response
from server.observe.metrics import Metrics, route_of
from server.ratelimit.tokenbucket import TokenBucket

HEADER: Final = "X-Request-Id"
"""The id of a request: in its response, in every log line about it, and in the audit."""
_NAME: Final = HEADER.lower().encode()
_SANE: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:=+/-]{7,127}")

_LOG = structlog.stdlib.get_logger("server.requests")
_DENIED = frozenset({401, 403})
_DENIALS: Final = frozenset({ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN})
_QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_ANONYMOUS_LINES: Final = 20
_LONGEST_PATH: Final = 200


def request_id(scope: Scope) -> str:
    """Returns the id that the request brings, if it brings exactly one of 8 to 128 plain characters; else a new one.

    A caller, or the proxy in front of the server, may choose it, so that one id follows a request through all systems.
    Other characters are refused because they could be mistaken for something else in a log or a header.
    """
    ids = [value for name, value in scope["headers"] if name == _NAME]
    if len(ids) == 1 and _SANE.fullmatch(ids[0]):
        return str(ids[0], "ascii")
    return token_hex(8)


class _Lines:
    """Log lines of one sort: at most `per_s` a second, each with the number of those left out since the last one."""

    def __init__(self, per_s: int) -> None:
        self._bucket = TokenBucket(per_s=per_s, burst=per_s)
        self._left_out = 0

    def log(self, exchange: "_Exchange", scope: Scope) -> None:
        if self._bucket.wait_s(most_s=0) is None:
            self._left_out += 1
            return
        _log(exchange, scope, **({"others": self._left_out} if self._left_out else {}))
        self._left_out = 0


class _Exchange:
    """One request while it is served."""

    def __init__(self, scope: Scope, send: Send, measured: ExitStack) -> None:
        self.id = request_id(scope)
        self.status: int | None = None
        self._scope = scope
        self._send = send
        self._measured = measured
        self._started_s = perf_counter()

    @property
    def duration_ms(self) -> float:
        return round((perf_counter() - self._started_s) * 1000, 1)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self.id
            if self._scope.get("state", {}).get("is_stream"):
                self._measured.close()  # the metrics of requests are about those that are answered at once
        await self._send(message)


class RequestLog:
    """Middleware that logs requests and masks unexpected errors; the outermost but for the server's own."""

    def __init__(self, app: ASGIApp, metrics: Metrics, auditor: Auditor | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._auditor = auditor
        self._shed = _Lines(1)
        self._anonymous = _Lines(_ANONYMOUS_LINES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with ExitStack() as measured:
            exchange = _Exchange(scope, send, measured)
            measured.enter_context(self._metrics.request(scope["path"], lambda: exchange.status))
            with structlog.contextvars.bound_contextvars(request_id=exchange.id):
                await self._serve(scope, receive, exchange)

    async def _serve(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        state = scope.setdefault("state", {})
        try:
            await self._app(scope, receive, exchange.send)
        except ClientDisconnect:
            _LOG.info("client gone", duration_ms=exchange.duration_ms)
        except Exception:  # noqa: BLE001  the one place of the HTTP layer that masks unexpected errors
            _LOG.exception("unexpected error", id=exchange.id)
            state["error_code"] = ErrorCode.INTERNAL
            await _mask(exchange, scope, receive)
        finally:
            if state.get("error_code") is ErrorCode.TOO_MANY_REQUESTS:
                self._shed.log(exchange, scope)
            elif "caller" not in state and ((exchange.status or 0) >= 400 or scope["method"] == "OPTIONS"):
                self._anonymous.log(exchange, scope)
            else:
                _log(exchange, scope)
            if "error_code" in state:
                self._metrics.error(state["error_code"])
            if self._auditor is not None and _is_denied(exchange, state):
                code, route = state.get("error_code", ""), route_of(scope["path"])
                self._auditor.denied(state.get("caller") or "", code=code, verb="HTTP", resource=route)


def _is_denied(exchange: _Exchange, state: MutableMapping[str, object]) -> bool:
    """Returns whether a request was refused, or a subscription ended, since its caller may not see it."""
    return exchange.status in _DENIED or (bool(state.get("is_stream")) and state.get("error_code") in _DENIALS)


async def _mask(exchange: _Exchange, scope: Scope, receive: Receive) -> None:
    """Responds with "internal error", unless a response has begun: that one just ends."""
    if exchange.status is None:
        response = error_response(500, "internal error", code=ErrorCode.INTERNAL, error_id=exchange.id)
        await response(scope, receive, exchange.send)


def _log(exchange: _Exchange, scope: MutableMapping[str, object], **more: object) -> None:
    state = scope.get("state")
    caller = state.get("caller") if isinstance(state, dict) else None
    log = _LOG.debug if scope["path"] in _QUIET_PATHS else _LOG.info
    log(
        "request",
        method=scope["method"],
        path=str(scope["path"])[:_LONGEST_PATH],
        status=exchange.status,
        duration_ms=exchange.duration_ms,
        caller=caller,
        **more,
    )
