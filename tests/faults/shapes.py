"""Faults of a cluster, and the client's error for each."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.controlplane import faults
from tests.controlplane.certificates import CertificateAuthority, ServerCertificate
from tests.controlplane.faults import Cut, Drip, Fault, Hang, HangHandshake, Refuse, Stall, Truncate
from tests.controlplane.proxy import FaultProxy
from tests.faults.fleets import CLUSTER_TIMEOUT_S, CONNECT_TIMEOUT_S

BOMB = faults.gzip_bomb(64 * 2**20)


@dataclass(frozen=True)
class Shape:
    """A fault, and the client's error for it."""

    fault: Fault | Callable[[CertificateAuthority], ServerCertificate]
    code: str
    reason: str
    status: str = "UNREACHABLE"
    retryable: bool = True
    message: str = ""
    is_put_off: bool = False

    def put_on(self, proxy: FaultProxy, authority: CertificateAuthority) -> None:
        """Applies the fault; open connections are closed."""
        if callable(self.fault):
            proxy.certificate = self.fault(authority)
        else:
            proxy.fault = self.fault
        proxy.drop_connections()


def lost(fault: Fault, reason: str, message: str) -> Shape:
    """Returns the error of a failed or broken connection."""
    return Shape(fault, "CLUSTER_UNREACHABLE", reason, message=message)


def slow(fault: Fault, message: str = f"no complete answer to list pods within its {CLUSTER_TIMEOUT_S:g} s") -> Shape:
    """Returns the error of a timeout."""
    return Shape(fault, "CLUSTER_TIMEOUT", "TimedOut", "TIMEOUT", message=message)


def untrusted(certificate: Callable[[CertificateAuthority], ServerCertificate], why: str) -> Shape:
    """Returns the error of an untrusted certificate."""
    return Shape(certificate, "CLUSTER_UNREACHABLE", "TlsFailed", retryable=False, message=why)


def broken(fault: Fault, message: str) -> Shape:
    """Returns the error of an invalid response."""
    return Shape(fault, "CLUSTER_UNREACHABLE", "ProtocolBroken", message=message)


DEAD = {
    "refused": lost(Refuse(), "Unreachable", "no connection"),
    "cut before the answer": lost(Cut(before_headers=True), "BrokenOff", "the connection broke off"),
    "cut within the body": lost(Cut(after_bytes=300), "BrokenOff", "the connection broke off"),
    "truncated": lost(Truncate(after_bytes=300), "BrokenOff", "the connection broke off"),
    "handshake hangs": slow(HangHandshake(), f"no connection within {CONNECT_TIMEOUT_S:g} s"),
    "hangs": slow(Hang()),
    "stalls after the headers": slow(Stall()),
    "stalls within the body": slow(Stall(after_bytes=300)),
    "drips": slow(Drip(size=1, every_s=0.1)),
    "certificate expired": untrusted(CertificateAuthority.expired, "certificate has expired"),
    "certificate not yet valid": untrusted(CertificateAuthority.not_yet_valid, "certificate is not yet valid"),
    "certificate of another host": untrusted(CertificateAuthority.wrong_host, "IP address mismatch"),
    "certificate of an unknown authority": untrusted(
        lambda _authority: CertificateAuthority.create("another").issue(), "unable to get local issuer"
    ),
}
ANSWERING = {
    "invalid JSON": broken(faults.invalid_json(), "is not what the Kubernetes API sends"),
    "HTML": broken(faults.html_page(), "not JSON"),
    "items of another type": broken(
        faults.Answer(body=b'{"kind":"PodList","items":{}}'), "is not what the Kubernetes API sends"
    ),
    "another kind": broken(faults.Rewrite(body=b'{"kind":"ServiceList","items":[{"metadata":{"name":"x"}}]}'), "kind"),
    "204": broken(faults.no_content(), "not JSON"),
    "gzip bomb": broken(BOMB, "larger than 8 MiB"),
    "no gzip": broken(
        faults.Answer(headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}, body=b"{}"), "damaged"
    ),
    "429": Shape(faults.too_many_requests("2"), "TOO_MANY_REQUESTS", "TooManyRequests", "FAILED", is_put_off=True),
    "401": Shape(faults.unauthorized(), "UNAUTHENTICATED", "Unauthorized", "FORBIDDEN", retryable=False),
    "403": Shape(faults.forbidden(), "FORBIDDEN", "Forbidden", "FORBIDDEN", retryable=False, message="list pods"),
    "404": Shape(faults.Answer(404, body=b"{}"), "NOT_FOUND", "NotFound", "FAILED", retryable=False),
    "410": Shape(faults.gone(), "GONE", "Expired", "FAILED"),
    "500": Shape(faults.server_error(), "CLUSTER_UNREACHABLE", "InternalError"),
    "503": Shape(faults.unavailable("2"), "CLUSTER_UNREACHABLE", "ServiceUnavailable", is_put_off=True),
}
