"""HTTP to one API server: the one place for its session, TLS and headers.

Nothing is read from the environment (no proxies, no .netrc), no redirect is followed, and every header that is sent is
built from scratch. aiohttp's errors end here.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache, partial

import aiohttp
from yarl import URL

from k8s import errors
from k8s.certificates import validity_of_der
from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, CredentialInvalid, Secret
from k8s.credentials.fault import Presented
from k8s.credentials.impersonation import Impersonation
from k8s.credentials.tokens import RenewedToken
from k8s.endpoint import Endpoint
from k8s.network.connector import connector
from k8s.network.contexts import CONTEXTS
from k8s.transport.body import BodyBroken, BodyTooLarge, OnPrefix, read_body
from k8s.transport.bodymemory import portion_for
from k8s.transport.call import JSON, Call
from k8s.transport.exceptionmapping import ExchangeContext, translated
from k8s.transport.exchange import OWN_CREDENTIAL, UNOBSERVED, Exchange, ObservedCall, Observer
from k8s.transport.limits import ConnectionLimits
from k8s.transport.responsehead import ResponseHead
from k8s.transport.status import status_error

USER_AGENT = "fleetgraph"
_CHUNK_BYTES = 64 * 1024
_REFUSAL_BYTES = 256 * 1024  # of a Status, which has a few hundred bytes


class Transport:
    """Exchanges calls for bodies; every error is a `ClusterError` with the cluster's name.

    If the connection is lost before the answer to a GET begins, aiohttp sends it again once, because the server may
    have closed an idle connection meanwhile. A request that is refused with 401 is sent again once if its source of
    tokens has another one.
    """

    def __init__(
        self,
        cluster: str,
        endpoint: Endpoint,
        *,
        credential: Credential | RenewedToken | None,
        limits: ConnectionLimits,
        observer: Observer = UNOBSERVED,
        acting_as: Impersonation | None = None,
        identity: str = OWN_CREDENTIAL,
    ) -> None:
        self._cluster = cluster
        self._endpoint = endpoint
        usable = limits.sources.usable(credential, endpoint) if credential is not None else None
        self._certificate = usable if isinstance(usable, ClientCertificate) else None
        self._token = usable.token if isinstance(usable, BearerToken) else None
        self._source = None if isinstance(usable, BearerToken | ClientCertificate) else usable
        self._impersonation = () if acting_as is None else acting_as.headers()
        self._limits = limits
        self._observer = observer
        self._identity = identity
        self._server_certificate: bytes | None = None
        self._session: aiohttp.ClientSession | None = None
        self._under_way = 0
        self._retired = False

    async def exchange(self, call: Call, *, timeout_s: float, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the decoded body of the answer.

        Raises:
            ClusterError: There was no answer within `timeout_s` seconds, a broken one, or a refusal.
        """
        context = ExchangeContext(self._cluster, call, timeout_s, self._limits, Presented(self._certificate))
        async with self._counted():
            observed_call = ObservedCall(self._cluster, call, self._observer, self._identity)
            with observed_call as observed, translated(context), context.progress.tracked():
                async with asyncio.timeout(timeout_s):
                    if self._source is None:
                        return await self._exchange(observed, self._token, on_prefix)
                    return await self._exchange_with(self._source, observed, on_prefix)

    @property
    def is_prepared(self) -> bool:
        """Returns whether `prepare` has nothing to do."""
        return self._source is None or self._source.is_prepared

    async def prepare(self) -> None:
        """Obtains the token if it is issued on this machine; raises CredentialUnusable if none can be issued."""
        try:
            if self._source is not None:
                await self._source.prepare()
        except CredentialInvalid as error:
            raise errors.CredentialUnusable(self._cluster, f"{error}") from error

    @property
    def server_certificate_expires_at(self) -> datetime | None:
        """Returns the end of the server's last certificate; None before the first connection."""
        validity = None if self._server_certificate is None else validity_of_der(self._server_certificate)
        return None if validity is None else validity.not_after

    async def retire(self) -> None:
        """Closes all connections as soon as they are idle; later requests close theirs afterwards."""
        self._retired = True
        if not self._under_way:
            await self._end_session()

    async def close(self) -> None:
        """Closes all connections at once; requests in progress fail."""
        self._retired = True
        await self._end_session()

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if self._retired and not self._under_way:
                await self._end_session()

    async def _exchange_with(self, source: RenewedToken, observed: ObservedCall, on_prefix: OnPrefix | None) -> bytes:
        token = await source.token()
        try:
            return await self._exchange(observed, token, on_prefix)
        except errors.Unauthenticated:
            source.refused(token)
            other = await source.token()
            if other == token:
                raise
        return await self._exchange(observed, other, on_prefix)

    async def _exchange(self, observed: ObservedCall, token: Secret | None, on_prefix: OnPrefix | None) -> bytes:
        exchange = observed.begin()
        async with self._request(exchange, token) as response:
            head = ResponseHead.of(response.status, response.headers)
            exchange.answered(head.status, head.audit_id)
            if head.status >= 400:
                raise await self._refusal(exchange.call, head, response.content, token)
            head.require_json(self._cluster, as_text=exchange.call.is_text)
            limit_bytes = exchange.call.answer_bytes(self._limits.body_bytes)
            body = await self._read(head, response.content, limit_bytes=limit_bytes, on_prefix=on_prefix)
            exchange.body_bytes = len(body)
            return body

    async def _end_session(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def _read(
        self, head: ResponseHead, content: aiohttp.StreamReader, *, limit_bytes: int, on_prefix: OnPrefix | None = None
    ) -> bytes:
        """Returns the decoded body, unless it is declared too long; `PORTION`'s owner, or this, frees its memory."""
        if head.body_bytes > limit_bytes:
            raise BodyTooLarge
        with portion_for(self._limits.bodies, self._cluster) as portion:
            return await read_body(
                content.iter_chunked(_CHUNK_BYTES),
                gzip=head.is_gzip,
                limit_bytes=limit_bytes,
                on_prefix=on_prefix,
                portion=portion,
            )

    async def _refusal(
        self, call: Call, head: ResponseHead, content: aiohttp.StreamReader, token: Secret | None
    ) -> errors.StatusError:
        """Returns the error for an HTTP status of 400 or more; a body that is no small Status is ignored."""
        try:
            body = await self._read(head, content, limit_bytes=_REFUSAL_BYTES)
        except (BodyTooLarge, BodyBroken):
            body = b""
        refused = status_error(
            self._cluster,
            status=head.status,
            body=body,
            verb=call.verb,
            target=call.target,
            query=call.query,
            presented=Presented(self._certificate, token, is_issued=self._source is not None),
            is_passed_on=call.is_passed_on,
        )
        refused.retry_after_s, refused.explanation = head.retry_after_s, call.explanation(body)
        return refused

    def _request(self, exchange: Exchange, token: Secret | None) -> "aiohttp.client._RequestContextManager":
        call = exchange.call
        base = f"{self._endpoint.server}{call.path}"
        return self._opened().request(
            call.method,
            URL(base, encoded=True).with_query(call.query) if call.query else URL(base, encoded=True),
            headers=(*_headers(call, token, exchange.traceparent), *self._impersonation),
            data=call.body,
            allow_redirects=False,
            proxy=self._endpoint.proxy_url,
            server_hostname=self._endpoint.tls_server_name,
        )

    def _remember_certificate(self, certificate: bytes) -> None:
        self._server_certificate = certificate

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._limits.addresses.require_literal(self._endpoint.host)  # a proxy would connect to it unchecked
            self._session = aiohttp.ClientSession(
                connector=connector(
                    partial(CONTEXTS.context, self._endpoint, self._certificate),
                    self._limits,
                    on_certificate=self._remember_certificate,
                ),
                timeout=_connecting_within(self._limits.connect_timeout_s),
                auto_decompress=False,
                trust_env=False,
                cookie_jar=_no_cookies(asyncio.get_running_loop()),
                skip_auto_headers=("User-Agent",),
                max_line_size=16 * 1024,
                read_bufsize=1024 * 1024,
            )
        return self._session


@lru_cache(maxsize=16)
def _connecting_within(seconds: float) -> aiohttp.ClientTimeout:
    """Returns the one timeout for all API servers; each exchange has a timeout of its own around it."""
    return aiohttp.ClientTimeout(total=None, sock_connect=seconds)


@lru_cache(maxsize=1)
def _no_cookies(loop: asyncio.AbstractEventLoop) -> aiohttp.DummyCookieJar:
    """Returns the one cookie jar for all API servers, which stores no cookies."""
    return aiohttp.DummyCookieJar(loop=loop)


def _headers(call: Call, token: Secret | None, traceparent: str) -> Iterator[tuple[str, str]]:
    yield "Accept", call.accept
    yield "Accept-Encoding", "identity" if call.is_stream else "gzip"
    yield "User-Agent", USER_AGENT
    if token is not None:
        yield "Authorization", f"Bearer {token.reveal()}"
    if call.body is not None:
        yield "Content-Type", JSON
    if traceparent:
        yield "traceparent", traceparent
