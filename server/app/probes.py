"""`/healthz` and `/readyz`: the probes of a pod. Both are public, so both say little."""

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
"""Seconds for which the result of a check is reused."""

_LOG = structlog.stdlib.get_logger("server.health")


class Checks(Protocol):
    """A dependency of requests."""

    async def check(self) -> None:
        """Raises StoreUnavailable or KeyRingError if requests cannot be served."""
        ...


class Probes:
    """The liveness and readiness probes of a Kubernetes pod. Only changes of readiness are logged."""

    def __init__(self, store: Checks, draining: Draining) -> None:
        self._store = store
        self._draining = draining
        self._logged_reason: str | None = None
        self._reason: str | None = None
        self._checked_s = -inf
        self._checking: asyncio.Task[None] | None = None

    async def live(self, _request: Request) -> Response:
        """Returns 200 as long as the process answers: a restart would not bring a database back."""
        return json_response(b'{"status":"ok"}', status=200)

    async def ready(self, _request: Request) -> Response:
        """Returns 200, or 503 with the reason."""
        reason = "the server is stopping" if self._draining.has_begun else await self._unready_reason()
        if reason is None:
            return json_response(b'{"status":"ready"}', status=200)
        body = json.dumps({"status": "unavailable", "reason": reason}).encode()
        return json_response(body, status=503)

    async def _unready_reason(self) -> str | None:
        """Returns the reason why requests cannot be served. All probes share one check of the store a second."""
        if self._checking is None and monotonic() - self._checked_s > _FRESH_S:
            self._checking = asyncio.create_task(self._check())
        if self._checking is not None:
            await asyncio.shield(self._checking)
        return self._reason

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
        self._reason, self._checked_s = reason, monotonic()
        if reason != self._logged_reason:
            self._logged_reason = reason
            _LOG.warning("readiness", ready=reason is None, reason=detail)
