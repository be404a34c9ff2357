"""TLS to a cluster: the one place that turns an endpoint and a credential into an SSL context."""

import os
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from k8s.credentials.credential import ClientCertificate, Credential, CredentialInvalid
from k8s.endpoint import Endpoint
from k8s.network.keyexchange import ClientContext

_SUITES: Final = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:!aNULL:!SHA1:!AESCCM:@SECLEVEL=2"
"""The cipher suites of TLS 1.2: Python's own without DHE, whose parameters a server makes up; 10,000 bits of them take
a client 1.2 s.

API servers have no DHE suites: Go's `crypto/tls` does not implement them. The groups of TLS 1.3:
`k8s.network.keyexchange`."""


def client_context(endpoint: Endpoint, credential: Credential | None) -> ssl.SSLContext:
    """Returns the context for connections to an endpoint with a credential.

    It takes some milliseconds of processor time, so connections share it (`k8s.network.contexts`). The caller passes
    `server_hostname`: `endpoint.tls_server_name` if it is set, else the host.

    Verification follows Go's, which kubectl uses: an intermediate certificate may be an authority, a common name is no
    host name, and the strict profile of newer Python versions, which many clusters' authorities fail, is off.

    Raises:
        CredentialInvalid: The TLS library refuses the client certificate, for example because its key is too short.
    """
    context = quick_context()
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    _trust(context, endpoint)
    if isinstance(credential, ClientCertificate):
        _present(context, credential)
    return context


def quick_context() -> ssl.SSLContext:
    """Returns a client's context that verifies, trusts no authority yet, and refuses slow key exchanges.

    With any choice of a server of TLS 1.2 or 1.3, the keys of a handshake block the event loop for about 10 ms at most.
    Its certificates take more, if a trusted authority has signed many.
    """
    context = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_SUITES)
    return context


def _trust(context: ssl.SSLContext, endpoint: Endpoint) -> None:
    if endpoint.skip_tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif endpoint.ca_pem is None:
        context.load_default_certs()
    else:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=endpoint.ca_pem)


def _present(context: ssl.SSLContext, credential: ClientCertificate) -> None:
    """Loads the certificate; an empty password keeps OpenSSL from asking for one at the terminal."""
    pem = credential.certificate_pem + credential.key_pem.reveal()
    with _private_file(pem.encode()) as path:
        try:
            context.load_cert_chain(path, password="")
        except ssl.SSLError as error:
            raise CredentialInvalid(f"the TLS library refuses the client certificate: {error.reason}") from error


@contextmanager
def _private_file(content: bytes) -> Iterator[Path]:
    """Writes bytes to a temporary path, because the TLS library reads keys only from files: in memory on Linux."""
    if sys.platform == "linux":
        with os.fdopen(os.memfd_create("client-certificate"), "wb") as file:
            file.write(content)
            file.flush()
            yield Path(f"/proc/self/fd/{file.fileno()}")
    else:
        with tempfile.TemporaryDirectory(prefix="fleetgraph-") as folder, _file_in(folder, content) as path:
            yield path


@contextmanager
def _file_in(folder: str, content: bytes) -> Iterator[Path]:
    """Writes a file into a private folder, readable only by its owner, and removes it right after use."""
    path = Path(folder) / "client.pem"
    path.touch(mode=0o600)
    path.write_bytes(content)
    try:
        yield path
    finally:
        path.unlink()
