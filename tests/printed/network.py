"""Kinds of networks: services and their endpoints, ingresses, network policies, and the addresses of services."""

from datetime import datetime
from typing import Any, Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, NONE, UNSET, field
from tests.printed.entry import Printed, manifest

_LONG: Final = "a-name-that-is-long.example.com"
_PORTS: Final[list[JsonValue]] = [
    {"name": "http", "port": 80},
    {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": "dns"},
]


def _service(name: str, balancers: list[JsonValue] | None = None, **spec: JsonValue) -> JsonObject:
    status: JsonObject = {} if balancers is None else {"loadBalancer": {"ingress": balancers}}
    return manifest(name, spec={"ports": _PORTS, **spec}, status=status)


_IP: Final[JsonObject] = {"ip": "203.0.113.9", "ipMode": "VIP"}
_LOWER_IP: Final[JsonObject] = {**_IP, "ip": "198.51.100.1"}
_HOST: Final[JsonObject] = {"hostname": _LONG}
_NAMED_IP: Final[JsonObject] = {**_IP, **_HOST, "ip": "203.0.113.8"}
_EXTERNAL: Final[list[JsonValue]] = ["192.0.2.2", "192.0.2.1"]

_SERVICES: Final = (
    _service("internal", selector={"tier": "web", "app": "shop"}),
    _service("internal-external", externalIPs=_EXTERNAL),
    _service("headless", clusterIP="None"),
    manifest("headless-without-ports", spec={"clusterIP": "None", "selector": {"app": "shop"}}),
    _service("node-port", type="NodePort"),
    _service("node-port-external", type="NodePort", externalIPs=_EXTERNAL),
    _service("balancer-pending", type="LoadBalancer"),
    _service("balancer-without-node-ports", type="LoadBalancer", allocateLoadBalancerNodePorts=False),
    _service("balancer", [_IP], type="LoadBalancer"),
    _service("balancer-host", [_HOST], type="LoadBalancer"),
    _service("balancer-several", [_IP, _HOST, _LOWER_IP, _IP, _NAMED_IP], type="LoadBalancer"),
    _service("balancer-external", [_IP, _HOST], type="LoadBalancer", externalIPs=_EXTERNAL),
    _service("balancer-only-external", type="LoadBalancer", externalIPs=_EXTERNAL),
    manifest("name", spec={"type": "ExternalName", "externalName": _LONG}),
    _service("name-with-ports", type="ExternalName", externalName=_LONG),
)


def _labels(labels: dict[str, str] | None) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def _external(service: Any, _now: datetime) -> str:
    return "<pending>" if service["externalAddressPending"] else ",".join(service["externalAddresses"]) or NONE


_ADDRESS: Final[JsonObject] = {"ip": "203.0.113.9"}


def _backend(name: str) -> JsonObject:
    return {"service": {"name": name, "port": {"number": 80}}}


def _ingress(
    name: str, hosts: tuple[str, ...] = (), balancers: list[JsonValue] | None = None, **spec: JsonValue
) -> JsonObject:
    path: JsonObject = {"path": "/", "pathType": "Prefix", "backend": _backend("web")}
    rules: list[JsonValue] = [{"http": {"paths": [path]}, **({"host": host} if host else {})} for host in hosts]
    status: JsonObject = {"loadBalancer": {"ingress": balancers or []}}
    return manifest(name, spec={"rules": rules, "defaultBackend": _backend("web"), **spec}, status=status)


_INGRESSES: Final = (
    _ingress("bare"),
    _ingress("any-host", ("",)),
    _ingress("one-host", ("a.example.com",), [_ADDRESS], ingressClassName="printed-plain"),
    _ingress("three-hosts", ("a.example.com", "", "a.example.com"), [_HOST, _ADDRESS, {"ip": "198.51.100.1"}]),
    _ingress("more-hosts", ("a.example.com", "b.example.com", "c.example.com", "", "d.example.com")),
    _ingress("few-hosts-of-many", ("", "", "", "a.example.com", "")),
    _ingress("secure", ("a.example.com",), tls=[{"secretName": "cert"}]),
    _ingress("secure-by-default", tls=[{}]),
)


def _hosts(ingress: Any, _now: datetime) -> str:
    """Kubectl stops at the third host; behind it all further rules count, also those without a host."""
    rules = ingress["spec"]["rules"] or []
    shown: list[str] = []
    for rule in rules:
        if len(shown) == 3:
            return f"{','.join(shown)} + {len(rules) - 3} more..."
        shown += [rule["host"]] if rule["host"] else []
    return ",".join(shown) or "*"


def _parameters(**more: JsonValue) -> JsonObject:
    return {"kind": "Settings", "name": "main", **more}


def _class(name: str, *, is_default: str | None = None, **spec: JsonValue) -> JsonObject:
    annotations: JsonObject = {"ingressclass.kubernetes.io/is-default-class": is_default} if is_default else {}
    return manifest(name, metadata={"annotations": annotations}, spec={"controller": "example.com/c", **spec})


def _default_name(answer: Any, _now: datetime) -> str:
    return f"{answer['name']} (default)" if answer["isDefault"] else str(answer["name"])


def _subset(ips: tuple[str, ...], *ports: int, others: tuple[str, ...] = ()) -> JsonObject:
    subset: JsonObject = {"addresses": [{"ip": ip} for ip in ips]} if ips else {}
    if others:
        subset["notReadyAddresses"] = [{"ip": ip} for ip in others]
    return {**subset, "ports": [{"port": port, "name": f"p{port}"} for port in ports]}


_FOUR: Final = ("10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4")
_ENDPOINTS: Final = (
    manifest("no-subsets"),
    manifest("no-ports", subsets=[_subset(_FOUR[:2])]),
    manifest("no-ports-many", subsets=[_subset(_FOUR)]),
    manifest("one-port", subsets=[_subset(_FOUR[:3], 80)]),
    manifest("one-port-many", subsets=[_subset(_FOUR, 80)]),
    manifest("ports", subsets=[_subset(_FOUR[:2], 80, 443), _subset(_FOUR[2:], 80)]),
    manifest("not-ready", subsets=[_subset((), 80, others=_FOUR)]),
    manifest("six", subsets=[_subset(("fd00::1",), 80), _subset(("fd00::2",))]),
)


def _slice(
    name: str, family: str, ports: list[JsonValue] | None, *addresses: str, more: tuple[str, ...] = ()
) -> JsonObject:
    endpoints: list[JsonValue] = [{"addresses": [address]} for address in addresses]
    if more:
        endpoints.append({"addresses": [*more]})
    return manifest(name, addressType=family, ports=ports, endpoints=endpoints)


def _numbered(*ports: int) -> list[JsonValue]:
    return [{"name": f"p{port}", "port": port} for port in ports]


_SLICES: Final = (
    _slice("bare", "IPv4", None),
    _slice("one", "IPv4", _numbered(80), _FOUR[0]),
    _slice("three", "IPv4", _numbered(80, 81, 82), *_FOUR[:3]),
    _slice("many", "IPv4", _numbered(80, 81, 82, 83, 84), *_FOUR),
    _slice("several-addresses", "IPv4", _numbered(80), _FOUR[0], more=_FOUR[1:]),
    _slice("six", "IPv6", [{"name": "a"}, {"name": "b", "port": 80}, {}], "fd00::1"),
    _slice("unnamed", "FQDN", [{}], "a.example.com"),
)


def _expression(key: str, operator: str, *values: str) -> JsonObject:
    return {"key": key, "operator": operator, **({"values": [*values]} if values else {})}


_SELECTORS: Final[dict[str, JsonObject]] = {
    "all": {},
    "labels": {"matchLabels": {"tier": "web", "app": "shop", "empty": ""}},
    "expressions": {
        "matchExpressions": [
            _expression("tier", "In", "web", "api"),
            _expression("zone", "NotIn", "c"),
            _expression("app.kubernetes.io/name", "Exists"),
            _expression("old", "DoesNotExist"),
        ]
    },
    "both": {"matchLabels": {"m": "1", "z": "2"}, "matchExpressions": [_expression("n", "Exists")]},
}

_PARENTS: Final[tuple[JsonObject, ...]] = (
    {"resource": "services", "namespace": "printed-network", "name": "gone"},
    {"group": "example.com", "resource": "gateways", "name": "main"},
)

PRINTED: Final = (
    Printed(
        kinds.SERVICE,
        objects=_SERVICES,
        selection="spec { type clusterIPs selector } externalAddresses externalAddressPending portsText",
        cells={
            "Type": field("spec.type"),
            "Cluster-IP": lambda one, _now: (one["spec"]["clusterIPs"] or [NONE])[0],
            "External-IP": _external,
            "Port(s)": field("portsText", empty=NONE),
            "Age": AGE,
            "Selector": lambda one, _now: _labels(one["spec"]["selector"]),
        },
    ),
    Printed(
        kinds.ENDPOINTS,
        objects=_ENDPOINTS,
        selection="endpointsText",
        cells={
            "Endpoints": lambda one, _now: NONE if one["endpointsText"] is None else one["endpointsText"],
            "Age": AGE,
        },
    ),
    Printed(
        kinds.ENDPOINT_SLICE,
        objects=_SLICES,
        selection="addressType portsText endpointsText",
        cells={
            "AddressType": field("addressType"),
            "Ports": field("portsText", empty=UNSET),
            "Endpoints": field("endpointsText", empty=UNSET),
            "Age": AGE,
        },
    ),
    Printed(
        kinds.INGRESS_CLASS,
        objects=(
            _class("printed-plain"),
            _class("printed-default", is_default="true", parameters=_parameters()),
            _class("printed-no-default", is_default="True", parameters=_parameters(apiGroup="example.com")),
        ),
        selection="isDefault spec { controller } parametersText",
        cells={
            "Name": _default_name,
            "Controller": field("spec.controller"),
            "Parameters": field("parametersText", empty=NONE),
            "Age": AGE,
        },
    ),
    Printed(
        kinds.INGRESS,
        objects=_INGRESSES,
        selection="spec { ingressClassName rules { host } } addresses ports",
        cells={
            "Class": field("spec.ingressClassName", empty=NONE),
            "Hosts": _hosts,
            "Address": lambda one, _now: ",".join(one["addresses"]),
            "Ports": lambda one, _now: ", ".join(map(str, one["ports"])),
            "Age": AGE,
        },
    ),
    Printed(
        kinds.NETWORK_POLICY,
        objects=tuple(manifest(name, spec={"podSelector": selector}) for name, selector in _SELECTORS.items()),
        selection="podSelectorText",
        cells={"Pod-Selector": field("podSelectorText"), "Age": AGE},
    ),
    Printed(
        kinds.SERVICE_CIDR,
        objects=(manifest("printed-cidr", spec={"cidrs": ["10.77.0.0/24"]}),),
        selection="spec { cidrs }",
        cells={"CIDRs": lambda one, _now: ",".join(one["spec"]["cidrs"]), "Age": AGE},
    ),
    Printed(
        kinds.IP_ADDRESS,
        objects=tuple(manifest(f"10.77.0.{place}", spec={"parentRef": one}) for place, one in enumerate(_PARENTS, 1)),
        selection="parentText",
        cells={"ParentRef": field("parentText", empty=NONE)},
    ),
)
