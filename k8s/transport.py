"""HTTP to one API server: session, TLS and headers are made here and nowhere else.

Nothing is taken from the environment (no proxies, no .netrc), no redirect is followed, and every header that is sent is
built from scratch. aiohttp's errors stop here.
"""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from yarl import URL

from k8s import errors
from k8s.body import BodyBroken, BodyTooLarge, OnPrefix, read_body
from k8s.call import JSON, Call
from k8s.credential import BearerToken, Credential, CredentialInvalid
from k8s.endpoint import Endpoint
from k8s.limits import ConnectionLimits
from k8s.status import status_error
from k8s.tls import client_context

USER_AGENT = "fleetgraph"
_CHUNK_BYTES = 64 * 1024


class BrokenOff(errors.Unreachable):
    """The connection was reset in the middle; a read may be tried once more."""

    reason = "BrokenOff"


class Transport:
    """Exchanges calls for bodies; every error is a `ClusterError` with the cluster's name."""

    def __init__(self, cluster: str, endpoint: Endpoint, *, credential: Credential, limits: ConnectionLimits) -> None:
        self._cluster = cluster
        self._endpoint = endpoint
        self._credential = credential
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    async def exchange(self, call: Call, *, timeout_s: float, on_prefix: OnPrefix | None = None) -> bytes:
        """The decoded body of the answer.

        Raises:
            ClusterError: no answer within `timeout_s` seconds, none at all, a broken one, or a refusal.
        """
        with self._translated(call, timeout_s):
            async with asyncio.timeout(timeout_s), self._request(call) as response:
                gzip = response.headers.get("Content-Encoding", "") == "gzip"
                chunks = response.content.iter_chunked(_CHUNK_BYTES)
                limit_bytes = self._limits.body_bytes
                if response.status >= 400:
                    body = await read_body(chunks, gzip=gzip, limit_bytes=limit_bytes)
                    raise status_error(
                        self._cluster, status=response.status, body=body, verb=call.verb, target=call.target
                    )
                self._refuse_unless_json(response)
                return await read_body(chunks, gzip=gzip, limit_bytes=limit_bytes, on_prefix=on_prefix)

    async def close(self) -> None:
        """Ends all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _request(self, call: Call) -> "aiohttp.client._RequestContextManager":
        base = f"{self._endpoint.server}{call.path}"
        return self._opened().request(
            call.method,
            URL(base, encoded=True).with_query(call.query) if call.query else URL(base, encoded=True),
            headers=self._headers(call),
            data=call.body,
            allow_redirects=False,
            proxy=self._endpoint.proxy_url,
            server_hostname=self._endpoint.tls_server_name,
        )

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {"Accept": call.accept, "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
        if isinstance(self._credential, BearerToken):
            headers["Authorization"] = f"Bearer {self._credential.token.reveal()}"
        if call.body is not None:
            headers["Content-Type"] = JSON
        return headers

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_timeout_s)
            connector = aiohttp.TCPConnector(
                ssl=client_context(self._endpoint, self._credential),
                limit=self._limits.connections,
                keepalive_timeout=60,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=timeout,
                auto_decompress=False,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent",),
                max_line_size=16 * 1024,
                read_bufsize=1024 * 1024,
            )
        return self._session

    def _refuse_unless_json(self, response: aiohttp.ClientResponse) -> None:
        if response.status >= 300:
            raise errors.ProtocolBroken(self._cluster, f"it answered a redirect (HTTP {response.status}).")
        if response.status == 204 or not response.content_type.startswith(JSON):
            raise errors.ProtocolBroken(
                self._cluster, "its answer is no JSON; is this the address of a Kubernetes API server?"
            )

    @contextmanager
    def _translated(self, call: Call, timeout_s: float) -> Iterator[None]:
        """Turns what aiohttp and ssl raise into errors that name the cluster."""
        cluster = self._cluster
        try:
            yield
        except aiohttp.ConnectionTimeoutError as error:
            connect_s = self._limits.connect_timeout_s
            raise errors.TimedOut(cluster, f"no connection within {connect_s:g} s.") from error
        except TimeoutError as error:
            raise errors.TimedOut(
                cluster, f"no complete answer to {call.verb} {call.target} within its {timeout_s:.3g} s."
            ) from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise errors.TlsFailed(cluster, f"TLS: {_certificate_cause(error.certificate_error)}") from error
        except (aiohttp.ClientConnectorSSLError, ssl.SSLError) as error:
            raise errors.TlsFailed(cluster, "TLS: no secure connection could be agreed on.") from error
        except aiohttp.ClientConnectorDNSError as error:
            raise errors.Unreachable(cluster, "its host name is not known (DNS).", reason="DnsFailed") from error
        except aiohttp.ClientConnectorError as error:
            raise errors.Unreachable(cluster, f"no connection ({error.os_error.strerror or 'refused'}).") from error
        except BodyTooLarge as error:
            limit_mib = self._limits.body_bytes // 2**20
            raise errors.ProtocolBroken(cluster, f"one answer is larger than {limit_mib} MiB.") from error
        except BodyBroken as error:
            raise errors.ProtocolBroken(cluster, "the compressed answer is damaged.") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise BrokenOff(cluster, "the connection broke off.") from error
        except CredentialInvalid as error:
            raise errors.CredentialUnusable(cluster, f"{error}") from error


def _certificate_cause(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate was refused: {error.verify_message}."
    return "its certificate was refused."
