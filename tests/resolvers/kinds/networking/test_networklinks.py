"""Links of services, endpoints, ingresses and network policies of a real cluster, beside its raw objects."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from types import MappingProxyType

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.transport.limits import ConnectionLimits
from resolvers.limits import OperationLimits
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.users import GUEST
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.kinds.linkreading import Expected, Json, RawObjects, check_links, delete, namespace_of, read_raw

pytestmark = pytest.mark.controlplane

HOME, OTHER = "wire", "wired"
LABEL = "kubernetes.io/service-name"
ADDRESSES = ("10.123.0.3", "10.123.0.15", "10.123.0.16", "2001:db8:77::f", "2001:db8:77::1:0")
PATHS = {
    "namespaces": "/api/v1/namespaces",
    "pods": "/api/v1/pods",
    "nodes": "/api/v1/nodes",
    "services": "/api/v1/services",
    "endpoints": "/api/v1/endpoints",
    "secrets": "/api/v1/secrets",
    "configmaps": "/api/v1/configmaps",
    "endpointslices": "/apis/discovery.k8s.io/v1/endpointslices",
    "ingresses": "/apis/networking.k8s.io/v1/ingresses",
    "ingressclasses": "/apis/networking.k8s.io/v1/ingressclasses",
    "networkpolicies": "/apis/networking.k8s.io/v1/networkpolicies",
    "ipaddresses": "/apis/networking.k8s.io/v1/ipaddresses",
    "servicecidrs": "/apis/networking.k8s.io/v1/servicecidrs",
}


@pytest.fixture(scope="module")
async def raw(alpha: Cluster) -> AsyncIterator[RawObjects]:
    """The objects of the cluster, with services of every sort among them."""
    await create_objects(alpha, _objects())
    yield await read_raw(alpha, PATHS)
    await delete(
        alpha,
        *(f"{PATHS['ingressclasses']}/{name}" for name in ("wire", "wire-bare")),
        *(f"{PATHS['servicecidrs']}/{name}" for name in ("wire", "wire-inner")),
        *(f"{PATHS['ipaddresses']}/{address}" for address in ADDRESSES),
    )


def _selected(item: Json, raw: RawObjects) -> list[Json]:
    selector = item["spec"].get("selector") if item["spec"].get("type") != "ExternalName" else None
    inside = [pod for pod in raw.of("pods") if namespace_of(pod) == namespace_of(item)]
    return [pod for pod in inside if selector and selector.items() <= pod["metadata"].get("labels", {}).items()]


def _slices(service: Json, raw: RawObjects) -> list[Json]:
    return [
        one
        for one in raw.of("endpointslices")
        if namespace_of(one) == namespace_of(service)
        and one["metadata"].get("labels", {}).get(LABEL) == service["metadata"]["name"]
    ]


def _endpoints(item: Json) -> list[Json]:
    return item.get("endpoints") or []


def _subset_addresses(item: Json) -> list[Json]:
    return [
        one
        for subset in item.get("subsets") or []
        for addresses in ("addresses", "notReadyAddresses")
        for one in subset.get(addresses, [])
    ]


def _pods(item: Json, addresses: list[Json], raw: RawObjects) -> list[Json]:
    names = [one["targetRef"]["name"] for one in addresses if one.get("targetRef", {}).get("kind") == "Pod"]
    return [*raw.every("pods", names, namespace_of(item))]


def _backends(ingress: Json) -> list[Json]:
    spec = ingress["spec"]
    paths = [path["backend"] for rule in spec.get("rules", []) for path in rule.get("http", {}).get("paths", [])]
    return [*([spec["defaultBackend"]] if "defaultBackend" in spec else []), *paths]


def _service_names(ingress: Json) -> list[str]:
    return [backend["service"]["name"] for backend in _backends(ingress) if "service" in backend]


def _secret_names(ingress: Json) -> list[str]:
    return [tls["secretName"] for tls in ingress["spec"].get("tls", []) if "secretName" in tls]


def _class_name(ingress: Json) -> str | None:
    annotated = ingress["metadata"].get("annotations", {}).get("kubernetes.io/ingress.class")
    name: str | None = ingress["spec"].get("ingressClassName", annotated)
    return name


def _selects(selector: Json, item: Json) -> bool:
    labels = item["metadata"].get("labels", {})
    rules: Mapping[str, Callable[[Json], bool]] = {
        "In": lambda one: labels.get(one["key"]) in one["values"],
        "NotIn": lambda one: labels.get(one["key"]) not in one["values"],
        "Exists": lambda one: one["key"] in labels,
        "DoesNotExist": lambda one: one["key"] not in labels,
    }
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        rules[one["operator"]](one) for one in selector.get("matchExpressions", [])
    )


def _policy_selects(policy: Json, pod: Json) -> bool:
    return namespace_of(policy) == namespace_of(pod) and _selects(policy["spec"].get("podSelector", {}), pod)


def _allowed(rules: str, peers: str) -> Expected:
    """Returns the pods that the rules of a direction allow."""

    def is_peer(policy: Json, peer: Json, pod: Json, raw: RawObjects) -> bool:
        if "ipBlock" in peer or not _selects(peer.get("podSelector", {}), pod):
            return False
        if "namespaceSelector" not in peer:
            return namespace_of(policy) == namespace_of(pod)
        return _selects(peer["namespaceSelector"], raw.named("namespaces", namespace_of(pod))[0])

    def allowed(policy: Json, raw: RawObjects) -> Sequence[Json]:
        return raw.where(
            "pods",
            lambda pod: any(
                not rule.get(peers) or any(is_peer(policy, peer, pod, raw) for peer in rule[peers])
                for rule in (
                    policy["spec"].get(rules) or [] if rules.capitalize() in policy["spec"]["policyTypes"] else []
                )
            ),
        )

    return allowed


def _parent_name(address: Json) -> tuple[str, str]:
    parent = address["spec"]["parentRef"]
    return parent.get("namespace", ""), parent["name"]


def _is_inside(address: Json, cidr: Json) -> bool:
    ip = ip_address(address["metadata"]["name"])
    return any(ip in ip_network(block) for block in cidr["spec"]["cidrs"])


def _place(item: Json) -> tuple[str, str]:
    return namespace_of(item), item["metadata"]["name"]


LINKS: Mapping[Kind, Mapping[str, Expected]] = {
    kinds.SERVICE: {
        "pods": _selected,
        "endpointSlices": _slices,
        "endpoints": lambda item, raw: raw.named("endpoints", item["metadata"]["name"], namespace_of(item)),
        "ingresses": lambda item, raw: raw.where(
            "ingresses",
            lambda one: namespace_of(one) == namespace_of(item) and item["metadata"]["name"] in _service_names(one),
        ),
        "nodes": lambda item, raw: raw.every(
            "nodes",
            sorted({one["nodeName"] for each in _slices(item, raw) for one in _endpoints(each) if "nodeName" in one}),
        ),
        "ipAddresses": lambda item, raw: raw.where("ipaddresses", lambda one: _parent_name(one) == _place(item)),
    },
    kinds.ENDPOINT_SLICE: {
        "service": lambda item, raw: raw.named(
            "services", item["metadata"].get("labels", {}).get(LABEL), namespace_of(item)
        ),
        "pods": lambda item, raw: _pods(item, _endpoints(item), raw),
        "nodes": lambda item, raw: raw.every("nodes", [one.get("nodeName") for one in _endpoints(item)]),
    },
    kinds.ENDPOINTS: {
        "service": lambda item, raw: raw.named("services", item["metadata"]["name"], namespace_of(item)),
        "pods": lambda item, raw: _pods(item, _subset_addresses(item), raw),
        "nodes": lambda item, raw: raw.every("nodes", [one.get("nodeName") for one in _subset_addresses(item)]),
    },
    kinds.INGRESS: {
        "services": lambda item, raw: raw.every("services", _service_names(item), namespace_of(item)),
        "secrets": lambda item, raw: raw.every("secrets", _secret_names(item), namespace_of(item)),
        "ingressClass": lambda item, raw: raw.named("ingressclasses", _class_name(item)),
        "resourceBackends": lambda item, raw: raw.every(
            "configmaps",
            [one["resource"]["name"] for one in _backends(item) if one.get("resource", {}).get("kind") == "ConfigMap"],
            namespace_of(item),
        ),
    },
    kinds.INGRESS_CLASS: {
        "ingresses": lambda item, raw: raw.where("ingresses", lambda one: _class_name(one) == item["metadata"]["name"]),
        "parameters": lambda item, raw: raw.named("configmaps", item["spec"].get("parameters", {}).get("name"), HOME),
    },
    kinds.NETWORK_POLICY: {
        "pods": lambda item, raw: raw.where("pods", lambda pod: _policy_selects(item, pod)),
        "allowedSources": _allowed("ingress", "from"),
        "allowedDestinations": _allowed("egress", "to"),
    },
    kinds.IP_ADDRESS: {
        "service": lambda item, raw: raw.where("services", lambda one: _place(one) == _parent_name(item)),
        "serviceCIDRs": lambda item, raw: raw.where("servicecidrs", lambda one: _is_inside(item, one)),
    },
    kinds.SERVICE_CIDR: {
        "ipAddresses": lambda item, raw: raw.where("ipaddresses", lambda one: _is_inside(one, item)),
    },
    kinds.POD: {
        "services": lambda item, raw: raw.where("services", lambda one: item in _selected(one, raw)),
        "endpointSlices": lambda item, raw: raw.where(
            "endpointslices", lambda one: item in _pods(one, _endpoints(one), raw)
        ),
        "networkPolicies": lambda item, raw: raw.where("networkpolicies", lambda one: _policy_selects(one, item)),
    },
    kinds.NODE: {
        "endpointSlices": lambda item, raw: raw.where(
            "endpointslices",
            lambda one: item["metadata"]["name"] in [endpoint.get("nodeName") for endpoint in _endpoints(one)],
        ),
    },
    kinds.SECRET: {
        "ingresses": lambda item, raw: raw.where(
            "ingresses",
            lambda one: namespace_of(one) == namespace_of(item) and item["metadata"]["name"] in _secret_names(one),
        ),
    },
}


@pytest.mark.parametrize("kind", LINKS, ids=str)
async def test_links_are_those_of_the_raw_objects(real_fleet: TestFleet, raw: RawObjects, kind: Kind) -> None:
    counts = await check_links(real_fleet, "alpha", raw, kind, LINKS[kind])

    assert all(counts.values()), counts


async def test_an_ingress_leads_to_its_services_pods_and_nodes(real_fleet: TestFleet, raw: RawObjects) -> None:
    reply = await real_fleet.ask(
        f"""{{ ingresses(clusters: {{names: ["alpha"]}}, namespaces: ["{HOME}"]) {{ nodes {{
          name services {{ name pods {{ nodes {{ name node {{ name }} }} }} }}
        }} }} }}"""
    )

    assert reply.errors == ()
    assert reply.data["ingresses"]["nodes"] == [
        {
            "name": ingress["metadata"]["name"],
            "services": [
                {
                    "name": service["metadata"]["name"],
                    "pods": {
                        "nodes": [
                            {"name": pod["metadata"]["name"], "node": {"name": pod["spec"]["nodeName"]}}
                            for pod in _selected(service, raw)
                        ]
                    },
                }
                for service in raw.every("services", _service_names(ingress), HOME)
            ],
        }
        for ingress in raw.of("ingresses")
        if namespace_of(ingress) == HOME
    ]


async def test_links_cost_one_request_for_each_kind(real_fleet: TestFleet, raw: RawObjects, alpha: Cluster) -> None:
    mark = alpha.audit.mark()

    reply = await real_fleet.ask(
        f"""{{ services(clusters: {{names: ["alpha"]}}, namespaces: ["{HOME}"]) {{ nodes {{
          name endpointCounts {{ ready }} pods {{ nodes {{ name }} }} endpointSlices {{ nodes {{ name }} }}
          ingresses {{ nodes {{ name ingressClass {{ name }} }} }} nodes {{ nodes {{ name ready }} }}
        }} }} }}"""
    )

    asked = sorted(one.resource for one in alpha.audit.requests_since(mark, user_agent="fleetgraph"))
    assert reply.errors == ()
    assert sorted(set(asked)) == ["endpointslices", "ingressclasses", "ingresses", "nodes", "pods", "services"]
    assert len(asked) <= 8


async def test_endpoints_of_a_service_count_once(real_fleet: TestFleet, raw: RawObjects) -> None:
    reply = await real_fleet.ask(
        f"""{{ services(clusters: {{names: ["alpha"]}}, namespaces: ["{HOME}"]) {{ nodes {{
          name endpointCounts {{ total ready serving terminating }}
        }} }} }}"""
    )

    found = {node["name"]: [*node["endpointCounts"].values()] for node in reply.data["services"]["nodes"]}
    assert reply.errors == ()
    assert found == {"db": [0] * 4, "manual": [1, 1, 1, 0], "outside": [0] * 4, "web": [3, 1, 2, 1]}


def _objects() -> list[JsonObject]:
    return [
        _object("v1", "Namespace", HOME, None),
        _object("v1", "Namespace", OTHER, None, metadata={"labels": {"team": "far"}}),
        *(_object("v1", "Node", f"wire-{name}", None) for name in "ab"),
        *_pod_objects(),
        *_service_objects(),
        *_endpoint_objects(),
        *_address_objects(),
        _object("v1", "Secret", "web-cert"),
        _object("v1", "ConfigMap", "bucket"),
        *_ingress_objects(),
        *_policy_objects(),
    ]


def _pod_objects() -> list[JsonObject]:
    return [
        _pod("web-1", HOME, "a", {"app": "web", "tier": "front"}),
        _pod("web-2", HOME, "b", {"app": "web", "tier": "back"}),
        _pod("web-3", HOME, "b", {"app": "web", "tier": "front"}),
        _pod("db-1", HOME, "b", {"app": "db"}),
        _pod("web-1", OTHER, "a", {"app": "web", "tier": "front"}),
        _pod("bare", OTHER, "a", {}),
    ]


def _service_objects() -> list[JsonObject]:
    ports: list[JsonValue] = [{"port": 80}]
    return [
        _object("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": ports}),
        _object("v1", "Service", "db", spec={"selector": {"app": "db", "tier": "none"}, "ports": ports}),
        _object("v1", "Service", "manual", spec={"clusterIP": "None", "ports": ports}),
        _object(
            "v1",
            "Service",
            "outside",
            spec={"type": "ExternalName", "externalName": "example.com"},
        ),
        _object("v1", "Service", "web", OTHER, spec={"selector": {"app": "web", "tier": "front"}, "ports": ports}),
    ]


def _address_objects() -> list[JsonObject]:
    parent: JsonObject = {"resource": "services", "namespace": HOME, "name": "gone"}
    blocks: list[JsonValue] = ["10.123.0.0/28", "2001:db8:77::/112"]
    return [
        _object("networking.k8s.io/v1", "ServiceCIDR", "wire", None, spec={"cidrs": blocks}),
        _object("networking.k8s.io/v1", "ServiceCIDR", "wire-inner", None, spec={"cidrs": ["10.123.0.0/30"]}),
        *(
            _object("networking.k8s.io/v1", "IPAddress", address, None, spec={"parentRef": parent})
            for address in ADDRESSES
        ),
    ]


def _endpoint_objects() -> list[JsonObject]:
    states: list[JsonObject] = [{}, {"ready": False, "serving": True, "terminating": True}, {"ready": False}]
    states[2]["serving"] = False
    four: list[JsonValue] = [_endpoint(f"10.1.0.{n}", f"web-{n}", state) for n, state in enumerate(states, start=1)]
    six: list[JsonValue] = [_endpoint(f"fd00::{n}", f"web-{n}", state) for n, state in enumerate(states[:2], start=1)]
    target: JsonObject = {"kind": "Pod", "name": "db-1", "namespace": HOME}
    subset: JsonObject = {
        "addresses": [{"ip": "10.1.0.1", "targetRef": {**target, "name": "web-1"}, "nodeName": "wire-a"}],
        "notReadyAddresses": [{"ip": "10.1.0.9", "targetRef": target, "nodeName": "wire-b"}, {"ip": "10.1.0.8"}],
        "ports": [{"port": 80}],
    }
    return [
        _slice("web-four", "web", "IPv4", four),
        _slice("web-six", "web", "IPv6", six),
        _slice("manual", "manual", "IPv4", [{"addresses": ["10.9.0.1"]}]),
        _slice("gone", "gone", "IPv4", [{"addresses": ["10.9.0.2"], "targetRef": {"kind": "VM", "name": "web-1"}}]),
        _slice("free", None, "FQDN", []),
        _object("v1", "Endpoints", "web", subsets=[subset]),
        _object("v1", "Endpoints", "gone"),
    ]


def _endpoint(address: str, pod: str, conditions: JsonObject) -> JsonObject:
    target: JsonObject = {"kind": "Pod", "name": pod, "namespace": HOME}
    node = "wire-a" if pod == "web-1" else "wire-b"
    return {"addresses": [address], "conditions": conditions, "targetRef": target, "nodeName": node}


def _ingress_objects() -> list[JsonObject]:
    def service(name: str) -> JsonObject:
        return {"service": {"name": name, "port": {"number": 80}}}

    def rule(*backends: JsonObject) -> JsonObject:
        paths: list[JsonValue] = [{"path": "/", "pathType": "Prefix", "backend": backend} for backend in backends]
        return {"host": "example.com", "http": {"paths": paths}}

    bucket: JsonObject = {"resource": {"kind": "ConfigMap", "name": "bucket"}}
    gone: JsonObject = {"resource": {"apiGroup": "example.com", "kind": "Bucket", "name": "bucket"}}
    old: JsonObject = {"kubernetes.io/ingress.class": "wire"}
    parameters: JsonObject = {"kind": "ConfigMap", "name": "bucket", "scope": "Namespace", "namespace": HOME}
    group = "networking.k8s.io/v1"
    return [
        _object(group, "IngressClass", "wire", None, spec={"controller": "example.com/c", "parameters": parameters}),
        _object(group, "IngressClass", "wire-bare", None, spec={"controller": "example.com/c"}),
        _object(
            group,
            "Ingress",
            "front",
            spec={
                "ingressClassName": "wire",
                "defaultBackend": service("db"),
                "rules": [rule(service("web"), service("gone"), service("db")), {"host": "bare.example.com"}],
                "tls": [{"secretName": "web-cert"}, {"secretName": "gone"}, {}],
            },
        ),
        _object(group, "Ingress", "old", OTHER, metadata={"annotations": old}, spec={"rules": [rule(service("web"))]}),
        _object(group, "Ingress", "resources", spec={"rules": [rule(bucket, gone, bucket)]}),
    ]


def _policy_objects() -> list[JsonObject]:
    some: JsonObject = {"key": "tier", "operator": "NotIn", "values": ["front"]}
    front: JsonObject = {"key": "tier", "operator": "In", "values": ["front", "side"]}
    selectors: dict[str, JsonObject] = {
        "all": {},
        "web": {"matchLabels": {"app": "web"}},
        "some": {"matchLabels": {"app": "web"}, "matchExpressions": [some]},
        "front": {"matchExpressions": [front, {"key": "app", "operator": "Exists"}]},
        "none": {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]},
    }
    near: JsonObject = {"podSelector": {"matchLabels": {"app": "web"}}}
    far: JsonObject = {"namespaceSelector": {"matchLabels": {"team": "far"}}, **near}
    block: JsonObject = {"ipBlock": {"cidr": "10.0.0.0/8"}}
    rules: dict[str, JsonObject] = {
        "web": {"ingress": [{"from": [near, block]}], "egress": [{"to": [block]}, {"to": [far]}]},
        "some": {"ingress": [{"from": [{"namespaceSelector": {}}]}], "egress": [{}]},
        "front": {"ingress": [{"from": [far]}, {"from": [near]}], "egress": []},
        "all": {"ingress": [{}], "egress": [{}], "policyTypes": ["Egress"]},
        "none": {"ingress": [{}], "egress": [{}], "policyTypes": ["Ingress"]},
    }
    places = [*((name, HOME) for name in selectors), ("all", OTHER)]
    return [
        _object(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            name,
            place,
            spec={"podSelector": selectors[name], **rules.get(name, {})},
        )
        for name, place in places
    ]


def _slice(name: str, service: str | None, family: str, endpoints: list[JsonValue]) -> JsonObject:
    labels: JsonObject = {LABEL: service} if service else {}
    made = _object("discovery.k8s.io/v1", "EndpointSlice", name, metadata={"labels": labels})
    return {**made, "addressType": family, "endpoints": endpoints, "ports": [{"port": 80}]}


def _pod(name: str, namespace: str, node: str, labels: JsonObject) -> JsonObject:
    container: JsonObject = {"name": "app", "image": "example.com/app:1"}
    spec: JsonObject = {"containers": [container], "nodeName": f"wire-{node}", "automountServiceAccountToken": False}
    return _object("v1", "Pod", name, namespace, metadata={"labels": labels}, spec=spec)


def _object(
    api_version: str,
    kind: str,
    name: str,
    namespace: str | None = HOME,
    *,
    metadata: Mapping[str, JsonValue] = MappingProxyType({}),
    **parts: JsonValue,
) -> JsonObject:
    named: JsonObject = {"name": name, **({"namespace": namespace} if namespace else {}), **metadata}
    return {"apiVersion": api_version, "kind": kind, "metadata": named, **parts}


async def test_services_without_endpoints_are_one_condition(real_fleet: TestFleet, raw: RawObjects) -> None:
    reply = await real_fleet.ask(
        f"""{{ services(
          clusters: {{names: ["alpha"]}}, namespaces: ["{HOME}"], where: [{{path: "endpointCounts.ready", value: 0}}]
          orderBy: [{{path: "endpointCounts.total"}}, {{path: "name", direction: DESC}}]
        ) {{ nodes {{ name }} }} }}"""
    )

    assert reply.errors == ()
    assert [node["name"] for node in reply.data["services"]["nodes"]] == ["outside", "db"]


@pytest.fixture
async def limited(engine: Engine, raw: RawObjects, alpha: Cluster) -> AsyncIterator[TestFleet]:
    """Alpha as the cluster of the guest, who may list services of two namespaces, and more kinds in one of them."""
    group, apis = "rbac.authorization.k8s.io", ["", "discovery.k8s.io", "networking.k8s.io"]
    rights = {HOME: ["services", "endpointslices", "networkpolicies", "pods"], OTHER: ["services"]}
    subject: JsonObject = {"apiGroup": group, "kind": "User", "name": GUEST}
    role: JsonObject = {"apiGroup": group, "kind": "Role", "name": "wire"}
    for namespace, resources in rights.items():
        rule: JsonObject = {"apiGroups": [*apis], "resources": [*resources], "verbs": ["get", "list"]}
        made = _object(f"{group}/v1", "Role", "wire", namespace, rules=[rule])
        bound = _object(f"{group}/v1", "RoleBinding", "wire", namespace, roleRef=role, subjects=[subject])
        await create_objects(alpha, [made, bound])
    fleet = TestFleet(engine, OperationLimits(cluster_timeout_s=10))
    fleet.add("alpha", alpha, limits=ConnectionLimits(), user=GUEST)
    yield fleet
    await fleet.close()
    paths = [f"/apis/{group}/v1/namespaces/{name}/{kind}/wire" for name in rights for kind in ("rolebindings", "roles")]
    await delete(alpha, *paths)


async def test_what_may_not_be_listed_is_null_with_an_error_and_never_empty(limited: TestFleet) -> None:
    services = "name endpointCounts { total } pods { totalCount } ingresses { totalCount } nodes { totalCount }"

    reply = await limited.ask(
        f"""{{
          services(namespaces: ["{HOME}", "{OTHER}"]) {{ nodes {{ namespace {services} }} }}
          networkPolicies(namespaces: ["{HOME}"]) {{ nodes {{ allowedSources {{ totalCount }} }} }}
        }}"""
    )

    found = {(one["namespace"], one["name"]): one for one in reply.data["services"]["nodes"]}
    web, other = found[HOME, "web"], found[OTHER, "web"]
    assert (web["endpointCounts"], web["pods"]) == ({"total": 3}, {"totalCount": 3})
    assert (other["endpointCounts"], other["pods"]) == (None, None)
    assert {one["ingresses"] for one in found.values()} == {None}
    assert {one["nodes"] for one in found.values()} == {None}
    assert [one["allowedSources"] for one in reply.data["networkPolicies"]["nodes"]] == [None] * 5
    assert {error["extensions"]["code"] for error in reply.errors} == {"FORBIDDEN"}
    assert sorted({str(error["path"][-1]) for error in reply.errors}) == [
        *("allowedSources", "endpointCounts", "ingresses", "nodes", "pods")
    ]
