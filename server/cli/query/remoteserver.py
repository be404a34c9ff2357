"""Queries that a server runs: one HTTP request each, without redirects, to one address.

A server is asked through the proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) if it speaks HTTPS: the token is
inside of TLS then.
"""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from socket import AF_INET, AddressFamily
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec
from aiohttp.abc import ResolveResult

from graph.request import GraphqlRequest
from server.cli.query.answered import Answered
from server.cli.query.remoteevents import EVENT_STREAM, next_payloads
from server.cli.query.serveraddress import ServerAddress, is_local_name
from server.commanderrors import InputError, RemoteError, RemoteRefusal
from server.settings.clientvariables import CLIENT_TOKEN, CLIENT_URL

_CONNECT_TIMEOUT_S: Final = 10.0
_ANSWER_TIMEOUT_S: Final = 300.0
"""Seconds in which a server that is silent is given up; its own limit is FLEETGRAPH_OPERATION_TIMEOUT_S."""
_EVENTS_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT_S, sock_read=60.0)
"""A stream of events is never silent for so long: its server sends a comment in between."""
_MAX_ANSWER_BYTES: Final = 512 * 1024 * 1024
_CHUNK_BYTES: Final = 256 * 1024
_RETRYABLE: Final = (408, 425, 429)
_ACCEPT: Final = "application/graphql-response+json, application/json;q=0.9"


class _RefusedError(msgspec.Struct):
    message: str


class _GraphqlBody(msgspec.Struct):
    data: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    errors: list[_RefusedError] = []


class LocalNames(aiohttp.ThreadedResolver):
    """Resolves names below `localhost` to this machine, as browsers do: a name server might know others."""

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        """Returns the addresses of a host."""
        found = await super().resolve("localhost" if is_local_name(host) else host, port, family)
        return [{**address, "hostname": host} for address in found]


class RemoteServer:
    """A server that is asked over HTTP."""

    def __init__(self, address: ServerAddress, session: aiohttp.ClientSession) -> None:
        self._address = address
        self._session = session
        self._proxy = _proxy(address.url)

    async def __call__(self, request: GraphqlRequest, /) -> Answered:
        """Returns the response to a request.

        Raises:
            RemoteError: There is no response of a GraphQL server; the message has the cause and the way out.
        """
        url = self._address.url
        try:
            async with self._session.post(
                url, data=_body(request), headers=self._headers(request), allow_redirects=False, proxy=self._proxy
            ) as response:
                return self._answered(response, await _bounded(response, url))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RemoteError(_failure(error, url, self._proxy)) from error

    async def payloads(self, request: GraphqlRequest, /) -> AsyncGenerator[bytes, None]:
        """Yields the payloads of a subscription; the last one has errors without data if it is refused.

        Raises:
            RemoteError: There are none, or no more.
        """
        url = self._address.url
        try:
            async with self._session.post(
                url,
                data=_body(request),
                headers={**self._headers(request), "Accept": f"{EVENT_STREAM}, {_ACCEPT}"},
                allow_redirects=False,
                proxy=self._proxy,
                timeout=_EVENTS_TIMEOUT,
            ) as response:
                content_type = response.headers.get("Content-Type", "")
                if response.status != 200 or not content_type.startswith(EVENT_STREAM):
                    yield self._answered(response, await _bounded(response, url)).body
                    return
                async with aclosing(next_payloads(response.content.iter_chunked(_CHUNK_BYTES))) as payloads:
                    async for payload in payloads:
                        yield payload
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RemoteError(_failure(error, url, self._proxy)) from error

    def _headers(self, request: GraphqlRequest) -> Mapping[str, str]:
        headers = {"Accept": _ACCEPT, "Content-Type": "application/json"}
        if self._address.token is not None:
            headers["Authorization"] = f"Bearer {self._address.token}"
        return headers | ({"Fleetgraph-Explain": "1"} if request.is_explained else {})

    def _answered(self, response: aiohttp.ClientResponse, body: bytes) -> Answered:
        """Returns the response if a GraphQL server ran the document, or refused it; raises RemoteError otherwise."""
        decoded = _decoded(body)
        if decoded is not None:
            executed = decoded.data is not msgspec.UNSET
            if response.status == 200 or (response.status in (400, 422) and not executed):
                return Answered(body, executed=executed)
        said = next((error.message for error in decoded.errors if error.message), "") if decoded is not None else ""
        is_final = 300 <= response.status < 500 and response.status not in _RETRYABLE
        raise (RemoteRefusal if is_final else RemoteError)(self._refusal(response, said))

    def _refusal(self, response: aiohttp.ClientResponse, said: str) -> str:
        url, status = self._address.url, response.status
        answer = f"{url} answers {status} {response.reason or ''}".rstrip()
        if 300 <= status < 400:
            target = _shown(response.headers.get("Location", ""))
            return f"{answer}, a redirect{target}. It is not followed; give the server's own address with --url."
        if status == 401:
            return self._unauthenticated()
        if status in (404, 405, 501):
            return f"{answer}: it has no GraphQL endpoint there. That of fleetgraph is /graphql."
        if status == 200 or not said:
            return (
                f"{answer}, but not as fleetgraph does. Is --url or {CLIENT_URL} the address of its endpoint, /graphql?"
            )
        retry = response.headers.get("Retry-After", "")
        return f"{answer}: {said}" + (f" Retry after {retry} s." if retry.isdecimal() and len(retry) < 6 else "")

    def _unauthenticated(self) -> str:
        address = self._address
        if address.withheld is not None:
            return (
                f"{address.url} needs a token. {address.withheld} was not sent, because it is for the server of "
                f"{CLIENT_URL}; give a token with --token-file."
            )
        if address.token is None:
            return (
                f"{address.url} needs a token. Set {CLIENT_TOKEN}, or give a file with --token-file. At the server, "
                "`fleetgraph tokens create` makes one."
            )
        return f"{address.url} refuses the token: it is invalid, expired or revoked. A demo takes no token."


