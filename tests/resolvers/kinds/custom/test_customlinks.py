"""Links between custom kinds, with the definitions of real operators on a real API server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from graph.engine import Engine
from graph.schema.customcatalogue import CustomTypes
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.models import built_in_structures
from k8s.kinds.structures import Structures
from k8s.schemas.fleettypes import fleet_types
from k8s.schemas.learning import learn
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from resolvers.kinds.custom.customlinks import CUSTOM_LINKS, custom_links
from resolvers.links.members import Link
from resolvers.names import type_name
from resolvers.typedkinds import TypedKinds
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.graph.knowntypes import KnownTypes

pytestmark = pytest.mark.controlplane

HOME, OTHER = "customlinks-a", "customlinks-b"
GATEWAY, CERTS, MACHINES = "gateway.networking.k8s.io", "cert-manager.io", "cluster.x-k8s.io"
MULTI_CLUSTER: Final = "multicluster.x-k8s.io"
ROUTES: Final[dict[str, Any]] = {
    "GRPCRoute": {},
    "TLSRoute": {"hostnames": ["a.example.com"]},
    "TCPRoute": {},
    "UDPRoute": {},
}
WITHOUT_DEFINITIONS: Final = frozenset(
    {
        *(
            "argoproj.io/Rollout",
            "helm.toolkit.fluxcd.io/HelmRelease",
            "jobset.x-k8s.io/JobSet",
            "keda.sh/ScaledObject",
        ),
        *(
            f"{group}.crossplane.io/{kind}"
            for group, kind in (
                *(("apiextensions", kind) for kind in ("Composition", "CompositionRevision")),
                ("apiextensions", "CompositeResourceDefinition"),
                *(
                    ("pkg", f"{kind}{end}")
                    for kind in ("Provider", "Function", "Configuration")
                    for end in ("", "Revision")
                ),
                ("pkg", "DeploymentRuntimeConfig"),
            )
        ),
        *("leaderworkerset.x-k8s.io/LeaderWorkerSet", "source.toolkit.fluxcd.io/HelmRepository"),
        *(f"source.toolkit.fluxcd.io/{kind}" for kind in ("GitRepository", "OCIRepository", "Bucket")),
    }
)
"""The kinds of the table that no operator here defines."""


@pytest.fixture(scope="module")
async def connection(operated: Cluster) -> AsyncIterator[Connection]:
    """Yields a connection to the cluster with all CRDs."""
    connection = connection_to(operated)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def types(connection: Connection) -> CustomTypes:
    """Returns the types of the kinds that links lead to."""
    groups = {kind.group for link in CUSTOM_LINKS for kind in (link.of, link.to)}
    return fleet_types([await learn(connection, Deadline(120), chosen=groups.__contains__, before=None)], most=5000)


@pytest.fixture(scope="module")
async def asking(connection: Connection, types: CustomTypes, operated: Cluster) -> Asking:
    """Asks the cluster with linked objects of gateways, certificates and machines."""
    await _write(operated, _objects())
    return Asking(Engine(types=KnownTypes(types)), fleet_of([connection]))


async def _write(cluster: Cluster, objects: list[tuple[str, JsonObject]]) -> None:
    async with connect(cluster) as session:
        uids: dict[str, str] = {}
        for path, made in objects:
            metadata: Any = made["metadata"]
            for owner in metadata.get("ownerReferences", []):
                owner["uid"] = uids[owner["name"]]
            async with session.post(path, json=made) as response:
                text = await response.text()
                assert response.status == 201, text
                uids[metadata["name"]] = json.loads(text)["metadata"]["uid"]
            if "status" in made:
                written = {**json.loads(text), "status": made["status"]}
                async with session.put(f"{path}/{metadata['name']}/status", json=written) as response:
                    assert response.status == 200, await response.text()


def _object(group: str, version: str, kind: str, name: str, namespace: str | None = None, **fields: Any) -> JsonObject:
    metadata: JsonObject = {"name": name, **({"namespace": namespace} if namespace else {})}
    metadata |= fields.pop("metadata", {})
    return {"apiVersion": f"{group}/{version}".lstrip("/"), "kind": kind, "metadata": metadata, **fields}


def _owned_by(group: str, version: str, kind: str, name: str) -> JsonObject:
    owner: JsonObject = {"apiVersion": f"{group}/{version}", "kind": kind, "name": name, "controller": True}
    return {"ownerReferences": [owner]}


def _objects() -> list[tuple[str, JsonObject]]:
    """Returns the objects with the paths that they are posted to."""
    core, home = "/api/v1", f"/namespaces/{HOME}"
    gateways, certs, machines = f"/apis/{GATEWAY}/v1", f"/apis/{CERTS}/v1", f"/apis/{MACHINES}/v1beta2"
    listener: Any = {"name": "https", "port": 443, "protocol": "HTTPS", "tls": {"certificateRefs": [{"name": "site"}]}}
    backends: Any = [{"name": "web", "port": 80}, {"kind": "Bucket", "group": "example.com", "name": "api", "port": 80}]
    far: Any = [
        {"name": "api", "namespace": OTHER, "port": 80},
        {"group": MULTI_CLUSTER, "kind": "ServiceImport", "name": "web", "namespace": OTHER, "port": 80},
    ]
    parents: Any = [
        {"name": "edge", "namespace": HOME},
        {"group": GATEWAY, "kind": "ListenerSet", "name": "more"},
        {"group": "", "kind": "Service", "name": "web"},
    ]
    rules: Any = [{"backendRefs": [{"name": "web", "port": 80}]}]
    named: Any = {"secretName": "site", "dnsNames": ["example.com"]}
    template: Any = {"spec": _machine()}
    selector: Any = {"matchLabels": {"app": "machine"}}
    labelled: Any = {"metadata": {"labels": {"app": "machine"}}}
    port: Any = {"spec": {"ports": [{"port": 80}]}}
    return [
        *((f"{core}/namespaces", _object("", "v1", "Namespace", name)) for name in (HOME, OTHER)),
        (f"{core}/nodes", _object("", "v1", "Node", "customlinks-node")),
        (f"{core}{home}/secrets", _object("", "v1", "Secret", "site", HOME)),
        *(
            (f"{core}/namespaces/{OTHER}/services", _object("", "v1", "Service", name, OTHER, **port))
            for name in ("web", "api")
        ),
        (
            f"{gateways}/gatewayclasses",
            _object(GATEWAY, "v1", "GatewayClass", "customlinks", spec={"controllerName": "example.com/gateway"}),
        ),
        (
            f"{gateways}{home}/gateways",
            _object(
                GATEWAY,
                "v1",
                "Gateway",
                "edge",
                HOME,
                spec={"gatewayClassName": "customlinks", "listeners": [listener]},
            ),
        ),
        (
            f"{gateways}/namespaces/{OTHER}/httproutes",
            _object(
                GATEWAY,
                "v1",
                "HTTPRoute",
                "web",
                OTHER,
                spec={"parentRefs": [{"name": "edge", "namespace": HOME}], "rules": [{"backendRefs": backends}]},
            ),
        ),
        (
            f"{gateways}{home}/httproutes",
            _object(GATEWAY, "v1", "HTTPRoute", "far", HOME, spec={"rules": [{"backendRefs": far}]}),
        ),
        *(
            (
                f"{gateways}/namespaces/{OTHER}/{kind.lower()}s",
                _object(GATEWAY, "v1", kind, "web", OTHER, spec={"parentRefs": parents, "rules": rules, **more}),
            )
            for kind, more in ROUTES.items()
        ),
        (
            f"{gateways}/namespaces/{OTHER}/listenersets",
            _object(
                GATEWAY, "v1", "ListenerSet", "more", OTHER, spec={"parentRef": parents[0], "listeners": [listener]}
            ),
        ),
        *(
            (
                f"/apis/{MULTI_CLUSTER}/v1beta1/namespaces/{OTHER}/{kind.lower()}s",
                _object(MULTI_CLUSTER, "v1beta1", kind, "web", OTHER, **spec),
            )
            for kind, spec in (("ServiceExport", {}), ("ServiceImport", {"spec": {"type": "Headless", "ports": []}}))
        ),
        (
            f"{certs}{home}/certificates",
            _object(CERTS, "v1", "Certificate", "own", HOME, spec={**named, "issuerRef": {"name": "ca"}}),
        ),
        (
            f"{certs}{home}/certificates",
            _object(
                CERTS,
                "v1",
                "Certificate",
                "shared",
                HOME,
                spec={**named, "issuerRef": {"name": "ca", "kind": "ClusterIssuer"}},
            ),
        ),
        (f"{certs}{home}/issuers", _object(CERTS, "v1", "Issuer", "ca", HOME, spec={"selfSigned": {}})),
        (f"{certs}/clusterissuers", _object(CERTS, "v1", "ClusterIssuer", "ca", spec={"selfSigned": {}})),
        (
            f"{machines}{home}/machinesets",
            _object(
                MACHINES,
                "v1beta2",
                "MachineSet",
                "workers",
                HOME,
                spec={"clusterName": "prod", "replicas": 1, "selector": selector, "template": {**labelled, **template}},
            ),
        ),
        (
            f"{machines}{home}/machines",
            _object(
                MACHINES,
                "v1beta2",
                "Machine",
                "worker-0",
                HOME,
                metadata=_owned_by(MACHINES, "v1beta2", "MachineSet", "workers"),
                spec=_machine(),
                status={"nodeRef": {"name": "customlinks-node"}},
            ),
        ),
        (
            f"{machines}{home}/machines",
            _object(MACHINES, "v1beta2", "Machine", "alone", HOME, spec=_machine()),
        ),
    ]


def _machine() -> JsonObject:
    reference: JsonObject = {"apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "DockerMachine", "name": "worker"}
    return {"clusterName": "prod", "bootstrap": {"dataSecretName": "site"}, "infrastructureRef": reference}


async def _answered(asking: Asking, query: str) -> Any:
    answer = json.loads((await asking(query)).to_json())
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def test_every_link_of_the_table_is_made_of_the_definitions(types: CustomTypes) -> None:
    structures = Structures(types.structures, built_in_structures())
    made = custom_links(TypedKinds(structures, (*BUILT_IN, *types.kinds)))

    def is_defined(link: Any) -> bool:
        return not {f"{kind.group}/{kind.name}" for kind in (link.of, link.to)} & WITHOUT_DEFINITIONS

    named = {(name, member) for name, family in made.items() for member in family.members}
    kinds = {(kind.group, kind.name): type_name(kind) for kind in (*BUILT_IN, *types.kinds)}
    expected = [(kinds[link.of], link.name) for link in CUSTOM_LINKS if is_defined(link)]
    expected += [(kinds[link.to], link.back) for link in CUSTOM_LINKS if is_defined(link)]

    assert len(set(expected)) == len(expected)  # no entry hides another one
    every = [(link.of, link.name) for link in CUSTOM_LINKS] + [(link.to, link.back) for link in CUSTOM_LINKS]
    assert len(set(every)) == len(every)
    assert named == set(expected)
    assert len(named) > 60
    assert all(isinstance(one, Link) for family in made.values() for one in family.members.values())


def _names(nodes: Any) -> list[str]:
    return [node["name"] for node in nodes]


async def test_a_gateway_leads_to_class_secrets_routes_and_services(asking: Asking) -> None:
    [gateway] = (
        await _answered(
            asking,
            f'{{ gatewayNetworkingK8sGateways(namespaces: ["{HOME}"]) '
            "{ nodes { gatewayClass { name gateways { nodes { name } } } "
            "certificateSecrets { name gateways { totalCount } } "
            "httpRoutes { nodes { name namespace services { name httpRoutes { nodes { name } } } gateways { name } } } "
            "} } }",
        )
    )["gatewayNetworkingK8sGateways"]["nodes"]

    assert gateway == {
        "gatewayClass": {"name": "customlinks", "gateways": {"nodes": [{"name": "edge"}]}},
        "certificateSecrets": [{"name": "site", "gateways": {"totalCount": 1}}],
        "httpRoutes": {
            "nodes": [
                {
                    "name": "web",
                    "namespace": OTHER,
                    "services": [{"name": "web", "httpRoutes": {"nodes": [{"name": "web"}]}}],
                    "gateways": [{"name": "edge"}],
                }
            ]
        },
    }


async def test_routes_of_every_kind_lead_to_gateways_listeners_and_services_of_any_namespace(asking: Asking) -> None:
    fields = "{ nodes { name gateways { name namespace } listenerSets { name gateway { name } } services { name } } }"
    kinds = [kind[:-5].lower() for kind in ROUTES]
    routes = " ".join(f"{kind}Routes {{ nodes {{ name }} }}" for kind in kinds)
    data = await _answered(
        asking,
        "{ "
        + " ".join(f'gatewayNetworkingK8s{kind}s(namespaces: ["{OTHER}"]) {fields}' for kind in ROUTES)
        + f'services(namespaces: ["{OTHER}"]) {{ nodes {{ name {routes} httpRoutes {{ nodes {{ name namespace }} }} '
        "serviceExports { nodes { name } } serviceImports { nodes { httpRoutes { nodes { name } } } } } } "
        f'multiclusterXK8sServiceExports(namespaces: ["{OTHER}"]) {{ nodes {{ service {{ name }} }} }} '
        f'gatewayNetworkingK8sHTTPRoutes(namespaces: ["{HOME}"]) '
        "{ nodes { services { name namespace } serviceImports { name service { name } } } } "
        f'gatewayNetworkingK8sGateways(namespaces: ["{HOME}"]) {{ nodes {{ {routes} listenerSets {{ nodes {{ name '
        "certificateSecrets { name } grpcRoutes { totalCount } } } } } }",
    )

    for kind in ROUTES:
        assert data[f"gatewayNetworkingK8s{kind}s"]["nodes"] == [
            {
                "name": "web",
                "gateways": [{"name": "edge", "namespace": HOME}],
                "listenerSets": [{"name": "more", "gateway": {"name": "edge"}}],
                "services": [{"name": "web"}],
            }
        ]
    api, web = data["services"]["nodes"]
    found = {"nodes": [{"name": "web"}]}
    assert api["httpRoutes"] == {"nodes": [{"name": "far", "namespace": HOME}]}
    assert [web[f"{kind}Routes"] for kind in kinds] == [found] * 4
    assert web["serviceExports"] == found
    assert web["serviceImports"] == {"nodes": [{"httpRoutes": {"nodes": [{"name": "far"}]}}]}
    assert data["multiclusterXK8sServiceExports"] == {"nodes": [{"service": {"name": "web"}}]}
    assert data["gatewayNetworkingK8sHTTPRoutes"]["nodes"] == [
        {
            "services": [{"name": "api", "namespace": OTHER}],
            "serviceImports": [{"name": "web", "service": {"name": "web"}}],
        }
    ]
    [gateway] = data["gatewayNetworkingK8sGateways"]["nodes"]
    assert [gateway[f"{kind}Routes"] for kind in kinds] == [found] * 4
    assert gateway["listenerSets"] == {
        "nodes": [{"name": "more", "certificateSecrets": [], "grpcRoutes": {"totalCount": 1}}]
    }


async def test_a_certificate_leads_to_its_secret_and_to_the_issuer_of_its_kind(asking: Asking) -> None:
    fields = "name secret { name } issuer { name certificates { totalCount } } clusterIssuer { name }"
    data = await _answered(
        asking,
        f'{{ certManagerCertificates(namespaces: ["{HOME}"]) {{ nodes {{ {fields} }} }} '
        f'secrets(names: ["site"], namespaces: ["{HOME}"]) {{ nodes {{ certificates '
        '(orderBy: [{path: "metadata.name"}]) { nodes { name } } } } }',
    )

    own, shared = data["certManagerCertificates"]["nodes"]
    assert own == {
        "name": "own",
        "secret": {"name": "site"},
        "issuer": {"name": "ca", "certificates": {"totalCount": 1}},
        "clusterIssuer": None,
    }
    assert shared == {"name": "shared", "secret": {"name": "site"}, "issuer": None, "clusterIssuer": {"name": "ca"}}
    [secret] = data["secrets"]["nodes"]
    assert _names(secret["certificates"]["nodes"]) == ["own", "shared"]


async def test_a_machine_leads_to_its_set_and_its_node_and_paths_lead_through_links(asking: Asking) -> None:
    data = await _answered(
        asking,
        f'{{ clusterXK8sMachines(namespaces: ["{HOME}"]) '
        "{ nodes { name machineSet { name machines { nodes { name } } } node { name "
        "machines { nodes { name } } } } } "
        'owned: clusterXK8sMachines(where: [{path: "machineSet.metadata.name", value: "workers"}]) { totalCount } '
        'used: nodes(where: [{path: "machines", some: [{path: "metadata.name", value: "worker-0"}]}]) '
        "{ nodes { name } } }",
    )

    alone, worker = data["clusterXK8sMachines"]["nodes"]
    assert alone == {"name": "alone", "machineSet": None, "node": None}
    assert worker == {
        "name": "worker-0",
        "machineSet": {"name": "workers", "machines": {"nodes": [{"name": "worker-0"}]}},
        "node": {"name": "customlinks-node", "machines": {"nodes": [{"name": "worker-0"}]}},
    }
    assert data["owned"] == {"totalCount": 1}
    assert _names(data["used"]["nodes"]) == ["customlinks-node"]
