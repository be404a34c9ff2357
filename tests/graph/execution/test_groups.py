"""`groups` over real API servers, compared with groups made of the raw JSON by hand."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds.kind import Kind
from resolvers.limits import OperationLimits
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.graph.senders import ObjectsSender

Json = Mapping[str, Any]
WITHIN = 'namespaces: ["groups-000", "groups-001", "groups-002"]'


@dataclass(frozen=True)
class RealFleet:
    """Two real clusters, and their pods as raw JSON by cluster."""

    asking: Asking
    pods: list[tuple[str, Json]]

    async def groups(self, arguments: str, selected: str) -> list[Any]:
        answer = await self.asking(f"{{ pods({WITHIN}) {{ groups({arguments}) {{ {selected} }} }} }}")
        assert answer.errors == []
        found: list[Any] = json.loads(answer.to_json())["data"]["pods"]["groups"]
        return found


@pytest.fixture(scope="module")
async def fleet(engine: Engine, alpha: Cluster, beta: Cluster) -> AsyncIterator[RealFleet]:
    pods = []
    for seed, cluster in enumerate((alpha, beta)):
        await populate(cluster, FleetSize(namespaces=3, nodes=4, deployments=6, pods=60), seed=seed, prefix="groups")
        async with connect(cluster) as session, session.get("/api/v1/pods") as response:
            pods += [
                (cluster.name, pod)
                for pod in (await response.json())["items"]
                if pod["metadata"]["namespace"].startswith("groups-")
            ]
    connections = [connection_to(cluster) for cluster in (alpha, beta)]
    yield RealFleet(Asking(engine, fleet_of(connections)), pods)
    for connection in connections:
        await connection.close()


@pytest.mark.controlplane
async def test_pods_by_cluster_and_node_the_largest_first(fleet: RealFleet) -> None:
    counts: dict[tuple[str, str | None], int] = defaultdict(int)
    for cluster, pod in fleet.pods:
        counts[cluster, pod["spec"].get("nodeName")] += 1

    groups = await fleet.groups('by: ["cluster.name", "spec.nodeName"]', "key count")

    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0][0], item[0][1] is None, item[0][1]))
    assert [(tuple(group["key"]), group["count"]) for group in groups] == expected


@pytest.mark.controlplane
async def test_which_image_runs_where_counts_a_pod_for_each_of_its_images(fleet: RealFleet) -> None:
    counts: dict[str, int] = defaultdict(int)
    for _, pod in fleet.pods:
        for image in {container["image"] for container in pod["spec"]["containers"]}:
            counts[image] += 1

    groups = await fleet.groups('by: ["spec.containers.image"], orderBy: [{figure: KEY}]', "key count")

    assert [(group["key"][0], group["count"]) for group in groups] == sorted(counts.items())


@pytest.mark.controlplane
async def test_requested_resources_by_namespace_are_exact_sums(fleet: RealFleet) -> None:
    cpus: dict[str, Decimal] = defaultdict(Decimal)
    memory: dict[str, int] = defaultdict(int)
    for _, pod in fleet.pods:
        for container in pod["spec"]["containers"]:
            requests = container["resources"]["requests"]
            cpus[pod["metadata"]["namespace"]] += Decimal(requests["cpu"].removesuffix("m")) / 1000
            memory[pod["metadata"]["namespace"]] += int(requests["memory"].removesuffix("Mi"))

    groups = await fleet.groups(
        'by: ["namespace"], orderBy: [{figure: KEY, direction: DESC}]',
        'key cpu: sum(path: "spec.containers.resources.requests.cpu")'
        ' memory: sum(path: "spec.containers.resources.requests[\\"memory\\"]")'
        ' least: min(path: "spec.containers.resources.limits.cpu")'
        ' most: max(path: "spec.containers.resources.limits.cpu")'
        ' mean: avg(path: "spec.containers.resources.limits.cpu")',
    )

    assert [group["key"][0] for group in groups] == sorted(cpus, reverse=True)
    assert {group["key"][0]: _cpu(group["cpu"]) for group in groups} == cpus
    assert {group["key"][0]: _mebibytes(group["memory"]) for group in groups} == memory
    assert {(group["least"], group["most"], group["mean"]) for group in groups} == {("500m", "500m", "500m")}


@pytest.mark.controlplane
async def test_figures_of_links_and_derived_fields(fleet: RealFleet) -> None:
    restarts: dict[str, list[int]] = defaultdict(list)
    for _, pod in fleet.pods:
        statuses = pod["status"].get("containerStatuses", ())
        restarts[pod["metadata"]["labels"]["tier"]].append(sum(entry["restartCount"] for entry in statuses))

    groups = await fleet.groups(
        'by: ["deployment.metadata.labels[\\"tier\\"]"], orderBy: [{figure: SUM, path: "restarts", direction: DESC}]',
        'key count sum(path: "restarts") max(path: "restarts") avg(path: "restarts")',
    )

    expected = sorted(restarts.items(), key=lambda item: (-sum(item[1]), item[0]))
    assert groups == [
        {"key": [tier], "count": len(of), "sum": sum(of), "max": max(of), "avg": pytest.approx(sum(of) / len(of))}
        for tier, of in expected
    ]


@pytest.mark.controlplane
async def test_objects_of_a_group_are_the_first_in_the_list_s_order(fleet: RealFleet) -> None:
    (group,) = await fleet.groups(
        'by: ["status.phase"], first: 1', "key count nodes(first: 3) { cluster { name } namespace name node { name } }"
    )

    running = sorted(
        (cluster, pod["metadata"]["namespace"], pod["metadata"]["name"])
        for cluster, pod in fleet.pods
        if pod["status"]["phase"] == "Running"
    )
    assert (group["key"], group["count"]) == (["Running"], len(running))
    found = [(node["cluster"]["name"], node["namespace"], node["name"]) for node in group["nodes"]]
    assert found == running[:3]


async def test_groups_are_of_the_whole_list_whatever_the_page(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _pods)]))

    answer = await asking(
        '{ pods(first: 1, where: [{path: "name", op: NE, value: "p-0"}])'
        ' { nodes { name } groups(by: ["namespace"]) { key count } } }'
    )

    assert json.loads(answer.to_json())["data"]["pods"] == {
        "nodes": [{"name": "p-1"}],
        "groups": [{"key": ["shop"], "count": 4}],
    }


async def test_what_has_no_value_is_a_group_of_its_own_and_comes_last(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _pods)]))

    answer = await asking(
        '{ pods { groups(by: ["spec.nodeName"], orderBy: [{figure: KEY, direction: DESC}])'
        ' { key count max(path: "metadata.labels.none") sum(path: "spec.priority") } } }'
    )

    assert json.loads(answer.to_json())["data"]["pods"]["groups"] == [
        {"key": ["n-1"], "count": 2, "max": None, "sum": 4},
        {"key": ["n-0"], "count": 2, "max": None, "sum": 2},
        {"key": [None], "count": 1, "max": None, "sum": 4},
    ]


@pytest.mark.parametrize("arguments", ["by: []", "by: [], orderBy: [{figure: KEY}]", "by: [], first: 1"])
async def test_groups_by_nothing_are_the_totals(engine: Engine, arguments: str) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _pods)]))

    answer = await asking(
        f"""{{
          pods {{
            totals: groups({arguments}) {{ key count sum(path: "spec.priority") }}
            counted: groups({arguments}) {{ count }}
          }}
          none: pods(where: [{{path: "name", value: "none"}}]) {{
            groups({arguments}) {{ key count sum(path: "spec.priority") nodes {{ name }} }}
          }}
          first: pods(first: 1) {{ groups({arguments}) {{ count nodes(first: 2) {{ name }} }} }}
        }}"""
    )

    assert answer.errors == []
    assert json.loads(answer.to_json())["data"] == {
        "pods": {"totals": [{"key": [], "count": 5, "sum": 10}], "counted": [{"count": 5}]},
        "none": {"groups": [{"key": [], "count": 0, "sum": None, "nodes": []}]},
        "first": {"groups": [{"count": 5, "nodes": [{"name": "p-0"}, {"name": "p-1"}]}]},
    }


@pytest.mark.parametrize(
    ("field", "code", "message"),
    [
        ('groups(by: ["nam"]) { count }', "BAD_USER_INPUT", "Pod has no field nam; did you mean name"),
        ('groups(by: ["spec"]) { count }', "BAD_USER_INPUT", "groups: by: spec is no value"),
        (
            'groups(by: ["name"]) { sum(path: "name") }',
            "BAD_USER_INPUT",
            "sum: name is neither a number nor",
        ),
        ('groups(by: ["name"], orderBy: [{figure: SUM}]) { count }', "BAD_USER_INPUT", "orderBy SUM needs a path"),
        (
            'groups(by: ["name"], orderBy: [{figure: COUNT, path: "name"}]) { count }',
            "BAD_USER_INPUT",
            "orderBy COUNT takes no path",
        ),
        ('groups(by: ["name"], first: -1) { count }', "BAD_USER_INPUT", "first: -1 asks for no object"),
        (f"groups(by: {json.dumps(['name'] * 9)}) {{ count }}", "LIMIT_EXCEEDED", "by has 9 entries; at most 8"),
    ],
)
async def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    engine: Engine, field: str, code: str, message: str
) -> None:
    sender = ObjectsSender("one", _pods)

    answer = await Asking(engine, fleet_of([sender]))(f"{{ pods {{ {field} }} }}")

    error: Any
    (error,) = answer.errors
    assert message in error["message"]
    assert (error["path"], error["extensions"]["code"]) == (["pods"], code)
    assert sender.calls == []


async def test_the_groups_that_objects_stand_in_are_bounded(engine: Engine) -> None:
    asking = Asking(engine, fleet_of([ObjectsSender("one", _pods)]))
    many = json.dumps(["spec.tolerations.key", "spec.volumes.name", "spec.hostAliases.ip"])

    answer = await asking(f"{{ pods {{ groups(by: {many}) {{ count }} }} }}", limits=OperationLimits(objects=100))

    error: Any
    (error,) = answer.errors
    assert error["message"].startswith("groups: the objects belong to more than 100 groups altogether")


def _cpu(text: str) -> Decimal:
    return Decimal(text.removesuffix("m")) / 1000 if text.endswith("m") else Decimal(text)


def _mebibytes(text: str) -> int:
    return int(text[:-2]) * {"Mi": 1, "Gi": 1024}[text[-2:]]


def _pods(_kind: Kind) -> list[JsonObject]:
    def pod(index: int) -> JsonObject:
        lists: JsonObject = {
            "tolerations": [{"key": f"t-{item}"} for item in range(9)],
            "volumes": [{"name": f"v-{item}"} for item in range(9)],
            "hostAliases": [{"ip": f"10.0.0.{item}"} for item in range(9)],
        }
        spec: JsonObject = {"containers": [], "priority": index, **lists}
        place: JsonObject = {"nodeName": f"n-{index % 2}"} if index < 4 else {}
        return {"metadata": {"namespace": "shop", "name": f"p-{index}"}, "spec": spec | place}

    return [pod(index) for index in range(5)]
