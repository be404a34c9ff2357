"""HTTPS requests for an identity provider's documents: limited in time and size, without redirects, proxies or cookies.

The connections are those to API servers (`k8s.network.connector`, `k8s.network.httpprotocol`): responses are parsed for
a few milliseconds at a time, and a server that sends hardly anything but headers, hints or chunk sizes is cut off.
"""

import asyncio
import json
import ssl
import sys
from typing import Final

import aiohttp

from k8s.network.addresses import EVERY_ADDRESS
from k8s.network.connector import connector
from k8s.network.httpprotocol import HttpFlood
from k8s.network.keyexchange import HandshakeRefused
from k8s.network.tls import quick_context
from k8s.network.tlspieces import TlsFlood
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from server.auth.oidc.configuration import JwtAuthenticator, require_url
from server.auth.oidc.errors import KeysUnavailable
from server.auth.oidc.signatures import KeySet, read_jwks

TIMEOUT_S: Final = 5.0
"""The timeout of metadata and keys together."""
MAX_BYTES: Final = 256 * 1024
"""The largest body of one response.

Of the rest, `k8s.network.httpprotocol` accepts 128 KiB, or a ninth of a longer body.
"""
_CHUNK_BYTES: Final = 16 * 1024
_BUFFER_BYTES: Final = 1024 * 1024
"""The read buffer: large enough that bytes are parsed as they arrive, so that a flood is detected."""


class KeyFetcher:
    """A fetcher of one issuer's keys."""

    def __init__(self, trusted: JwtAuthenticator, *, timeout_s: float = TIMEOUT_S) -> None:
        """Loads the certificate authorities, which takes too long to be done for each fetch."""
        self._trusted = trusted
        self._timeout_s = timeout_s
        self._tls = tls_context(trusted.issuer.certificate_authority)

    async def __call__(self) -> KeySet:
        """Returns the issuer's current keys.

        Raises:
            KeysUnavailable: It does not respond in time, or not with keys; the message names the URL.
        """
        async with aiohttp.ClientSession(
            connector=connector(self._context, ConnectionLimits(addresses=EVERY_ADDRESS), on_certificate=_ignored),
            timeout=aiohttp.ClientTimeout(total=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,  # the request accepts no compression
            read_bufsize=_BUFFER_BYTES,
        ) as session:
            deadline = Deadline(self._timeout_s)
            keys_url = self._trusted.issuer.jwks_url or await self._keys_url(session, deadline)
            document = await _document(session, keys_url, deadline)
        try:
            return read_jwks(document)
        except KeysUnavailable as error:
            raise KeysUnavailable(f"{keys_url}: {error}") from error

    async def _context(self) -> ssl.SSLContext:
        return self._tls

    async def _keys_url(self, session: aiohttp.ClientSession, deadline: Deadline) -> str:
        issuer = self._trusted.issuer
        metadata = await _document(session, issuer.metadata_url, deadline)
        if not isinstance(metadata, dict) or metadata.get("issuer") != issuer.url:
            raise KeysUnavailable(f"{issuer.metadata_url}: it is the metadata of another issuer than {issuer.url}")
        url = metadata.get("jwks_uri")
        try:
            require_url(url if isinstance(url, str) else "")
        except ValueError as error:
            raise KeysUnavailable(f"{issuer.metadata_url}: its jwks_uri {error}") from error
        if str(url).startswith("http://") and not issuer.url.startswith("http://"):
            raise KeysUnavailable(f"{issuer.metadata_url}: its jwks_uri must be an https:// URL")
        return str(url)


def tls_context(certificate_authority: str | None) -> ssl.SSLContext:
    """Returns a context that trusts the given authorities, or else the system's, as strict as Python's default.

    Raises:
        ValueError: The PEM holds no certificate.
    """
    context = quick_context()
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    if certificate_authority is None:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cadata=certificate_authority)
    except ssl.SSLError:
        raise ValueError("holds no certificate in PEM") from None
    return context


async def _document(session: aiohttp.ClientSession, url: str, deadline: Deadline) -> object:
    try:
        with deadline.running():
            async with asyncio.timeout(deadline.left_s):
                body = await _body(session, url)
        return json.loads(body)
    except TimeoutError as error:
        cause = f"no complete response within {deadline.timeout_s} s, the timeout of metadata and keys together"
        raise KeysUnavailable(f"{url}: {cause}") from error
    except (HttpFlood, TlsFlood) as error:
        raise KeysUnavailable(f"{url}: the response is cut off: it has {error}") from error
    except aiohttp.ClientResponseError as error:
        raise KeysUnavailable(f"{url}: the response is not HTTP") from error
    except (aiohttp.ClientError, OSError) as error:
        raise KeysUnavailable(f"{url}: no connection ({_reason(error)})") from error
    except (ValueError, RecursionError) as error:
        raise KeysUnavailable(f"{url}: the response is not JSON") from error


async def _body(session: aiohttp.ClientSession, url: str) -> bytes:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with session.get(url, headers=headers, allow_redirects=False) as response:
        if response.status != 200:
            raise KeysUnavailable(f"{url}: it answers {response.status}")
        return await _bounded(response, url)


def _reason(error: Exception) -> str:
    refused = getattr(error, "os_error", error)
    return str(refused) if isinstance(refused, HandshakeRefused) else type(error).__name__


def _ignored(_certificate: bytes) -> None:
    """Ignores the certificate: it was verified, and its expiry is the provider's own business."""


async def _bounded(response: aiohttp.ClientResponse, url: str) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BYTES:
            raise KeysUnavailable(f"{url}: the response has more than {MAX_BYTES} bytes")
    return bytes(body)
