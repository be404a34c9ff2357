"""The address of a cluster's API server, and the identity that its certificate must prove."""

import ipaddress
import re
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, Final, NamedTuple

from k8s.certificates import CertificateInvalid, normalised_certificates, require_authorities

_DNS_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


class HostInvalid(Exception):
    """A host that is refused; the text gives the reason and does not quote it."""


def normalised_host(host: str) -> str:
    """Returns a host in lower case, without a dot at its end; IP addresses in their shortest form without brackets.

    A certificate never has the dot (RFC 6125, section 6.4), nor does SNI (RFC 6066, section 3).

    Spellings that programs read differently (`0x7f000001`, `127.1`, Unicode names) are refused, so that the address
    that was checked is the one that is connected to.

    Raises:
        HostInvalid: Neither a DNS name (RFC 1123, underscores allowed) nor an IP address in its usual form.
    """
    if not host.isascii():
        raise HostInvalid("has a host with characters outside ASCII; write it in its xn-- form")
    lower = host.lower().removesuffix(".")
    if ":" in lower or lower.startswith("["):
        return _ipv6(lower)
    if _NUMERIC_LABEL.fullmatch(lower.rpartition(".")[2]):
        return _ipv4(lower)
    if not _DNS_NAME.fullmatch(lower):
        raise HostInvalid("has no valid DNS name or IP address as its host")
    return lower


def bracketed(host: str) -> str:
    """Returns a normalised host as URLs write it: IPv6 addresses in brackets (RFC 3986, section 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def _ipv4(host: str) -> str:
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        raise HostInvalid("has a host that is neither a DNS name nor four decimal numbers") from None


def _ipv6(host: str) -> str:
    inner = host.removeprefix("[").removesuffix("]")
    try:
        address = ipaddress.IPv6Address(inner)
    except ValueError:
        raise HostInvalid("has a host that is not an IPv6 address; write it in brackets in a URL") from None
    if address.scope_id is not None:
        raise HostInvalid("has an IPv6 host with a zone, which only this machine understands")
    return str(address)


MAX_URL_CHARACTERS: Final = 2048

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>\[[^\]/]*\]|[^:/\[\]]*)(?::(?P<port>[^/]*))?(?P<path>/.*)?",
    re.DOTALL,
)
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@-]+)*")


class EndpointInvalid(Exception):
    """An address that is unsafe or invalid; the text gives the reason and the way out."""


class _Address(NamedTuple):
    scheme: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{bracketed(self.host)}{port}{self.path}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of an API server, normalised, and the verification of its TLS certificate.

    Attributes:
        server: `https://host[:port][/prefix]`; proxies such as Rancher's serve `/api` below a prefix.
        ca_pem: The authorities that may have signed the server's certificate; None for the system's.
        tls_server_name: The name to expect in the certificate and to send as SNI, if not the host's.
        skip_tls_verify: Whether any certificate is accepted; only if an operator has explicitly allowed it.
        proxy_url: `http[s]://host[:port]` to connect through; the environment's proxies never apply.

    Raises:
        EndpointInvalid: One of them is invalid.
    """

    schemes: ClassVar[tuple[str, ...]] = ("https",)
    """The schemes that a server address may have."""

    server: str
    _: KW_ONLY
    ca_pem: str | None = field(default=None, repr=False)
    tls_server_name: str | None = None
    skip_tls_verify: bool = False
    proxy_url: str | None = None

    def __post_init__(self) -> None:
        if self.skip_tls_verify and self.ca_pem is not None:
            raise EndpointInvalid(
                "a certificate authority contradicts a TLS verification that is skipped; keep one of them"
            )
        object.__setattr__(self, "server", str(_server(self.server, self.schemes)))
        if self.ca_pem is not None:
            object.__setattr__(self, "ca_pem", _authorities(self.ca_pem))
        if self.tls_server_name is not None:
            object.__setattr__(self, "tls_server_name", _host("the TLS server name", self.tls_server_name))
        if self.proxy_url is not None:
            object.__setattr__(self, "proxy_url", str(_proxy(self.proxy_url)))

    @property
    def host(self) -> str:
        """Returns the DNS name or IP address, without brackets."""
        return _server(self.server, self.schemes).host

    @property
    def port(self) -> int:
        """Returns the TCP port; 443 if the address has none."""
        return _server(self.server, self.schemes).port

    @property
    def path_prefix(self) -> str:
        """Returns the path before `/api` and `/apis`: empty, or without a slash at its end."""
        return _server(self.server, self.schemes).path


def _server(url: str, schemes: tuple[str, ...]) -> _Address:
    address = _address("the server address", url, schemes=schemes)
    if not _PATH.fullmatch(address.path):
        raise EndpointInvalid("the server address has an empty segment or a special character in its path")
    if {".", ".."} & set(address.path.split("/")):
        raise EndpointInvalid("the server address has a path with . or .. in it; write the path without them")
    return address


def _proxy(url: str) -> _Address:
    address = _address("the proxy address", url, schemes=("http", "https"))
    if address.path:
        raise EndpointInvalid("the proxy address has a path; write it as http://host:port")
    return address


def _address(label: str, url: str, *, schemes: tuple[str, ...]) -> _Address:
    """Splits a URL with one strict expression; lenient parsers drop tabs and guess missing parts."""
    if len(url) > MAX_URL_CHARACTERS or not url.isprintable():
        raise EndpointInvalid(f"{label} is longer than {MAX_URL_CHARACTERS} characters or has unprintable ones")
    if {"@", "?", "#"} & set(url.partition("://")[2].partition("/")[0]) or {"?", "#"} & set(url):
        raise EndpointInvalid(
            f"{label} has a user, a password, a query or a fragment; write it as {schemes[0]}://host:port"
        )
    match = _URL.fullmatch(url)
    if match is None or match["scheme"].lower() not in schemes:
        raise EndpointInvalid(
            f"{label} does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)} and a host"
        )
    scheme = match["scheme"].lower()
    return _Address(
        scheme, _host(label, match["host"]), _port(label, match["port"], scheme), (match["path"] or "").rstrip("/")
    )


def _host(label: str, host: str) -> str:
    try:
        return normalised_host(host)
    except HostInvalid as error:
        raise EndpointInvalid(f"{label} {error}") from error


def _port(label: str, port: str | None, scheme: str) -> int:
    if port is None:
        return _DEFAULT_PORTS[scheme]
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise EndpointInvalid(f"{label} has a port that is not a number from 1 to 65535")
    return int(port)


def _authorities(pem: str) -> str:
    try:
        certificates = normalised_certificates(pem)
        require_authorities(certificates)
    except CertificateInvalid as error:
        raise EndpointInvalid(f"the certificate authority {error}") from error
    return certificates
