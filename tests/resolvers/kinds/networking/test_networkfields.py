"""Derived fields of ingresses, their classes, network policies and IP addresses."""

import pytest

from resolvers.kinds.networking.ingress import INGRESSES
from resolvers.kinds.networking.ingressclass import INGRESS_CLASSES
from resolvers.kinds.networking.ipaddress import IP_ADDRESSES
from resolvers.kinds.networking.networkpolicy import NETWORK_POLICIES
from resolvers.kinds.networking.policypeer import PolicyPeer, TrafficDirection
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.kinds.memberof import derived

ANNOTATED: JsonObject = {"annotations": {"kubernetes.io/ingress.class": "old"}}


def test_an_ingress() -> None:
    hosts = ["b.example.com", "", "a.example.com", "b.example.com"]
    rules: list[JsonValue] = [{"host": host} for host in hosts]
    spec: JsonObject = {"rules": [*rules, {}], "tls": [{}]}
    status: JsonObject = {"loadBalancer": {"ingress": [{"ip": "2"}, {"hostname": "1"}, {"ip": "2"}, {}]}}

    assert derived(INGRESSES, "hosts", spec=spec) == ["b.example.com", "a.example.com"]
    assert derived(INGRESSES, "ports", spec=spec) == [80, 443]
    assert derived(INGRESSES, "addresses", status=status) == ["1", "2"]


@pytest.mark.parametrize("parts", [{}, {"spec": {}, "status": {}}, {"status": {"loadBalancer": {}}}])
def test_an_ingress_that_says_nothing(parts: dict[str, JsonValue]) -> None:
    found = [derived(INGRESSES, name, **parts) for name in ("hosts", "ports", "addresses", "className")]

    assert found == [[], [80], [], None]


@pytest.mark.parametrize(
    ("spec", "metadata", "wanted"),
    [
        ({"ingressClassName": "new"}, {}, "new"),
        ({"ingressClassName": "new"}, ANNOTATED, "new"),
        ({}, ANNOTATED, "old"),
        ({}, {"annotations": {}}, None),
    ],
)
def test_the_name_of_a_class(spec: JsonObject, metadata: JsonObject, wanted: str | None) -> None:
    assert derived(INGRESSES, "className", spec=spec, metadata=metadata) == wanted


@pytest.mark.parametrize(("value", "wanted"), [("true", True), ("True", False), ("false", False), (None, False)])
def test_default_classes(value: str | None, *, wanted: bool) -> None:
    metadata: JsonObject = {"annotations": {"ingressclass.kubernetes.io/is-default-class": value}} if value else {}

    assert derived(INGRESS_CLASSES, "isDefault", metadata=metadata) is wanted


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({"kind": "Settings", "name": "main"}, "Settings/main"),
        ({"apiGroup": "example.com", "kind": "Settings", "name": "main"}, "Settings.example.com/main"),
        ({"apiGroup": "", "kind": "Settings", "name": "main"}, "Settings./main"),
        ({}, "/"),
        (None, None),
    ],
)
def test_parameters(parameters: JsonValue, wanted: str | None) -> None:
    assert derived(INGRESS_CLASSES, "parametersText", spec={"parameters": parameters}) == wanted
    assert derived(INGRESS_CLASSES, "parametersText") is None


@pytest.mark.parametrize(
    ("parent", "wanted"),
    [
        ({"resource": "services", "namespace": "shop", "name": "web"}, "services/shop/web"),
        ({"group": "", "resource": "Services", "namespace": "", "name": "web"}, "services/web"),
        ({"group": "Example.com", "resource": "gateways", "name": "Main"}, "gateways.example.com/Main"),
        ({}, "/"),
        (None, None),
    ],
)
def test_parents_of_addresses(parent: JsonValue, wanted: str | None) -> None:
    assert derived(IP_ADDRESSES, "parentText", spec={"parentRef": parent}) == wanted
    assert derived(IP_ADDRESSES, "parentText") is None


def _peer(direction: TrafficDirection, *ports: str, **parts: str | None) -> PolicyPeer:
    named = {key: parts.get(key) for key in ("namespaces", "pods", "cidr")}
    return PolicyPeer(direction, **named, excluded=[], ports=[*ports])


def test_allowed_peers() -> None:
    web: JsonObject = {"matchLabels": {"app": "web"}}
    spec: JsonObject = {
        "ingress": [
            {"from": [{"podSelector": web}, {"namespaceSelector": {}, "podSelector": web}, {}]},
            {"ports": [{"port": 80}, {"port": 8000, "endPort": 8080, "protocol": "UDP"}, {"protocol": "SCTP"}]},
        ],
        "egress": [
            {"to": [{"namespaceSelector": web}], "ports": [{"port": "dns", "protocol": "UDP"}]},
            {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
        ],
    }

    assert derived(NETWORK_POLICIES, "allowedPeers", spec=spec) == [
        _peer(TrafficDirection.Ingress, pods="app=web"),
        _peer(TrafficDirection.Ingress, pods="app=web", namespaces=""),
        _peer(TrafficDirection.Ingress),
        _peer(TrafficDirection.Ingress, "80/TCP", "8000-8080/UDP", "*/SCTP"),
        _peer(TrafficDirection.Egress, "dns/UDP", namespaces="app=web"),
        _peer(TrafficDirection.Egress, cidr="10.0.0.0/8"),
    ]


@pytest.mark.parametrize(
    ("types", "directions"),
    [
        (["Ingress"], [TrafficDirection.Ingress]),
        (["Egress"], [TrafficDirection.Egress]),
        (["Egress", "Ingress"], [*TrafficDirection]),
        ([], [*TrafficDirection]),
        (["Other"], []),
    ],
)
def test_rules_of_other_types_than_the_policys_do_not_count(
    types: list[JsonValue], directions: list[TrafficDirection]
) -> None:
    spec: JsonObject = {"policyTypes": types, "ingress": [{}], "egress": [{}]}

    assert derived(NETWORK_POLICIES, "allowedPeers", spec=spec) == [_peer(direction) for direction in directions]


def test_excluded_addresses() -> None:
    block: JsonObject = {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}

    found = derived(NETWORK_POLICIES, "allowedPeers", spec={"ingress": [{"from": [{"ipBlock": block}]}]})

    assert found == [PolicyPeer(TrafficDirection.Ingress, None, None, "10.0.0.0/8", ["10.1.0.0/16"], [])]


@pytest.mark.parametrize("parts", [{}, {"spec": {}}, {"spec": {"ingress": [], "podSelector": {}}}])
def test_a_policy_that_says_nothing(parts: dict[str, JsonValue]) -> None:
    assert derived(NETWORK_POLICIES, "allowedPeers", **parts) == []
    assert derived(NETWORK_POLICIES, "podSelectorText", **parts) == "<none>"
