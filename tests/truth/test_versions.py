"""A fleet of the oldest and the newest tested version of Kubernetes, on real API servers."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, Final

import pytest

from graph.engine import Engine
from graph.schema.rootdefinitions import ListRoot, roots
from k8s.kinds import builtin as kinds
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures, structure_names
from k8s.kinds.othershapes import has_shape_of
from k8s.transport.connection import Connection
from resolvers.names import list_name
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.controlplane.mixedversions import NEWEST, OLDEST, MixedVersions
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.truth.openapi import OpenApi

pytestmark = pytest.mark.controlplane

_POLICIES: Final = "/apis/admissionregistration.k8s.io/{version}/mutatingadmissionpolicies"
_ONLY_NEWEST: Final = (
    kinds.EVICTION,
    kinds.EVICTION_REQUEST,
    kinds.RESOURCE_POOL_STATUS_REQUEST,
    kinds.COMPOSITE_POD_GROUP,
    kinds.POD_GROUP,
    kinds.WORKLOAD,
)
_OLDER: Final = {
    kinds.MUTATING_ADMISSION_POLICY: "v1beta1",
    kinds.MUTATING_ADMISSION_POLICY_BINDING: "v1beta1",
    kinds.CLUSTER_TRUST_BUNDLE: "v1beta1",
    kinds.POD_CERTIFICATE_REQUEST: "v1alpha1",
    kinds.DEVICE_TAINT_RULE: "v1alpha3",
    kinds.STORAGE_VERSION_MIGRATION: "v1alpha1",
}
"""The kinds that the oldest version serves, but not in their own version, and its best one."""


def _policy(version: str, name: str) -> JsonObject:
    mutation = 'JSONPatch{op: "add", path: "/metadata/labels", value: {}}'
    return {
        "apiVersion": f"admissionregistration.k8s.io/{version}",
        "kind": "MutatingAdmissionPolicy",
        "metadata": {"name": name, "labels": {"team": "shop"}},
        "spec": {
            "reinvocationPolicy": "Never",
            "failurePolicy": "Ignore",
            "matchConstraints": {
                "resourceRules": [
                    {"apiGroups": ["example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["x"]}
                ]
            },
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": f"[{mutation}]"}}],
        },
    }


@pytest.fixture(scope="module")
def policies(mixed_fleet: MixedVersions) -> None:
    """Writes a MutatingAdmissionPolicy to each cluster, in the version that it serves."""
    for cluster, version in ((mixed_fleet.oldest, "v1beta1"), (mixed_fleet.newest, "v1")):
        ask(cluster, "POST", _POLICIES.format(version=version), _policy(version, f"on-{cluster.name}"))


@pytest.fixture
async def connections(mixed_fleet: MixedVersions) -> AsyncIterator[Sequence[Connection]]:
    async with AsyncExitStack() as stack:
        connections = [connection_to(cluster) for cluster in (mixed_fleet.oldest, mixed_fleet.newest)]
        for connection in connections:
            stack.push_async_callback(connection.close)
        yield connections


@pytest.fixture
def asking(engine: Engine, connections: Sequence[Connection]) -> Asking:
    return Asking(engine, fleet_of(connections))


async def _data(asking: Asking, query: str, variables: Mapping[str, object] | None = None) -> Any:
    answer: Any = (await asking(query, variables)).to_builtins()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


async def test_every_list_answers_over_both(asking: Asking, policies: None) -> None:
    """There are no errors, and in the envelope only those of kinds that the oldest version does not have."""
    lists = {name: root.kind for name, root in roots().items() if isinstance(root, ListRoot)}
    envelope = "clusters { cluster { name } status error { code message } }"
    unavailable: set[tuple[str, str]] = set()
    for start in range(0, len(lists), 20):
        names = [*lists][start : start + 20]
        fields = " ".join(f"{name} {{ totalCount nodes {{ name apiVersion kind }} {envelope} }}" for name in names)
        answer: Any = (await asking(f"{{ {fields} }}")).to_builtins()
        assert "errors" not in answer
        for name in names:
            found, kind = answer["data"][name], lists[name]
            unavailable |= {
                (name, report["cluster"]["name"]) for report in found["clusters"] if report["error"] is not None
            }
            assert {report["error"]["code"] for report in found["clusters"] if report["error"]} <= {"KIND_UNAVAILABLE"}
            versions = {kind.api_version, replace(kind, version=_OLDER.get(kind, kind.version)).api_version}
            assert {node["apiVersion"] for node in found["nodes"]} <= versions

    assert unavailable == {(list_name(kind), OLDEST) for kind in _ONLY_NEWEST}


async def test_a_kind_in_beta_is_read_in_that_version(asking: Asking, policies: None) -> None:
    query = """query($where: [WhereInput!]) { mutatingAdmissionPolicies(where: $where) {
        totalCount
        nodes { id name apiVersion kind cluster { name } spec { failurePolicy mutations { patchType } } }
        groups(by: ["apiVersion"]) { key count }
        clusters { cluster { name } status }
    } }"""

    found = (await _data(asking, query))["mutatingAdmissionPolicies"]

    assert [(node["name"], node["apiVersion"], node["cluster"]["name"]) for node in found["nodes"]] == [
        ("on-newest", "admissionregistration.k8s.io/v1", NEWEST),
        ("on-oldest", "admissionregistration.k8s.io/v1beta1", OLDEST),
    ]
    assert {node["spec"]["failurePolicy"] for node in found["nodes"]} == {"Ignore"}
    assert {node["spec"]["mutations"][0]["patchType"] for node in found["nodes"]} == {"JSONPatch"}
    assert {report["status"] for report in found["clusters"]} == {"OK"}
    assert sorted((group["key"][0], group["count"]) for group in found["groups"]) == [
        ("admissionregistration.k8s.io/v1", 1),
        ("admissionregistration.k8s.io/v1beta1", 1),
    ]

    older = (
        await _data(asking, query, {"where": [{"path": "apiVersion", "value": "admissionregistration.k8s.io/v1beta1"}]})
    )["mutatingAdmissionPolicies"]
    assert [node["name"] for node in older["nodes"]] == ["on-oldest"]


async def test_every_way_to_an_object_leads_to_its_version(asking: Asking, policies: None) -> None:
    one = "name apiVersion spec { failurePolicy }"
    by_name = f'mutatingAdmissionPolicy(cluster: "{OLDEST}", name: "on-oldest") {{ id {one} }}'
    missing = f'mutatingAdmissionPolicy(cluster: "{OLDEST}", name: "none") {{ name }}'
    selected = 'mutatingAdmissionPolicies(labelSelector: "team=shop", fieldSelector: "metadata.name=on-oldest")'
    counts = f'cluster(name: "{OLDEST}") {{ counts {{ mutatingAdmissionPolicies }} }}'

    data = await _data(asking, f"{{ a: {by_name} b: {missing} c: {selected} {{ nodes {{ {one} }} }} d: {counts} }}")
    by_id = await _data(asking, "query($id: ID!) { object(id: $id) { name apiVersion } }", {"id": data["a"]["id"]})

    expected = {
        "name": "on-oldest",
        "apiVersion": "admissionregistration.k8s.io/v1beta1",
        "spec": {"failurePolicy": "Ignore"},
    }
    assert {key: data["a"][key] for key in expected} == expected
    assert data["b"] is None
    assert data["c"]["nodes"] == [expected]
    assert data["d"]["counts"]["mutatingAdmissionPolicies"] == 1
    assert by_id["object"] == {"name": "on-oldest", "apiVersion": expected["apiVersion"]}


async def test_pages_continue_in_each_version(asking: Asking, mixed_fleet: MixedVersions, policies: None) -> None:
    for cluster, version in ((mixed_fleet.oldest, "v1beta1"), (mixed_fleet.newest, "v1")):
        for number in range(2):
            ask(cluster, "POST", _POLICIES.format(version=version), _policy(version, f"page-{number}"))
    query = """query($after: String) { mutatingAdmissionPolicies(first: 2, after: $after) {
        nodes { name cluster { name } } pageInfo { hasNextPage endCursor }
    } }"""
    names: list[tuple[str, str]] = []
    after: str | None = None
    while True:
        found = (await _data(asking, query, {"after": after}))["mutatingAdmissionPolicies"]
        names += [(node["cluster"]["name"], node["name"]) for node in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break

    assert names == sorted(
        (cluster, name) for cluster in (NEWEST, OLDEST) for name in (f"on-{cluster}", "page-0", "page-1")
    )


async def test_a_kind_that_only_the_newest_has(asking: Asking) -> None:
    query = f"""{{
        workloads {{ totalCount clusters {{ cluster {{ name }} status error {{ code retryable reason message }} }} }}
        one: workload(cluster: "{OLDEST}", namespace: "default", name: "none") {{ name }}
    }}"""

    answer: Any = (await asking(query)).to_builtins()

    newest, oldest = answer["data"]["workloads"]["clusters"]
    message = f"cluster '{OLDEST}': it does not serve workloads.scheduling.k8s.io; `kinds` lists what it serves."
    assert newest["status"] == "OK"
    assert oldest["error"] == {
        "code": "KIND_UNAVAILABLE",
        "retryable": False,
        "reason": "KindUnavailable",
        "message": message,
    }
    assert oldest["status"] == "NOT_SERVED"
    assert [(error["path"], error["message"]) for error in answer["errors"]] == [(["one"], message)]


@pytest.mark.parametrize("name", [OLDEST, NEWEST])
async def test_versions_that_are_read_have_the_fields_of_the_type(mixed_fleet: MixedVersions, name: str) -> None:
    """Each field that both have is of the same type, in every version that is not in the table of other shapes."""
    openapi = await _openapi(mixed_fleet.oldest if name == OLDEST else mixed_fleet.newest)
    compared = 0
    for kind in BUILT_IN:
        for version in openapi.versions(kind):
            if version != kind.version and has_shape_of(kind, version):
                compared += 1
                assert list(_differences(openapi, replace(kind, version=version), structure_names()[kind])) == []

    assert compared >= len(_OLDER)


async def _openapi(cluster: Cluster) -> OpenApi:
    async with connect(cluster) as session, session.get("/openapi/v2") as response:
        return OpenApi(await response.read())


def _differences(openapi: OpenApi, kind: Kind, structure: str) -> Iterator[str]:
    """Yields the paths of fields that both have with different types."""
    structures, seen = built_in_structures(), set[tuple[str, str]]()
    waiting = [(openapi.of_kind(kind), structure)]
    while waiting:
        pair = waiting.pop()
        if pair in seen:
            continue
        seen.add(pair)
        properties = openapi.properties(pair[0])
        for field in structures[pair[1]].fields:
            found = properties.get(field.key)
            if found is None:
                continue
            if (found.format, found.is_list) != (field.format, field.is_list):
                yield f"{kind.api_version} {kind.name} {pair[0]}.{field.key}"
            if found.definition is not None and field.structure is not None:
                waiting.append((found.definition, field.structure))
