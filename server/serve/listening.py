"""The addresses that the server listens on, and the check that API tokens do not cross a network in the clear."""

import errno
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from server.commanderrors import InputError, ListenError, NotLoopback, PortInUse


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """The options of `fleetgraph serve`, checked as far as possible without the network.

    Raises:
        InputError: They contradict each other.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    is_behind_proxy: bool = False

    def __post_init__(self) -> None:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise InputError("--tls-certificate and --tls-key belong together; give both.")
        for path in (self.tls_certificate, self.tls_key):
            if path is not None and not path.is_file():
                raise InputError(f"There is no file {path}.")

    @property
    def scheme(self) -> str:
        """Returns `https` with TLS files, else `http`."""
        return "http" if self.tls_certificate is None else "https"

    @property
    def may_leave_this_machine(self) -> bool:
        """Returns whether TLS protects the tokens outside of this machine."""
        return self.is_behind_proxy or self.tls_certificate is not None


def listen(options: ServeOptions) -> list[socket.socket]:
    """Opens listening sockets on the host's addresses, all on one port.

    Raises:
        ListenError: The host is not known, not this machine's, or not loopback without TLS; or the port is in use.
    """
    addresses = _addresses(options)
    if not options.may_leave_this_machine and not all(_is_loopback(address) for address in addresses):
        raise NotLoopback(
            f"{options.host} can be reached from other machines, and API tokens would cross the network in the clear. "
            "Give --tls-certificate and --tls-key; or --behind-proxy, if a proxy in front of this port speaks TLS; "
            "or listen on 127.0.0.1."
        )
    sockets: list[socket.socket] = []
    for address in addresses:
        port = sockets[0].getsockname()[1] if sockets else options.port
        try:
            sockets.append(_bound(address, port))
        except OSError as error:
            for bound in sockets:
                bound.close()
            refused = PortInUse if error.errno == errno.EADDRINUSE else ListenError
            raise refused(f"Cannot listen on {options.host}, port {port}: {os.strerror(error.errno or 0)}.") from error
    return sockets


def url(options: ServeOptions, sockets: list[socket.socket]) -> str:
    """Returns the URL of the server."""
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"{options.scheme}://{host}:{sockets[0].getsockname()[1]}"


def is_reachable_from_elsewhere(sockets: list[socket.socket]) -> bool:
    """Returns whether another machine can connect to one of them."""
    return not all(_is_loopback(bound.getsockname()[0]) for bound in sockets)


def _addresses(options: ServeOptions) -> list[str]:
    """Returns the host's addresses, IPv4 first."""
    try:
        entries = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ListenError(f"The host {options.host!r} is not known.") from error
    addresses = dict.fromkeys(str(address[0]) for *_, address in entries)
    return sorted(addresses, key=lambda address: ":" in address)


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.create_server((address, port), family=family, backlog=2048)
    bound.setblocking(False)
    return bound
