"""Masks on a real API server, where it copies masked values by itself: managed fields, Tables, older versions."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Final

import pytest

from graph.engine import Engine
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.controlplane.writer import create_objects
from tests.graph.fleets import Asking, connection_to, fleet_of

pytestmark = pytest.mark.controlplane

NAMESPACE: Final = "maskedserver"
CANARY: Final = "s3cr3t-canary"
ENCODED: Final = b64encode(CANARY.encode()).decode()
PORT: Final = 31337
PATHS: Final = (
    "services:spec.ports.port, services:spec.ports.targetPort, configmaps:data.password, "
    "horizontalpodautoscalers.autoscaling:spec.metrics"
)
KINDS: Final = {
    "secrets": "v1",
    "configmaps": "v1",
    "services": "v1",
    "horizontalpodautoscalers.v1.autoscaling": "autoscaling/v1",
    "horizontalpodautoscalers.v2.autoscaling": "autoscaling/v2",
}
MEMBERS: Final = (
    "manifest",
    "manifest(managedFields: true)",
    "manifest(format: YAML, managedFields: true)",
    "columns { name value }",
    'condition(type: "Ready") { message }',
    "health { message }",
    'fields(path: "metadata")',
    'fields(path: "metadata.annotations")',
    'fields(path: "metadata.managedFields.fieldsV1")',
    'fields(path: "spec")',
    'fields(path: "spec.ports.port")',
    'fields(path: "data")',
    "metadata { annotations managedFields { manager fieldsV1 } }",
)


def _metadata(name: str, **more: JsonObject) -> JsonObject:
    copies: JsonObject = {
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"data": {"password": CANARY}, "port": PORT}),
        "kopf.zalando.org/last-handled-configuration": json.dumps({"data": {"password": ENCODED}}),
    }
    return {"name": name, "namespace": NAMESPACE, "annotations": copies, **more}


def _objects() -> list[JsonObject]:
    helm: JsonObject = {"owner": "helm", "name": "web", "version": "1", "status": "deployed"}
    metric: JsonObject = {"metric": {"name": CANARY}, "target": {"type": "Value", "value": "1"}}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": _metadata("db"), "data": {"password": ENCODED}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "helm.sh/release.v1",
            "metadata": _metadata("sh.helm.release.v1.web.v1", labels=helm),
            "data": {"release": ENCODED},
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": _metadata("sh.helm.release.v1.web.v1", labels=helm),
            "data": {"release": ENCODED},
            "binaryData": {"release2": ENCODED},
        },
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _metadata("own"), "data": {"password": CANARY, "a": "b"}},
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": _metadata("web"),
            "spec": {"ports": [{"port": PORT}], "clusterIP": "None"},
        },
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "web", "namespace": NAMESPACE},
            "spec": {
                "maxReplicas": 3,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                "metrics": [{"type": "External", "external": metric}],
            },
        },
    ]


@pytest.fixture(scope="module")
def written(alpha: Cluster) -> Cluster:
    """Returns a cluster with the objects."""
    asyncio.run(create_objects(alpha, _objects()))
    return alpha


@pytest.fixture
async def asking(engine: Engine, written: Cluster) -> AsyncIterator[Asking]:
    """Returns a fleet of the cluster."""
    masking = Masking(masked_paths(PATHS))
    connection = connection_to(written)
    yield Asking(engine, fleet_of([connection], masking=masking), masking=masking)
    await connection.close()


def _clean(text: str) -> bool:
    return not any(secret in text for secret in (CANARY, ENCODED, str(PORT)))


async def test_the_api_server_copies_masked_values(written: Cluster) -> None:
    older = ask(written, "GET", f"/apis/autoscaling/v1/namespaces/{NAMESPACE}/horizontalpodautoscalers/web")
    service = json.loads(ask(written, "GET", f"/api/v1/namespaces/{NAMESPACE}/services/web"))
    async with connect(written) as session:
        headers = {"Accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
        async with session.get(f"/api/v1/namespaces/{NAMESPACE}/services", headers=headers) as response:
            cells = json.loads(await response.read())["rows"][0]["cells"]

    annotations = json.loads(older)["metadata"]["annotations"]
    assert CANARY in annotations["autoscaling.alpha.kubernetes.io/metrics"]
    assert str(PORT) in json.dumps(service["metadata"]["managedFields"])
    assert str(PORT) in json.dumps(cells)


@pytest.mark.parametrize("resource", KINDS)
async def test_no_member_shows_them(asking: Asking, resource: str) -> None:
    members = " ".join(f"m{place}: {member}" for place, member in enumerate(MEMBERS))
    lists = f'objects(resource: "{resource}", namespaces: ["{NAMESPACE}"])'

    answer = (await asking(f"{{ {lists} {{ nodes {{ name apiVersion {members} }} }} }}")).to_builtins()

    nodes = answer["data"]["objects"]["nodes"]
    assert {node["apiVersion"] for node in nodes} == {KINDS[resource]}
    assert "errors" not in answer
    assert _clean(repr(answer))


@pytest.mark.parametrize(
    "query",
    [
        "secrets(namespaces: $of) { nodes { type data stringData metadata { annotations } } }",
        "configMaps(namespaces: $of) { nodes { data binaryData metadata { annotations } } }",
        "services(namespaces: $of) { nodes { spec { ports { port targetPort } } columns { value } } }",
        "horizontalPodAutoscalers(namespaces: $of) { nodes { spec { metrics { type } } manifest columns { value } } }",
        "namespaces(names: $of) { nodes { secrets { nodes { data } } services { nodes { columns { value } } } } }",
        'categories(names: ["all"], namespaces: $of) { nodes { manifest(managedFields: true) columns { value } } }',
    ],
)
async def test_no_list_shows_them(asking: Asking, query: str) -> None:
    answer = (await asking(f"query($of: [String!]!) {{ {query} }}", {"of": [NAMESPACE]})).to_builtins()

    assert "errors" not in answer
    assert answer["data"]
    assert _clean(repr(answer))


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ("horizontalpodautoscalers.v1.autoscaling", "spec.maxReplicas"),
        (
            "horizontalpodautoscalers.v1.autoscaling",
            'metadata.annotations[\\"autoscaling.alpha.kubernetes.io/metrics\\"]',
        ),
        ("horizontalpodautoscalers.v2.autoscaling", "spec.metrics.external.metric.name"),
        ("services", "spec.ports.port"),
        ("secrets", 'metadata.annotations[\\"kopf.zalando.org/last-handled-configuration\\"]'),
    ],
)
async def test_no_path_compares_them(asking: Asking, resource: str, path: str) -> None:
    query = f'{{ objects(resource: "{resource}", where: {{path: "{path}", op: EXISTS}}) {{ totalCount }} }}'

    (error,) = (await asking(query)).to_builtins()["errors"]

    assert "is masked" in error["message"]
