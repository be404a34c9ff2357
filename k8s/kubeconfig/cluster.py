"""The cluster entry of a kubeconfig, which becomes an endpoint or is refused."""

from collections.abc import Iterator
from typing import Final

from k8s.endpoint import Endpoint, EndpointInvalid
from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.files import named_text
from k8s.kubeconfig.permission import ImportPermission, to_read_file, to_skip_verification, to_use_proxy

CLUSTER_KEYS: Final = frozenset(
    {
        "server",
        "certificate-authority",
        "certificate-authority-data",
        "tls-server-name",
        "insecure-skip-tls-verify",
        "proxy-url",
        "extensions",
        "disable-compression",
    }
)
_EMBED: Final = "embed them (kubectl config view --raw --flatten)"
_VERIFY: Final = "give certificate-authority-data (tls-server-name, if only the name differs)"


def cluster_permissions(entry: Entry) -> Iterator[ImportPermission]:
    """Yields the permissions that a cluster entry needs; raises KubeconfigInvalid."""
    if entry.text("certificate-authority"):
        yield to_read_file("certificate-authority", _EMBED)
    if entry.fields.get("insecure-skip-tls-verify"):  # any value but false, a quoted "true" as well
        yield to_skip_verification("insecure-skip-tls-verify", _VERIFY)
    if entry.text("proxy-url"):
        yield to_use_proxy("proxy-url")


def endpoint_of(entry: Entry) -> Endpoint:
    """Returns the endpoint that a cluster entry describes; the permissions that it needs are given.

    Raises:
        KubeconfigError: A value is missing or invalid.
    """
    try:
        return Endpoint(
            _server(entry),
            ca_pem=_authorities(entry),
            tls_server_name=entry.text("tls-server-name"),
            skip_tls_verify=entry.flag("insecure-skip-tls-verify"),
            proxy_url=entry.text("proxy-url"),
        )
    except EndpointInvalid as error:
        raise entry.invalid(str(error)) from error


def _server(entry: Entry) -> str:
    server = entry.text("server")
    if server is None:
        raise entry.invalid("server is missing")
    return server


def _authorities(entry: Entry) -> str | None:
    entry.one_of("certificate-authority", "certificate-authority-data")
    embedded = entry.decoded("certificate-authority-data")
    return embedded if embedded is not None else named_text(entry, "certificate-authority")
