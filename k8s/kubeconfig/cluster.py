"""The cluster entry of a kubeconfig, which becomes an endpoint or is refused."""

from typing import Final

from k8s.endpoint import Endpoint, EndpointInvalid
from k8s.kubeconfig.allowance import Allowance
from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.files import KubeconfigFiles
from k8s.kubeconfig.policy import KubeconfigPolicy

_KNOWN: Final = frozenset(
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
_EMBED: Final = "embed it as certificate-authority-data (kubectl config view --raw --flatten)"


def endpoint_of(entry: Entry, policy: KubeconfigPolicy, files: KubeconfigFiles) -> Endpoint:
    """Returns the endpoint that a cluster entry describes.

    Raises:
        KubeconfigError: A key is unsupported or not allowed, or a value is invalid.
    """
    entry.require_only(_KNOWN, ways_out={})
    try:
        return Endpoint(
            _server(entry),
            ca_pem=_authorities(entry, files),
            tls_server_name=entry.text("tls-server-name"),
            skip_tls_verify=_skips_verification(entry, policy),
            proxy_url=_proxy(entry, policy),
        )
    except EndpointInvalid as error:
        raise entry.invalid(str(error)) from error


def _server(entry: Entry) -> str:
    server = entry.text("server")
    if server is None:
        raise entry.invalid("server is missing")
    return server


def _authorities(entry: Entry, files: KubeconfigFiles) -> str | None:
    entry.one_of("certificate-authority", "certificate-authority-data")
    embedded = entry.decoded("certificate-authority-data")
    return embedded if embedded is not None else files.text(entry, "certificate-authority", way_out=_EMBED)


def _skips_verification(entry: Entry, policy: KubeconfigPolicy) -> bool:
    """Returns the switch; any value but false needs the allowance, a quoted "true" as well."""
    key = "insecure-skip-tls-verify"
    if entry.fields.get(key) and not policy.insecure_skip_tls_verify:
        way_out = "remove it and give certificate-authority-data (or tls-server-name, if only the name differs)"
        raise entry.unsupported(key, way_out, Allowance.INSECURE_SKIP_TLS_VERIFY)
    return entry.flag(key)


def _proxy(entry: Entry, policy: KubeconfigPolicy) -> str | None:
    if entry.fields.get("proxy-url") and not policy.proxy_url:
        raise entry.unsupported("proxy-url", "remove it", Allowance.PROXY_URL)
    return entry.text("proxy-url")
