"""`/healthz`: the process runs. `/readyz`: it can serve, or why not. Both are open to everybody, so both say little."""

import asyncio
import json
from math import inf
from time import monotonic
from typing import Final, Protocol

import structlog
from starlette.requests import Request
from starlette.responses import Response

from server.app.draining import Draining
from server.http.responses import json_response
from store.errors import KeyRingError, StoreUnavailable

_FRESH_S: Final = 1.0
"""How long the outcome of a check is told to all who ask."""

_LOG = structlog.stdlib.get_logger("server.health")


class Checks(Protocol):
    """What requests depend on."""

    async def check(self) -> None:
        """Raises StoreUnavailable or KeyRingError if requests cannot be served."""
        ...


class Probes:
    """The two probes of a Kubernetes pod; a state is logged when it changes, not each time it is asked for."""

    def __init__(self, store: Checks, draining: Draining) -> None:
        self._store = store
        self._draining = draining
        self._logged: str | None = None
        self._trouble: str | None = None
        self._checked_s = -inf
        self._checking: asyncio.Task[None] | None = None

    async def live(self, _request: Request) -> Response:
        """200 for as long as the process can answer at all: starting it anew would not bring a database back."""
        return json_response(b'{"status":"ok"}', status=200)

    async def ready(self, _request: Request) -> Response:
        """200, or 503 with the reason."""
        reason = "the server is stopping" if self._draining.has_begun else await self._latest_trouble()
        if reason is None:
            return json_response(b'{"status":"ready"}', status=200)
        body = json.dumps({"status": "unavailable", "reason": reason}).encode()
        return json_response(body, status=503)

    async def _latest_trouble(self) -> str | None:
        """Why requests cannot be served; anybody may ask, so all share one check of the store a second."""
        if self._checking is None and monotonic() - self._checked_s > _FRESH_S:
            self._checking = asyncio.create_task(self._check())
        if self._checking is not None:
            await asyncio.shield(self._checking)
        return self._trouble

    async def _check(self) -> None:
        reason, detail = None, None
        try:
            await self._store.check()
        except StoreUnavailable as error:
            reason, detail = "the database does not answer", str(error)
        except KeyRingError as error:
            reason, detail = "an encryption key is missing", str(error)
        finally:
            self._checking = None
        self._trouble, self._checked_s = reason, monotonic()
        if reason != self._logged:
            self._logged = reason
            _LOG.warning("readiness", ready=reason is None, reason=detail)
