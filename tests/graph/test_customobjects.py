"""Objects of operators' kinds on a real API server, field by field against its own JSON, with and without types."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds.kind import Kind
from k8s.transport.connection import Connection
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.writer import create_objects
from tests.graph.comparison import assert_same
from tests.graph.documents import WIDE
from tests.graph.fleets import Asking, connection_to, fleet_of

pytestmark = pytest.mark.controlplane

NAMESPACE = "customobjects"
APPLICATION = Kind("argoproj.io", "v1alpha1", "Application", "applications")
CERTIFICATE = Kind("cert-manager.io", "v1", "Certificate", "certificates")
GATEWAY_CLASS = Kind("gateway.networking.k8s.io", "v1", "GatewayClass", "gatewayclasses", namespaced=False)
KINDS = (APPLICATION, CERTIFICATE, GATEWAY_CLASS)
_TEAM = "example.com/team=a"
_OURS = f'labelSelector: "{_TEAM}"'


def _metadata(name: str, **more: Any) -> JsonObject:
    return {"name": name, "namespace": NAMESPACE, "labels": {"example.com/team": "a", "n": name}, **more}


def _application(number: int) -> JsonObject:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": _metadata(f"app-{number}", finalizers=["example.com/keep"][: number % 2]),
        "spec": {
            "project": "default",
            "revisionHistoryLimit": 2**53 + number,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": f"team-{number % 3}"},
            "source": {
                "repoURL": f"https://git.example.com/{number}",
                "path": "deploy",
                "helm": {"parameters": [{"name": "image.tag", "value": f"1.{number}"}, {"name": "x", "value": "y"}]},
            },
        },
        "status": {
            "health": {"status": "Healthy" if number % 2 else "Degraded"},
            "sync": {
                "status": "Synced",
                "revision": f"{number:040x}",
                "comparedTo": {"destination": {}, "source": {"repoURL": "https://git.example.com"}},
            },
            "reconciledAt": f"2026-01-{number + 1:02}T00:00:00Z",
        },
    }


def _certificate(number: int) -> JsonObject:
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": _metadata(f"cert-{number}"),
        "spec": {
            "secretName": f"tls-{number}",
            "dnsNames": [f"{number}.example.com", "www.example.com"],
            "issuerRef": {"name": "ca", "kind": "Issuer"},
            "duration": f"{24 * (number + 1)}h0m0s",
        },
        "status": {
            "conditions": [
                {"type": "Issuing", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"},
                {
                    "type": "Ready",
                    "status": "True" if number else "False",
                    "lastTransitionTime": "2026-01-02T00:00:00Z",
                },
            ]
        },
    }


@pytest.fixture(scope="module")
def stored(operated: Cluster) -> dict[Kind, list[JsonObject]]:
    """Writes objects, and returns the API server's own JSON of them; other files write objects of these kinds, too."""
    gateway: JsonObject = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": {"name": "customobjects", "labels": {"example.com/team": "a"}},
        "spec": {"controllerName": "example.com/gateway"},
    }
    namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    applications, certificates = [_application(number) for number in range(8)], [_certificate(n) for n in range(3)]

    async def write() -> dict[Kind, list[JsonObject]]:
        await create_objects(operated, [namespace, *applications, gateway])
        async with connect(operated) as session:
            for certificate in certificates:
                path = f"/apis/cert-manager.io/v1/namespaces/{NAMESPACE}/certificates"
                async with session.post(path, json=certificate) as response:
                    created = await response.json()
                with_status = {**created, "status": certificate["status"]}
                async with session.put(f"{path}/{created['metadata']['name']}/status", json=with_status) as response:
                    assert response.ok
            found: dict[Kind, list[JsonObject]] = {}
            for kind in KINDS:
                path = f"/apis/{kind.group}/{kind.version}/{kind.plural}"
                async with session.get(path, params={"labelSelector": _TEAM}) as response:
                    found[kind] = json.loads(await response.read())["items"]
            return found

    return asyncio.run(write())


@pytest.fixture(scope="module")
def wide_engine() -> Engine:
    """Returns an engine of documents of any size."""
    return Engine(WIDE)


@pytest.fixture
async def asking(operated: Cluster, stored: object, wide_engine: Engine) -> AsyncIterator[Asking]:
    """Returns a fleet of the cluster, whose custom kinds have no types."""
    connection: Connection = connection_to(operated)
    yield Asking(wide_engine, fleet_of([connection]))
    await connection.close()


