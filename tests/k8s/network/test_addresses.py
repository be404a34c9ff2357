"""Addresses that may be connected to: the policy, and its application at the moment of the connection."""

import asyncio
import ipaddress
import socket

import pytest

from k8s import errors
from k8s.endpoint import Endpoint
from k8s.network import connector
from k8s.network.addresses import EVERY_ADDRESS, LOOPBACK, AddressPolicy, AddressRefused
from k8s.network.lookups import Lookups
from k8s.transport.limits import ConnectionLimits
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.transports import LIST, Connect
from tests.k8s.wireserver import WireServer

METADATA = "169.254.169.254"
NO_LOOPBACK = AddressPolicy(denied=frozenset(LOOPBACK))


def policy(*, denied: str = "", allowed: str = "") -> AddressPolicy:
    return AddressPolicy(
        denied=frozenset(map(ipaddress.ip_network, denied.split())),
        allowed=frozenset(map(ipaddress.ip_network, allowed.split())),
    )


@pytest.mark.parametrize(
    "address",
    [
        METADATA,
        "169.254.0.1",
        "169.254.170.2",
        "0.0.0.0",  # noqa: S104  it is refused
        "0.1.2.3",
        "224.0.0.1",
        "255.255.255.255",
        "100.100.100.200",
        "168.63.129.16",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ],
)
def test_kc_7_what_no_cluster_is_at_is_denied_by_default(address: str) -> None:
    with pytest.raises(AddressRefused, match="FLEETGRAPH_ALLOWED_ADDRESSES can allow it"):
        AddressPolicy().require(address)
    EVERY_ADDRESS.require(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "8.8.8.8", "127.0.0.1", "::1", "fd12::1", "2606::1"])
def test_clusters_on_private_public_and_own_addresses_are_allowed_by_default(address: str) -> None:
    AddressPolicy().require(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_kc_7_loopback_can_be_denied_however_it_is_written(address: str) -> None:
    with pytest.raises(AddressRefused):
        NO_LOOPBACK.require(address)


def test_the_longest_network_decides() -> None:
    some = policy(denied="0.0.0.0/0 ::/0 10.96.0.0/12", allowed="10.0.0.0/8")

    some.require("10.1.2.3")
    for address in ("10.97.0.1", "11.0.0.1", "2606::1", "::ffff:10.97.0.1"):
        with pytest.raises(AddressRefused):
            some.require(address)


def test_of_equally_long_networks_the_allowed_one_decides() -> None:
    policy(denied="127.0.0.0/8", allowed="127.0.0.0/8").require("127.0.0.1")
    policy(allowed=f"{METADATA}/32").require(METADATA)


@pytest.mark.parametrize("allowed", ["0.0.0.0/0", "169.254.0.0/16"])
def test_kc_7_a_wide_exception_does_not_open_the_metadata_service(allowed: str) -> None:
    with pytest.raises(AddressRefused):
        policy(allowed=allowed).require(METADATA)


async def test_kc_7_an_address_is_refused_and_nothing_sent(server: WireServer, connect: Connect) -> None:
    transport = connect(server.endpoint, ConnectionLimits(addresses=NO_LOOPBACK))

    with pytest.raises(errors.AddressDenied, match=r"cluster 'alpha': its address, .* is in 127\.0\.0\.0/8") as raised:
        await transport.exchange(LIST, timeout_s=10)

    assert (raised.value.code, raised.value.retryable) == (errors.ErrorCode.CLUSTER_UNREACHABLE, False)
    assert server.connections == 0


@pytest.mark.parametrize("host", [METADATA, "[::ffff:169.254.169.254]", "[fe80::1]"])
async def test_kc_7_no_connection_is_tried(connect: Connect, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = _sockets(monkeypatch)

    with pytest.raises(errors.AddressDenied):
        await connect(Endpoint(f"https://{host}")).exchange(LIST, timeout_s=10)

    assert opened == []


async def test_kc_7_a_name_is_judged_by_what_it_resolves_to(
    server: WireServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    _resolving(monkeypatch, [METADATA, "fe80::1"])
    opened = _sockets(monkeypatch)

    with pytest.raises(errors.AddressDenied):
        await connect(_named(server)).exchange(LIST, timeout_s=10)

    assert opened == []


async def test_of_several_addresses_the_allowed_one_is_used(
    server: WireServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    _resolving(monkeypatch, [METADATA, "127.0.0.1"])

    await connect(_named(server)).exchange(LIST, timeout_s=10)

    assert len(server.requests) == 1


async def test_kc_7_a_name_that_moves_after_its_import_is_refused(
    server: WireServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = ["127.0.0.1"]
    _resolving(monkeypatch, addresses)
    await connect(_named(server)).exchange(LIST, timeout_s=10)
    addresses[:] = [METADATA]

    with pytest.raises(errors.AddressDenied):
        await connect(_named(server)).exchange(LIST, timeout_s=10)

    assert len(server.requests) == 1


@pytest.mark.parametrize("proxy", [f"http://{METADATA}:3128", "http://[::ffff:169.254.169.254]"])
async def test_kc_6_a_proxy_is_judged_too(server: WireServer, connect: Connect, proxy: str) -> None:
    endpoint = Endpoint(server.endpoint.server, ca_pem=server.endpoint.ca_pem, proxy_url=proxy)

    with pytest.raises(errors.AddressDenied):
        await connect(endpoint).exchange(LIST, timeout_s=10)

    assert server.connections == 0


async def test_kc_6_no_proxy_is_asked_for_an_address_that_is_refused(server: WireServer, connect: Connect) -> None:
    endpoint = Endpoint(f"https://{METADATA}", proxy_url=f"http://127.0.0.1:{server.port}")

    with pytest.raises(errors.AddressDenied):
        await connect(endpoint).exchange(LIST, timeout_s=10)

    assert server.connections == 0


def _named(server: WireServer) -> Endpoint:
    certificate_name = "127.0.0.1"
    return Endpoint(
        f"https://cluster.example:{server.port}", ca_pem=authority().pem.decode(), tls_server_name=certificate_name
    )


def _resolving(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    """Resolves every name to the current content of the list."""

    def resolve(_host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    monkeypatch.setattr(connector, "LOOKUPS", Lookups(resolve))


def _sockets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Records the addresses that the event loop connects to."""
    connected: list[object] = []
    loop = asyncio.get_running_loop()

    async def connect(_socket: socket.socket, address: object) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(loop, "sock_connect", connect)
    return connected
