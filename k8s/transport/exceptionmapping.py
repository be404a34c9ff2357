"""Translation of exceptions of aiohttp, ssl and the body into errors that name the cluster, in one table."""

import os
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from k8s import errors
from k8s.credentials.credential import CredentialInvalid
from k8s.credentials.fault import Presented
from k8s.network.addresses import AddressRefused
from k8s.network.httpprotocol import HttpFlood
from k8s.network.keyexchange import HandshakeTooLarge, HandshakeTooSlow, KeyExchangeRefused
from k8s.network.tlspieces import TlsFlood
from k8s.transport.body import MOST_MEMBERS, BodyBroken, BodyTooLarge, TooManyMembers
from k8s.transport.call import Call
from k8s.transport.exchangeprogress import MOST, ExchangeProgress, Stage
from k8s.transport.limits import ConnectionLimits
from k8s.transport.status import with_fault

_ALERT: Final = re.compile(r"\[SSL: [A-Z0-9]+_ALERT_([A-Z_]+)\]")
_ALERTS: Final = {
    "ACCESS_DENIED": "it has no access",
    "BAD_CERTIFICATE": "it is invalid",
    "CERTIFICATE_EXPIRED": "it has expired",
    "CERTIFICATE_REVOKED": "it was revoked",
    "CERTIFICATE_UNKNOWN": "it is not acceptable",
    "UNKNOWN_CA": "its authority is unknown",
    "UNSUPPORTED_CERTIFICATE": "its type is not supported",
}
"""Alerts of TLS servers about client certificates (RFC 8446, section 6.2), by the end of OpenSSL's names.

aiohttp passes on only their text."""


class LocalDelay(errors.TimedOut):
    """Time that was spent before the cluster could use it, which says nothing about the cluster."""


@dataclass(frozen=True, slots=True)
class ExchangeContext:
    """One exchange with a cluster, for the messages of its errors."""

    cluster: str
    call: Call
    timeout_s: float
    limits: ConnectionLimits
    presented: Presented = field(default_factory=Presented)
    progress: ExchangeProgress = field(default_factory=ExchangeProgress)


@contextmanager
def translated(context: ExchangeContext) -> Iterator[None]:
    """Raises exceptions of the code inside as a `ClusterError`, by the first matching type of the table.

    Other exceptions pass through: they are mistakes of this program. aiohttp's response errors are not chained: they
    hold the request's headers, and with them the token.
    """
    try:
        yield
    except _FOREIGN as error:
        translate = next(translate for foreign, translate in _TABLE if isinstance(error, foreign))
        cause = None if isinstance(error, aiohttp.ClientResponseError) else error
        raise translate(context, error) from cause


def _not_connected(context: ExchangeContext, _error: Exception) -> errors.ClusterError:
    return errors.NotConnected(context.cluster, f"no connection within {context.limits.connect_timeout_s:g} s.")


def _timed_out(context: ExchangeContext, _error: Exception) -> errors.ClusterError:
    call, progress = context.call, context.progress
    if progress.stage is Stage.CONNECTING and progress.stage_s > context.timeout_s * MOST:
        return errors.NotConnected(context.cluster, f"no connection within {context.timeout_s:.3g} s.")
    if progress.stage is not Stage.ANSWERING:
        cause = (
            f"its timeout of {context.timeout_s:.3g} s passed before the request to {call.verb} {call.target} was sent."
        )
        return LocalDelay(context.cluster, cause)
    if (wait_cause := progress.memory_wait_cause(call, context.timeout_s)) is not None:
        return LocalDelay(context.cluster, wait_cause)
    cause = f"no complete answer to {call.verb} {call.target} within its {context.timeout_s:.3g} s."
    return errors.TimedOut(context.cluster, cause)


def _certificate_refused(context: ExchangeContext, error: Exception) -> errors.ClusterError:
    verification = getattr(error, "certificate_error", error)
    why = f": {verification.verify_message}" if isinstance(verification, ssl.SSLCertVerificationError) else ""
    return errors.TlsFailed(context.cluster, f"TLS: its certificate was refused{why}.")


def _no_tls(context: ExchangeContext, error: Exception) -> errors.ClusterError:
    tls_error = getattr(error, "os_error", error)
    if isinstance(tls_error, HandshakeTooLarge):
        return errors.TlsFailed(
            context.cluster,
            f"TLS: its server sends more than {tls_error.most_bytes} bytes in the handshake. Let it send fewer or "
            "smaller certificates.",
        )
    if isinstance(tls_error, HandshakeTooSlow):
        return errors.TlsFailed(
            context.cluster,
            f"TLS: the handshake took {tls_error.milliseconds} ms of processor time. Let its server send fewer or "
            "smaller certificates.",
        )
    if isinstance(tls_error, KeyExchangeRefused):
        return errors.TlsFailed(
            context.cluster,
            f"TLS: its server chooses {tls_error.group} for the key exchange, which takes too long to compute. Let it "
            "offer X25519, P-256 or P-384.",
        )
    return _alerted(context, error) or errors.TlsFailed(context.cluster, "TLS: the handshake failed.")


