"""The host part of an address, in one spelling: a DNS name, an IPv4 or an IPv6 address.

Spellings that programs read differently (`0x7f000001`, `127.1`, Unicode names) are refused, so that what is checked is
what is connected to.
"""

import ipaddress
import re
from typing import Final

_DNS_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


class HostInvalid(Exception):
    """A host is refused; the text says why and does not quote it."""


def normalised_host(host: str) -> str:
    """Return a host in lower case, IP addresses in their shortest form and without brackets.

    Raises:
        HostInvalid: Neither a DNS name (RFC 1123, underscores allowed) nor an IP address in its usual form.
    """
    if not host.isascii():
        raise HostInvalid("has a host with characters outside ASCII; write it in its xn-- form")
    lower = host.lower()
    if ":" in lower or lower.startswith("["):
        return _ipv6(lower)
    if _NUMERIC_LABEL.fullmatch(lower.rpartition(".")[2]):
        return _ipv4(lower)
    if not _DNS_NAME.fullmatch(lower):
        raise HostInvalid("has no valid DNS name or IP address as its host")
    return lower


def bracketed(host: str) -> str:
    """Return a normalised host as URLs write it: IPv6 addresses in brackets (RFC 3986, section 3.2.2)."""
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
        raise HostInvalid("has a host that is no IPv6 address; in a URL it stands in brackets") from None
    if address.scope_id is not None:
        raise HostInvalid("has an IPv6 host with a zone, which only this machine understands")
    return str(address)