@asynccontextmanager
async def opened_server(address: ServerAddress) -> AsyncIterator[RemoteServer]:
    """Opens a session with a server.

    Raises:
        InputError: The file of authorities, or the proxy of the environment, cannot be used.
    """
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=address.tls(), resolver=LocalNames()),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT_S, sock_read=_ANSWER_TIMEOUT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,  # it would read ~/.netrc
    ) as session:
        yield RemoteServer(address, session)


def _body(request: GraphqlRequest) -> bytes:
    names = {"query": request.query, "variables": request.variables, "operationName": request.operation_name}
    return msgspec.json.encode({name: value for name, value in names.items() if value is not None})


async def _bounded(response: aiohttp.ClientResponse, url: str) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            raise RemoteError(f"The answer of {url} has more than {_MAX_ANSWER_BYTES} bytes. Ask for smaller pages.")
    return bytes(body)


def _decoded(body: bytes) -> _GraphqlBody | None:
    """Returns a response of GraphQL; None for other content."""
    try:
        response = msgspec.json.decode(body, type=_GraphqlBody)
    except (msgspec.DecodeError, RecursionError):
        return None
    return response if response.data is not msgspec.UNSET or response.errors else None


def _shown(location: str) -> str:
    """Returns where a redirect leads, without a query, which may have secrets."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return ""
    if not parts.path and not parts.netloc:
        return ""
    return f" to {parts._replace(netloc=parts.netloc.rpartition('@')[2], query='', fragment='').geturl()[:200]}"


def _failure(error: aiohttp.ClientError | TimeoutError, url: str, proxy: str | None) -> str:
    """Returns the message for a request without a response."""
    address = url.partition("://")[2]
    match error:
        case aiohttp.ClientHttpProxyError():
            reason = f"{error.status} {error.message}".rstrip()
            return f"The proxy of the environment gives no connection to {url}: it answers {reason}."
        case aiohttp.ClientConnectorDNSError() if proxy is not None:
            return "The host of the proxy of the environment is not known."
        case aiohttp.ClientConnectorCertificateError():
            cause = getattr(error.certificate_error, "verify_message", "") or "it is invalid"
            return f"The certificate of {url} is refused: {cause}. Give the authority that issued it with --ca-file."
        case aiohttp.ClientConnectorSSLError():
            return f"{url} does not speak TLS. Is it http://{address}?"
        case aiohttp.ClientConnectorDNSError():
            return f"The host of {url} is not known."
        case aiohttp.ClientConnectorError():
            place = "the proxy of the environment" if isinstance(error, aiohttp.ClientProxyConnectionError) else url
            cause = os.strerror(error.os_error.errno) if error.os_error.errno else str(error.os_error).rstrip(".")
            return f"No connection to {place}: {cause}. Is it running?"
        case TimeoutError():
            return f"{url} does not answer in time."
        case aiohttp.ClientPayloadError():
            return f"{url} ends the connection within its answer."
        case _:
            hint = f" If it speaks TLS, write https://{address}." if url.startswith("http:") else ""
            return f"{url} does not answer in HTTP, or ends the connection.{hint}"


def _proxy(url: str) -> str | None:
    """Returns the proxy of the environment, which may be written without `http://`; raises InputError."""
    parts = urlsplit(url)
    proxy = getproxies().get("https", "").strip()
    if parts.scheme != "https" or not proxy or proxy_bypass(parts.hostname or ""):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        named = urlsplit(proxy)
        is_usable = named.scheme in ("http", "https") and bool(named.hostname) and named.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise InputError(
            "HTTPS_PROXY is not the URL of an HTTP proxy; write one such as http://proxy.example.com:3128, or list the "
            "server's host in NO_PROXY."
        )
    return proxy
