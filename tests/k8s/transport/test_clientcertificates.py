"""Servers that check the client certificate themselves, and say in a TLS alert or not at all why they refuse it."""

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from k8s import errors
from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, Secret
from k8s.endpoint import Endpoint
from k8s.errors import BrokenOff
from k8s.transport.limits import ConnectionLimits
from k8s.transport.transport import Transport
from tests.controlplane.certificates import CertificateAuthority
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tlsapplication import Run
from tests.k8s.transports import LIST, TOKEN
from tests.k8s.wireserver import http

_PAIRS = {
    "valid": lambda: authority().client("ann"),
    "expired": lambda: authority().client("ann", days=(-9, -2)),
    "early": lambda: authority().client("ann", days=(2, 9)),
    "stranger": lambda: CertificateAuthority.create("a stranger").client("ann"),
}


def _credential(pair: str) -> Credential:
    if pair not in _PAIRS:
        return BearerToken(Secret(TOKEN))
    made = _PAIRS[pair]()
    return ClientCertificate(made.certificate_pem.decode(), Secret(made.key_pem.decode()))


@contextmanager
def _server(folder: Path, version: ssl.TLSVersion, *, is_rude: bool = False) -> Iterator[Endpoint]:
    """Runs a server that requires a client certificate; a rude one closes the connection without an alert."""
    context = authority().issue().server_context()
    context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_NONE if is_rude else ssl.CERT_REQUIRED
    (folder / "ca.pem").write_bytes(authority().pem)
    context.load_verify_locations(folder / "ca.pem")

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection.dup() as left:
                    try:
                        with context.wrap_socket(connection, server_side=True) as secured:
                            if secured.recv(65536) and not is_rude:
                                secured.sendall(http(b'{"kind":"PodList"}'))
                    except OSError:
                        _drain(left)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener], daemon=True)
        thread.start()
        yield Endpoint(f"https://127.0.0.1:{listener.getsockname()[1]}", ca_pem=authority().pem.decode())
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def _drain(connection: socket.socket) -> None:
    """Reads until the peer has closed: a connection that is closed before would be reset, and its alert lost."""
    connection.settimeout(10)
    with suppress(OSError):
        while connection.recv(65536):
            pass


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("pair", "cause"),
    [
        (
            "expired",
            r"TLS: the client certificate expired on \d{4}-\d\d-\d\d at \d\d:\d\d UTC; import the cluster again",
        ),
        ("early", r"TLS: the client certificate is not valid before \d{4}-\d\d-\d\d at \d\d:\d\d UTC; import"),
        ("stranger", r"TLS: its server refuses the client certificate: its authority is unknown; import"),
        ("none", r"TLS: (its server requires a client certificate; import .*with one|the handshake failed)\."),
    ],
)
def test_an_alert_about_the_client_certificate_says_why(
    run: Run, tmp_path: Path, version: ssl.TLSVersion, pair: str, cause: str
) -> None:
    with _server(tmp_path, version) as endpoint:
        error = _refused(run, endpoint, _credential(pair))

    assert type(error) is errors.TlsFailed
    assert not error.retryable
    assert re.match(cause, error.cause)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_valid_client_certificate_is_accepted(run: Run, tmp_path: Path, version: ssl.TLSVersion) -> None:
    async def exchange() -> None:
        assert await _exchange(endpoint, _credential("valid")) == b'{"kind":"PodList"}'

    with _server(tmp_path, version) as endpoint:
        run(exchange)


def test_a_connection_that_breaks_off_names_the_expired_certificate(run: Run, tmp_path: Path) -> None:
    with _server(tmp_path, ssl.TLSVersion.TLSv1_3, is_rude=True) as endpoint:
        expired, valid = (_refused(run, endpoint, _credential(pair)) for pair in ("expired", "valid"))

    assert type(expired) is type(valid) is BrokenOff
    assert expired.cause.startswith("the connection broke off. Its credential is not valid: the client certificate ")
    assert valid.cause == "the connection broke off."


async def _exchange(endpoint: Endpoint, credential: Credential) -> bytes:
    transport = Transport("alpha", endpoint, credential=credential, limits=ConnectionLimits())
    try:
        return await transport.exchange(LIST, timeout_s=30)
    finally:
        await transport.close()


def _refused(run: Run, endpoint: Endpoint, credential: Credential) -> errors.ClusterError:
    raised: list[errors.ClusterError] = []

    async def exchange() -> None:
        with pytest.raises(errors.ClusterError) as error:
            await _exchange(endpoint, credential)
        raised.append(error.value)

    run(exchange)
    return raised[0]
