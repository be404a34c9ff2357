"""Snapshots by the command of a real API server with the CRDs of nine operators: custom kinds as they were."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from graph.engine import Engine
from k8s.apiserver.discovery import read_served
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.transport.call import JSON, Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import DISCOVERY_PATHS, list_path, openapi_path
from k8s.transport.sender import Sender
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, Clusters
from tests.truth.snapshotting import both

pytestmark = pytest.mark.controlplane

TABLE = f"{JSON};as=Table;g=meta.k8s.io;v=v1"
ROOTS = {
    "Application": "/apis/argoproj.io/v1alpha1/namespaces/default/applications",
    "Certificate": "/apis/cert-manager.io/v1/namespaces/default/certificates",
    "ClusterIssuer": "/apis/cert-manager.io/v1/clusterissuers",
    "GatewayClass": "/apis/gateway.networking.k8s.io/v1/gatewayclasses",
}
SPECS: dict[str, JsonObject] = {
    "Application": {
        "project": "default",
        "destination": {"namespace": "shop", "server": "https://kubernetes.default.svc"},
        "source": {"repoURL": "https://example.com/shop.git", "path": "deploy", "targetRevision": "main"},
    },
    "Certificate": {"secretName": "shop-tls", "dnsNames": ["shop.example.com"], "issuerRef": {"name": "issuer"}},
    "ClusterIssuer": {"selfSigned": {}},
    "GatewayClass": {"controllerName": "example.com/gateway"},
}


@dataclass(frozen=True)
class Senders:
    """The API server, and its snapshot."""

    live: Sender
    snapshot: Sender


@pytest.fixture(scope="module")
async def senders(
    operated: Cluster, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Senders]:
    """Creates custom objects, and takes a snapshot."""
    async with connect(operated) as session:
        for kind, root in ROOTS.items():
            for number in range(3):
                item = {
                    "apiVersion": root.removeprefix("/apis/")
                    .partition("/namespaces/")[0]
                    .removesuffix(f"/{root.rpartition('/')[2]}"),
                    "kind": kind,
                    "metadata": {"name": f"snapshot-{number}"},
                    "spec": SPECS[kind],
                }
                async with session.post(root, json=item) as response:
                    assert response.status in {201, 409}, await response.text()
    async with both(operated, engine, tmp_path_factory.mktemp("custom")) as opened:
        yield Senders(_sender(opened.live), _sender(opened.snapshot))


def _sender(asking: Asking) -> Sender:
    return cast(Clusters, asking.fleet).known[0].sender


async def _read(sender: Sender, call: Call) -> Any:
    return json.loads(await sender.send(call, Deadline(60)))


async def _custom(sender: Sender) -> list[Kind]:
    groups = {kind.group for kind in BUILT_IN}
    return [kind for kind in (await read_served(sender, Deadline(60))).listed() if kind.group not in groups]


async def test_every_custom_kind_is_discovered(senders: Senders) -> None:
    live, snapshot = [sorted(map(repr, await _custom(sender))) for sender in (senders.live, senders.snapshot)]

    assert snapshot == live
    assert len(live) >= 75


async def test_every_list_is_as_it_was(senders: Senders) -> None:
    counted = 0
    for kind in await _custom(senders.snapshot):
        call = Call(list_path(kind), "list", str(kind), most_bytes=None)
        live, snapshot = await _read(senders.live, call), await _read(senders.snapshot, call)
        assert snapshot["items"] == live["items"], kind
        counted += len(live["items"])
    assert counted >= 12


async def test_every_document_is_the_servers_own(senders: Senders) -> None:
    """So types are the same as those of the live cluster, whatever its definitions say."""
    versions = {(kind.group, kind.version) for kind in await _custom(senders.snapshot)}
    for group, version in sorted(versions):
        call = Call(openapi_path(group, version), "get", version, most_bytes=None)
        assert await _read(senders.snapshot, call) == await _read(senders.live, call)
    assert len(versions) >= 20


@pytest.mark.parametrize("kind", ROOTS)
async def test_tables_have_the_same_columns_and_cells(senders: Senders, kind: str) -> None:
    [found] = [one for one in await _custom(senders.snapshot) if one.name == kind]
    call = Call(list_path(found), "list", kind, accept=TABLE, most_bytes=None)
    live, snapshot = await _read(senders.live, call), await _read(senders.snapshot, call)

    columns = [column["name"] for column in live["columnDefinitions"]]
    assert [column["name"] for column in snapshot["columnDefinitions"]] == columns
    ages = {at for at, column in enumerate(columns) if column == "Age"}
    for one, other in zip(snapshot["rows"], live["rows"], strict=True):
        assert [cell for at, cell in enumerate(one["cells"]) if at not in ages] == [
            cell for at, cell in enumerate(other["cells"]) if at not in ages
        ]


async def test_names_of_kinds_are_the_same(senders: Senders) -> None:
    accept = f"{JSON};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    keys = ("singularResource", "shortNames", "categories", "scope")

    async def names(sender: Sender) -> Any:
        document = await _read(sender, Call(DISCOVERY_PATHS[1], "get", "kinds", accept=accept, most_bytes=None))
        return {
            (group["metadata"]["name"], version["version"], resource["resource"]): [resource.get(key) for key in keys]
            for group in document["items"]
            for version in group["versions"]
            for resource in version["resources"]
        }

    live, snapshot = await names(senders.live), await names(senders.snapshot)
    argo = {key: names for key, names in live.items() if key[0] in {"argoproj.io", "cert-manager.io"}}
    assert {key: snapshot.get(key) for key in argo} == argo
    assert snapshot["argoproj.io", "v1alpha1", "applications"][1] == ["app", "apps"]