def _alerted(context: ExchangeContext, error: Exception) -> errors.ClusterError | None:
    """Returns the error for an alert about our certificate; None for any other failure.

    With TLS 1.3, it arrives after the handshake: as the cause of a connection that broke off.
    """
    found = _ALERT.search(str(error))
    alert = found[1] if found else ""
    if alert == "CERTIFICATE_REQUIRED":
        cause = "TLS: its server requires a client certificate; import the cluster again with one."
        return errors.TlsFailed(context.cluster, cause)
    if (why := _ALERTS.get(alert)) is None:
        return None
    cause = context.presented.fault() or f"its server refuses the client certificate: {why}"
    return errors.TlsFailed(context.cluster, f"TLS: {cause}; import the cluster again with a valid one.")


def _with_fault(context: ExchangeContext, cause: str) -> str:
    """Returns the cause of a lost connection, and the fault of the client certificate: a proxy may check it."""
    fault = context.presented.fault() if context.presented.certificate is not None else ""
    return with_fault(cause, fault) if fault else cause


def _flooded(context: ExchangeContext, _error: Exception) -> errors.ClusterError:
    return errors.TlsFailed(
        context.cluster,
        "TLS: its server sends hardly any data, but session tickets or changes of keys, so the connection was cut off. "
        "An API server, or the proxy in front of it, sends no more than a few.",
    )


def _denied(context: ExchangeContext, error: Exception) -> errors.ClusterError:
    return errors.AddressDenied(context.cluster, f"{error}.")


def _unknown_host(context: ExchangeContext, error: Exception) -> errors.ClusterError:
    if isinstance(refusal := getattr(error, "os_error", None), AddressRefused):
        return _denied(context, refusal)
    return errors.Unreachable(context.cluster, "its host name is not known (DNS).", reason="DnsFailed")


def _refused(context: ExchangeContext, error: Exception) -> errors.ClusterError:
    if isinstance(refusal := getattr(error, "os_error", None), AddressRefused):
        return _denied(context, refusal)
    if isinstance(error, OSError) and error.errno:
        return errors.Unreachable(context.cluster, f"no connection ({os.strerror(error.errno)}).")
    return errors.Unreachable(context.cluster, _with_fault(context, "no connection (refused)."))


def _too_large(context: ExchangeContext, _error: Exception) -> errors.ClusterError:
    call, largest_bytes = context.call, context.limits.body_bytes
    limit_bytes = call.answer_bytes(largest_bytes)
    if limit_bytes < largest_bytes:
        return errors.AnswerTooLarge(
            context.cluster,
            f"its answer to {call.verb} {call.target} is larger than {limit_bytes / 2**20:g} MiB, the limit for "
            "answers of this sort.",
        )
    return errors.AnswerTooLarge(context.cluster, context.limits.too_large)


def _damaged(context: ExchangeContext, _error: Exception) -> errors.ClusterError:
    return errors.ProtocolBroken(context.cluster, "the compressed answer is damaged.")


def _in_pieces(context: ExchangeContext, _error: Exception) -> errors.ClusterError:
    cause = f"its compressed answer has more than {MOST_MEMBERS} gzip members; API servers send one."
    return errors.ProtocolBroken(context.cluster, cause)


def _no_http(context: ExchangeContext, _error: Exception) -> errors.ClusterError:
    return errors.ProtocolBroken(context.cluster, "its answer is not HTTP as Kubernetes API servers send it.")


def _broken_off(context: ExchangeContext, error: Exception) -> errors.ClusterError:
    return _alerted(context, error) or errors.BrokenOff(
        context.cluster, _with_fault(context, "the connection broke off.")
    )


def _unusable(context: ExchangeContext, error: Exception) -> errors.ClusterError:
    return errors.CredentialUnusable(context.cluster, f"{error}")


_TABLE: tuple[tuple[type[Exception], Callable[[ExchangeContext, Exception], errors.ClusterError]], ...] = (
    (AddressRefused, _denied),
    (aiohttp.ConnectionTimeoutError, _not_connected),
    (TimeoutError, _timed_out),
    (aiohttp.ClientConnectorCertificateError, _certificate_refused),
    (aiohttp.ClientConnectorSSLError, _no_tls),
    (ssl.SSLError, _no_tls),
    (aiohttp.ClientConnectorDNSError, _unknown_host),
    (aiohttp.ClientConnectorError, _refused),
    (aiohttp.ClientResponseError, _no_http),
    (HttpFlood, _no_http),
    (TlsFlood, _flooded),
    (aiohttp.ClientError, _broken_off),
    (ConnectionError, _broken_off),
    (BodyTooLarge, _too_large),
    (TooManyMembers, _in_pieces),
    (BodyBroken, _damaged),
    (CredentialInvalid, _unusable),
)
_FOREIGN: tuple[type[Exception], ...] = tuple(foreign for foreign, _translate in _TABLE)