def _paths(value: object, before: str = "") -> Iterator[tuple[str, object]]:
    """Yields every path of keys in JSON outside of lists, with its value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            path = f"{before}.{key}" if key.isidentifier() and before else key if not before else f'{before}["{key}"]'
            yield path, inner
            yield from _paths(inner, path)


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_every_value_is_that_of_the_api_server(
    asking: Asking, stored: dict[Kind, list[JsonObject]], kind: Kind
) -> None:
    fields = "nodes { __typename manifest(managedFields: true) }"

    answer = await asking(f'{{ objects(resource: "{kind}", {_OURS}) {{ {fields} }} }}')

    assert answer.errors == []
    nodes = answer.to_builtins()["data"]["objects"]["nodes"]
    assert [node["manifest"] for node in nodes] == stored[kind]
    assert {node["__typename"] for node in nodes} == {"GenericObject"}


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_every_path_leads_to_its_value(asking: Asking, stored: dict[Kind, list[JsonObject]], kind: Kind) -> None:
    whole = stored[kind][-1]
    values = dict(islice(_paths(whole), 100))
    fields = " ".join(f"f{place}: fields(path: {json.dumps(path)})" for place, path in enumerate(values))

    answer = await asking(f'{{ objects(resource: "{kind}", {_OURS}) {{ nodes {{ {fields} }} }} }}')

    assert answer.errors == []
    last = answer.to_builtins()["data"]["objects"]["nodes"][-1]
    assert dict(zip(values, last.values(), strict=True)) == values


async def test_paths_are_compared_as_their_json(asking: Asking, stored: dict[Kind, list[JsonObject]]) -> None:
    query = """{
      numbers: objects(kind: "Application", OURS, where: [
        {path: "spec.revisionHistoryLimit", op: GT, value: 9007199254740996}]) { nodes { name } }
      picked: objects(kind: "Certificate", OURS, where: [
        {path: "status.conditions[type=Ready].status", value: "False"}]) {
        nodes { name } }
      some: objects(kind: "Application", OURS, orderBy: [{path: "status.reconciledAt", direction: DESC}], where: [
        {path: "spec.source.helm.parameters", some: [
          {path: "name", value: "image.tag"}, {path: "value", op: LT, value: "1.3"}]}]) { nodes { name } }
      duration: objects(resource: "certs", OURS, orderBy: [{path: "spec.duration", direction: DESC}]) { nodes { name } }
      groups: objects(resource: "app", OURS) {
        groups(by: ["status.health.status", "spec.destination.namespace"]) { key count } }
      labels: objects(resource: "apps.argoproj.io", where: [
        {path: "metadata.labels[\\"n\\"]", value: "app-3"}]) { totalCount }
    }""".replace("OURS", _OURS)

    answer = await asking(query)
    assert_same(answer, await asking.ordinary(query))

    assert answer.errors == []
    data = answer.to_builtins()["data"]
    names = {name: [node["name"] for node in data[name]["nodes"]] for name in ("numbers", "picked", "some", "duration")}
    assert names == {
        "numbers": ["app-5", "app-6", "app-7"],
        "picked": ["cert-0"],
        "some": ["app-2", "app-1", "app-0"],
        "duration": ["cert-2", "cert-1", "cert-0"],
    }
    assert sum(group["count"] for group in data["groups"]["groups"]) == 8
    assert len(data["groups"]["groups"]) == 6
    assert data["labels"] == {"totalCount": 1}


async def test_pages_of_a_real_list_are_the_whole_list(asking: Asking, stored: dict[Kind, list[JsonObject]]) -> None:
    query = f"""query ($after: String) {{ objects(kind: "Application", {_OURS}, first: 3, after: $after) {{
      totalCount nodes {{ name }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    names, after, has_next = list[str](), None, True

    while has_next:
        page = (await asking(query, {"after": after})).to_builtins()["data"]["objects"]
        assert page["totalCount"] == 8
        names += [node["name"] for node in page["nodes"]]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert names == [f"app-{number}" for number in range(8)]


async def test_several_kinds_are_one_list(asking: Asking, stored: dict[Kind, list[JsonObject]]) -> None:
    query = f"""{{ categories(names: ["cert-manager", "gateway-api"], {_OURS}, orderBy: [{{path: "metadata.name"}}]) {{
      totalCount nodes {{ kind name }} clusters {{ status error {{ message }} }} }} }}"""

    answer = await asking(query)
    assert_same(answer, await asking.ordinary(query))

    assert answer.errors == []
    listed = answer.to_builtins()["data"]["categories"]
    nodes = [(node["kind"], node["name"]) for node in listed["nodes"]]
    assert nodes == [*(("Certificate", f"cert-{n}") for n in range(3)), ("GatewayClass", "customobjects")]
    assert listed["clusters"] == [{"status": "OK", "error": None}]


async def test_one_object_by_its_names_and_by_its_id(asking: Asking, stored: dict[Kind, list[JsonObject]]) -> None:
    query = """{ object(cluster: "operated", resource: "app", namespace: "customobjects", name: "app-1") {
      id manifest(managedFields: true) name kind apiVersion viewerCan(verb: "delete") } }"""

    found = (await asking(query)).to_builtins()["data"]["object"]
    again = await asking("query ($id: ID!) { object(id: $id) { manifest(managedFields: true) } }", {"id": found["id"]})

    own = next(one for one in stored[APPLICATION] if one["metadata"]["name"] == "app-1")  # type: ignore[index,call-overload]  # JSON
    assert found["manifest"] == again.to_builtins()["data"]["object"]["manifest"] == own
    assert (found["kind"], found["apiVersion"], found["viewerCan"]) == ("Application", "argoproj.io/v1alpha1", True)
