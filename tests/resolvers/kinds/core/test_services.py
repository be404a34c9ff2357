"""Derived fields of services and Endpoints."""

import pytest

from resolvers.kinds.core.endpoints import ENDPOINTS
from resolvers.kinds.core.service import SERVICES
from resolvers.kinds.discovery.endpointcounts import EndpointCounts
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.kinds.memberof import derived

EXTERNAL: list[JsonValue] = ["192.0.2.2", "192.0.2.1"]
BALANCERS: list[JsonValue] = [
    {"ip": "203.0.113.9", "hostname": "unused"},
    {"hostname": "b.example.com"},
    {},
    {"ip": "", "hostname": "a.example.com"},
    {"ip": "203.0.113.9"},
]
BALANCED = ["203.0.113.9", "a.example.com", "b.example.com"]


@pytest.mark.parametrize(
    ("spec", "balancers", "wanted"),
    [
        ({"type": "ClusterIP"}, BALANCERS, []),
        ({"type": "ClusterIP", "externalIPs": EXTERNAL}, [], EXTERNAL),
        ({"type": "NodePort"}, [], []),
        ({"type": "NodePort", "externalIPs": EXTERNAL}, BALANCERS, EXTERNAL),
        ({"type": "LoadBalancer"}, [], []),
        ({"type": "LoadBalancer"}, BALANCERS, BALANCED),
        ({"type": "LoadBalancer", "externalIPs": EXTERNAL}, BALANCERS, [*BALANCED, *EXTERNAL]),
        ({"type": "LoadBalancer", "externalIPs": EXTERNAL}, [{}], EXTERNAL),
        ({"type": "ExternalName", "externalName": "example.com", "externalIPs": EXTERNAL}, [], ["example.com"]),
        ({"type": "ExternalName"}, [], []),
        ({"type": "Unheard", "externalIPs": EXTERNAL}, BALANCERS, []),
        ({}, BALANCERS, []),
    ],
)
def test_external_addresses(spec: JsonObject, balancers: list[JsonValue], wanted: list[str]) -> None:
    status: JsonObject = {"loadBalancer": {"ingress": balancers}}
    is_pending = spec.get("type") == "LoadBalancer" and wanted == []

    assert derived(SERVICES, "externalAddresses", spec=spec, status=status) == wanted
    assert derived(SERVICES, "externalAddressPending", spec=spec, status=status) is is_pending


@pytest.mark.parametrize("parts", [{}, {"spec": {}}, {"spec": {"type": "ClusterIP"}, "status": {}}, {"status": {}}])
def test_a_service_that_says_nothing(parts: dict[str, JsonValue]) -> None:
    found = [derived(SERVICES, name, **parts) for name in ("externalAddresses", "externalAddressPending", "portsText")]

    assert found == [[], False, ""]


def test_ports() -> None:
    ports: list[JsonValue] = [
        {"port": 80, "protocol": "TCP"},
        {"port": 53, "protocol": "UDP", "nodePort": 30053},
        {"port": 9, "nodePort": 0, "protocol": "SCTP"},
        {},
    ]

    assert derived(SERVICES, "portsText", spec={"ports": ports}) == "80/TCP,53:30053/UDP,9/SCTP,0/"


def _subset(ips: list[str], *ports: int) -> JsonObject:
    return {"addresses": [{"ip": ip} for ip in ips], "ports": [{"port": port} for port in ports]}


@pytest.mark.parametrize(
    ("subsets", "wanted"),
    [
        ([], None),
        ([{}], ""),
        ([_subset(["1"], 80)], "1:80"),
        ([_subset(["1", "2"])], "1,2"),
        ([_subset(["fd00::1"], 80)], "[fd00::1]:80"),
        ([_subset(["1", "2"], 80, 443)], "1:80,2:80,1:443 + 1 more..."),
        ([_subset(["1", "2"]), _subset(["3"], 80)], "1,2,3:80"),
        ([_subset(["1", "2", "3", "4"]), _subset(["5"], 80, 81)], "1,2,3 + 3 more..."),
    ],
)
def test_endpoints(subsets: list[JsonValue], wanted: str | None) -> None:
    assert derived(ENDPOINTS, "endpointsText", subsets=subsets) == wanted


def test_endpoints_of_several_subsets_count_once() -> None:
    subsets: list[JsonValue] = [
        {"addresses": [{"ip": "1"}], "notReadyAddresses": [{"ip": "2"}]},
        {"addresses": [{"ip": "1"}], "notReadyAddresses": [{"ip": "1"}, {"ip": "3"}]},
    ]

    assert derived(ENDPOINTS, "endpointCounts", subsets=subsets) == EndpointCounts(3, 1, 1, 0)
    assert derived(ENDPOINTS, "endpointCounts") == EndpointCounts(0, 0, 0, 0)
