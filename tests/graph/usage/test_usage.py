"""Usage by metrics.k8s.io: values, sums and ratios; one list for each cluster; a reason where there are no metrics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from graph.answer import Answer
from k8s.errors import ClusterError, Forbidden, ServerFailed, TimedOut
from k8s.kinds.builtin import NODE, POD, REPLICA_SET
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import NODE_METRICS, POD_METRICS
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from tests.graph.fleets import Asking
from tests.graph.limitedsender import LimitedSender
from tests.graph.senders import ObjectsSender
from tests.graph.usage.measured import MEASURED_AT, NAMESPACES, measured_cluster

PODS = "/apis/metrics.k8s.io/v1beta1/pods"
UNSERVED = "it does not serve metrics.k8s.io, which has the usage of its objects; metrics-server serves it."
Ask = Callable[..., Asking]


@dataclass
class BrokenMetrics:
    """A cluster whose metrics API fails with an error, for paths with the text `broken`."""

    sender: ObjectsSender
    error: ClusterError
    broken: str = ""
    calls: list[Call] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.calls.append(call)
        if "/metrics.k8s.io/" in call.path and self.broken in call.path:
            raise self.error
        return await self.sender.send(call, deadline, on_prefix=on_prefix)


def data_of(answer: Answer) -> Any:
    """Returns the data as clients get it."""
    return msgspec.to_builtins(answer.data)


def metrics_requests(calls: Sequence[Call]) -> list[str]:
    return [call.path for call in calls if "/metrics.k8s.io/" in call.path]


async def test_a_pod_uses_the_sum_of_its_containers(ask: Ask) -> None:
    fields = "name usage { cpu memory window timestamp } usageRatio { requests { cpu memory } limits { cpu memory } }"

    answer = await ask(measured_cluster("a"))(f"{{ pods {{ nodes {{ {fields} }} }} }}")

    assert not answer.errors
    assert data_of(answer)["pods"]["nodes"][1] == {
        "name": "web-2",
        "usage": {"cpu": "35m", "memory": "4Mi", "window": "17.5s", "timestamp": "2026-11-30T14:21:46Z"},
        "usageRatio": {"requests": {"cpu": 0.35, "memory": 0.0625}, "limits": {"cpu": None, "memory": 0.03125}},
    }


async def test_nodes_and_clusters(ask: Ask) -> None:
    asking = ask(measured_cluster("a"))

    answer = await asking("{ nodes { nodes { usage { cpu memory } usageRatio { cpu memory } } } }")
    total = await asking("{ clusters { usage { cpu memory window timestamp } usageRatio { cpu memory } } }")

    assert data_of(answer)["nodes"]["nodes"][1] == {
        "usage": {"cpu": "1", "memory": "2Gi"},
        "usageRatio": {"cpu": 0.5, "memory": 0.5},
    }
    assert data_of(total)["clusters"] == [
        {
            "usage": {"cpu": "1500m", "memory": "3Gi", "window": "10s", "timestamp": MEASURED_AT},
            "usageRatio": {"cpu": 0.375, "memory": 0.375},
        }
    ]


@pytest.mark.parametrize(("field", "requests"), [("namespaces", 2), ("deployments", 4), ("replicaSets", 3)])
async def test_sums_of_pods(ask: Ask, field: str, requests: int) -> None:
    cluster = measured_cluster("a")

    answer = await ask(cluster)(f"{{ {field} {{ nodes {{ usage {{ cpu memory window timestamp }} }} }} }}")

    assert [row["usage"] for row in data_of(answer)[field]["nodes"]] == [
        {"cpu": "50m", "memory": "6Mi", "window": "17.5s", "timestamp": "2026-11-30T14:21:46Z"},
        {"cpu": "70m", "memory": "8Mi", "window": "18.5s", "timestamp": "2026-11-30T14:21:45Z"},
    ]
    assert len(cluster.calls) == requests


async def test_a_workload_without_measured_pods_has_no_usage(ask: Ask) -> None:
    answer = await ask(measured_cluster("a", pods=0))(
        "{ deployments { nodes { usage { cpu } } clusters { notes { code } } } }"
    )

    assert data_of(answer)["deployments"] == {"nodes": [{"usage": None}] * 2, "clusters": [{"notes": []}]}


async def test_all_fields_of_an_operation_share_one_list(ask: Ask) -> None:
    cluster = measured_cluster("a", pods=6)
    query = """{
      pods(where: [{path: "usage.cpu", op: GT, value: "20m"}], orderBy: [{path: "usage.memory", direction: DESC}]) {
        nodes { name usage { cpu } again: usage { memory } usageRatio { requests { cpu } } }
        groups(by: ["metadata.namespace"]) { key sum(path: "usage.cpu") }
      }
      namespaces { nodes { usage { cpu } } }
      deployments { nodes { usage { cpu } } }
    }"""

    answer = await ask(cluster)(query)

    assert not answer.errors
    assert [row["name"] for row in data_of(answer)["pods"]["nodes"]] == ["web-5", "web-4", "web-3", "web-2", "web-1"]
    groups = data_of(answer)["pods"]["groups"]
    assert {group["key"][0]: group["sum"] for group in groups} == {"shop": "90m", "tools": "135m"}
    assert metrics_requests(cluster.calls) == [PODS]


async def test_a_few_objects_are_read_by_name(ask: Ask) -> None:
    cluster = measured_cluster("a", pods=40)

    answer = await ask(cluster)("{ pods(first: 2) { nodes { name usage { cpu } usageRatio { requests { cpu } } } } }")

    assert [row["usage"] is None for row in data_of(answer)["pods"]["nodes"]] == [False, False]
    assert metrics_requests(cluster.calls) == [
        f"/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/{name}" for name in ("web-0", "web-10")
    ]


async def test_a_cluster_without_metrics_is_asked_once_for_a_few(ask: Ask) -> None:
    cluster = measured_cluster("a", pods=3, has_metrics=False)

    answer = await ask(cluster)("{ pods { nodes { usage { cpu } } clusters { notes { code } } } }")

    assert data_of(answer)["pods"] == {
        "nodes": [{"usage": None}] * 3,
        "clusters": [{"notes": [{"code": "NOT_SERVED"}]}],
    }
    assert len(metrics_requests(cluster.calls)) == 1


async def test_pods_of_one_namespace_need_only_its_list(ask: Ask) -> None:
    cluster = measured_cluster("a", pods=20)

    answer = await ask(cluster)('{ pods(namespaces: ["shop"]) { nodes { usage { cpu } } } }')

    assert len(data_of(answer)["pods"]["nodes"]) == 10
    assert metrics_requests(cluster.calls) == ["/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods"]


async def test_half_of_the_clusters_without_metrics(ask: Ask) -> None:
    clusters = [measured_cluster(name, has_metrics=name in "ac") for name in "abcd"]
    report = "clusters { cluster { name } status notes { code message } }"
    query = f"{{ pods {{ nodes {{ cluster {{ name }} usage {{ cpu }} }} {report} }} }}"

    answer = await ask(*clusters)(query)

    assert not answer.errors
    measured = {row["cluster"]["name"]: row["usage"] is not None for row in data_of(answer)["pods"]["nodes"]}
    assert measured == {"a": True, "b": False, "c": True, "d": False}
    note = [{"code": "NOT_SERVED", "message": UNSERVED}]
    assert data_of(answer)["pods"]["clusters"] == [
        {"cluster": {"name": name}, "status": "OK", "notes": note if name in "bd" else []} for name in "abcd"
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ServerFailed("a", "it answered 503 to list pods.metrics.k8s.io.", status=503), "UNAVAILABLE"),
        (Forbidden("a", "its RBAC does not allow to list pods.metrics.k8s.io.", status=403), "FORBIDDEN"),
    ],
)
@pytest.mark.parametrize("field", ["pods", "nodes", "namespaces", "deployments"])
@pytest.mark.parametrize("pods", [2, 10])
async def test_metrics_that_fail_are_a_reason_and_no_error(
    ask: Ask, error: ClusterError, code: str, field: str, pods: int
) -> None:
    asking = ask(BrokenMetrics(measured_cluster("a", pods=pods), error))

    answer = await asking(
        f"{{ {field} {{ nodes {{ name usage {{ cpu }} }} clusters {{ status notes {{ code message }} }} }} }}"
    )

    assert not answer.errors
    assert {str(row["usage"]) for row in data_of(answer)[field]["nodes"]} == {"None"}
    [report] = data_of(answer)[field]["clusters"]
    assert (report["status"], [note["code"] for note in report["notes"]]) == ("OK", [code])
    assert "metrics.k8s.io" in report["notes"][0]["message"]


@dataclass
class HangingMetrics:
    """A cluster whose metrics API does not answer within its deadline; it notes the deadlines of both APIs."""

    sender: ObjectsSender
    of_metrics: list[Deadline] = field(default_factory=list)
    of_others: list[Deadline] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        if "/metrics.k8s.io/" not in call.path:
            self.of_others.append(deadline)
            return await self.sender.send(call, deadline, on_prefix=on_prefix)
        self.of_metrics.append(deadline)
        raise TimedOut(self.name, f"no answer to {call.verb} {call.target} within {deadline.timeout_s:g} s.")


@pytest.mark.parametrize("pods", [2, 10])
async def test_metrics_that_hang_take_no_time_from_other_requests(ask: Ask, pods: int) -> None:
    sender = HangingMetrics(measured_cluster("a", pods=pods))
    sums = "deployments { nodes { usage { cpu } requested { cpu } pods { totalCount } } }"
    query = f"{{ pods {{ nodes {{ usage {{ cpu }} replicaSet {{ name }} }} clusters {{ notes {{ code }} }} }} {sums} }}"

    answer = await ask(sender)(query)

    assert not answer.errors
    data = data_of(answer)
    assert data["pods"]["nodes"] == [{"usage": None, "replicaSet": {"name": "web-1"}}] * pods
    assert data["pods"]["clusters"] == [{"notes": [{"code": "UNAVAILABLE"}]}]
    assert [row["pods"] for row in data["deployments"]["nodes"]] == [{"totalCount": pods // 2}] * 2
    ((waited,), (others,)) = {*sender.of_metrics}, {*sender.of_others}
    assert (waited.timeout_s, others.timeout_s) == (5.0, 15.0)


async def test_an_identity_that_may_read_the_metrics_of_one_namespace(ask: Ask) -> None:
    sender = LimitedSender(measured_cluster("a", pods=8), {POD_METRICS: ["shop"]})

    answer = await ask(sender)("{ pods { nodes { namespace usage { cpu } } clusters { notes { code message } } } }")

    assert not answer.errors
    seen = {(row["namespace"], row["usage"] is not None) for row in data_of(answer)["pods"]["nodes"]}
    assert seen == {("shop", True), ("tools", False)}
    [report] = data_of(answer)["pods"]["clusters"]
    assert [(note["code"], "namespace tools" in note["message"]) for note in report["notes"]] == [("FORBIDDEN", True)]
    assert not [call for call in sender.calls if call.path.endswith(f"{NAMESPACES[1]}/pods")]


def _container(cpu: object, memory: object) -> object:
    return {"name": "app", "usage": {"cpu": cpu, "memory": memory}}


async def test_hostile_metrics_cost_only_their_own_values(ask: Ask) -> None:
    cluster = measured_cluster("a", pods=6)
    objects = cluster.objects
    hostile: list[Any] = [
        None,
        [],
        [{"name": "app"}, {"name": None, "usage": None}],
        [
            {"name": "app", "usage": {"cpu": "much", "memory": "-"}},
            {"name": "b", "usage": {"cpu": "9e99", "memory": "1e99"}},
        ],
        [{"name": "app", "usage": {"cpu": 2, "memory": 1024}}, {"name": "b", "usage": {"cpu": "1e-9", "memory": "1"}}],
        [{"name": str(number), "usage": {"cpu": "1n", "memory": "1Ki"}} for number in range(20_000)],
    ]

    def of_kind(kind: Kind) -> Sequence[Any]:
        listed = [*objects(kind)]
        if kind == POD_METRICS:
            return [{**one, "containers": containers} for one, containers in zip(listed, hostile, strict=True)]
        return listed

    cluster.objects = of_kind

    answer = await ask(cluster)("{ pods { nodes { name usage { cpu memory } usageRatio { requests { cpu } } } } }")

    assert not answer.errors
    usage = {row["name"]: row["usage"] for row in data_of(answer)["pods"]["nodes"]}
    nothing = {"cpu": None, "memory": None}
    assert usage["web-0"] == usage["web-1"] == usage["web-2"] == nothing
    assert usage["web-3"]["cpu"].startswith("9")
    assert usage["web-4"] == {"cpu": "2000.000001m", "memory": "1025"}
    assert usage["web-5"] == {"cpu": "0.01m", "memory": "10000Ki"}


async def test_containers_share_the_metrics_of_their_pod(ask: Ask) -> None:
    cluster = measured_cluster("a", pods=4)
    fields = "name usage { cpu memory } usageRatio { requests { cpu } limits { memory } }"
    where = 'where: [{path: "containers[name=app].usage.memory", op: GT, value: "2Mi"}]'
    query = f"{{ pods({where}) {{ nodes {{ name usage {{ cpu }} containers {{ {fields} }} }} }} }}"

    answer = await ask(cluster)(query)

    assert not answer.errors
    assert data_of(answer)["pods"]["nodes"][0] == {
        "name": "web-2",
        "usage": {"cpu": "35m"},
        "containers": [
            {
                "name": "app",
                "usage": {"cpu": "30m", "memory": "3Mi"},
                "usageRatio": {"requests": {"cpu": 0.3}, "limits": {"memory": 0.0234375}},
            },
            {
                "name": "proxy",
                "usage": {"cpu": "5m", "memory": "1Mi"},
                "usageRatio": {"requests": {"cpu": None}, "limits": {"memory": None}},
            },
        ],
    }
    assert metrics_requests(cluster.calls) == [PODS]


async def test_a_few_metrics_of_which_one_may_not_be_read(ask: Ask) -> None:
    refusal = Forbidden("a", "its RBAC does not allow to get pods.metrics.k8s.io.", status=403)
    sender = BrokenMetrics(measured_cluster("a", pods=3), refusal, broken="/namespaces/tools/")

    answer = await ask(sender)("{ pods { nodes { name usage { cpu } } clusters { notes { code } } } }")

    assert not answer.errors
    pods = data_of(answer)["pods"]
    assert [row["name"] for row in pods["nodes"] if row["usage"] is None] == ["web-1"]
    assert pods["clusters"] == [{"notes": [{"code": "FORBIDDEN"}]}]


@pytest.mark.parametrize(("field", "owner", "between"), [("jobs", "Job", None), ("cronJobs", "CronJob", "Job")])
async def test_usage_of_jobs(ask: Ask, field: str, owner: str, between: str | None) -> None:
    cluster = measured_cluster("a", controllers=(owner, between))

    answer = await ask(cluster)(f"{{ {field} {{ nodes {{ namespace usage {{ cpu memory }} }} }} }}")

    assert not answer.errors
    assert data_of(answer)[field]["nodes"] == [
        {"namespace": "shop", "usage": {"cpu": "50m", "memory": "6Mi"}},
        {"namespace": "tools", "usage": {"cpu": "70m", "memory": "8Mi"}},
    ]


async def test_many_containers_of_one_pod(ask: Ask) -> None:
    cluster = measured_cluster("a", pods=1, containers=5000)

    answer = await ask(cluster)("{ pods { nodes { containers { usage { cpu } } } } }")

    assert not answer.errors
    containers = data_of(answer)["pods"]["nodes"][0]["containers"]
    assert [one["usage"] for one in containers[-2:]] == [{"cpu": "5m"}, {"cpu": "5m"}]


@pytest.mark.parametrize(("field", "requests"), [("deployments", 4), ("replicaSets", 3)])
async def test_workloads_share_one_list_of_their_pods_that_have_not_ended(ask: Ask, field: str, requests: int) -> None:
    cluster = measured_cluster("a", pods=6)
    objects = cluster.objects

    def of_kind(kind: Kind) -> Sequence[Any]:
        listed = [*objects(kind)]
        return [*listed[:-1], {**listed[-1], "status": {"phase": "Succeeded"}}] if kind == POD else listed

    cluster.objects = of_kind
    fields = "requested { cpu memory } limits { memory } usage { cpu } usageRatio { requests { cpu } }"

    answer = await ask(cluster)(f"{{ {field} {{ nodes {{ {fields} }} }} }}")

    assert not answer.errors
    shop, tools = data_of(answer)[field]["nodes"]
    assert shop == {
        "requested": {"cpu": "300m", "memory": "192Mi"},
        "limits": {"memory": "384Mi"},
        "usage": {"cpu": "105m"},
        "usageRatio": {"requests": {"cpu": 0.35}},
    }
    assert (tools["requested"]["cpu"], tools["usage"]["cpu"]) == ("200m", "70m")
    assert len(cluster.calls) == requests


async def test_namespaces_compare_usage_with_requests_and_limits(ask: Ask) -> None:
    ratios = "usageRatio { requests { cpu memory } limits { cpu memory } }"
    where = 'where: [{path: "usageRatio.requests.cpu", op: GT, value: 0.3}]'
    order = 'orderBy: [{path: "usageRatio.limits.memory", direction: DESC}]'
    cluster = measured_cluster("a")

    answer = await ask(cluster)(
        f"{{ namespaces({where}, {order}) {{ nodes {{ name requested {{ cpu }} {ratios} }} }} }}"
    )

    assert not answer.errors
    assert data_of(answer)["namespaces"]["nodes"] == [
        {
            "name": "tools",
            "requested": {"cpu": "200m"},
            "usageRatio": {"requests": {"cpu": 0.35, "memory": 0.0625}, "limits": {"cpu": None, "memory": 0.03125}},
        }
    ]
    assert len(cluster.calls) == 3


async def test_requests_of_workloads_are_sorted_filtered_and_added(ask: Ask) -> None:
    arguments = 'where: [{path: "requested.cpu", op: GE, value: "0.2"}], orderBy: [{path: "usageRatio.requests.cpu"}]'
    fields = 'nodes { namespace } groups(by: ["kind"]) { sum(path: "requested.cpu") }'

    answer = await ask(measured_cluster("a", pods=5))(f"{{ deployments({arguments}) {{ {fields} }} }}")

    assert not answer.errors
    assert data_of(answer)["deployments"] == {
        "nodes": [{"namespace": "shop"}, {"namespace": "tools"}],
        "groups": [{"sum": "500m"}],
    }


async def test_a_workload_whose_pods_may_not_be_listed_has_no_totals(ask: Ask) -> None:
    sender = LimitedSender(measured_cluster("a"), {POD: ["shop"]})

    answer = await ask(sender)("{ deployments { nodes { namespace requested { cpu } usage { cpu } } } }")

    assert data_of(answer)["deployments"]["nodes"] == [
        {"namespace": "shop", "requested": {"cpu": "200m"}, "usage": {"cpu": "50m"}},
        {"namespace": "tools", "requested": None, "usage": None},
    ]
    refused = "cluster 'a': its RBAC does not allow to list pods in namespace tools."
    assert {error["message"] for error in answer.errors} == {refused}


async def test_a_workload_of_which_the_kind_between_may_not_be_listed(ask: Ask) -> None:
    sender = LimitedSender(measured_cluster("a"), {REPLICA_SET: ["shop"]})

    answer = await ask(sender)("{ deployments { nodes { requested { cpu } } } }")

    assert [row["requested"] for row in data_of(answer)["deployments"]["nodes"]] == [{"cpu": "200m"}, None]
    refused = "cluster 'a': its RBAC does not allow to list replicasets.apps in namespace tools."
    assert [error["message"] for error in answer.errors] == [refused]


async def test_sums_without_clusters_that_have_no_metrics_say_so(ask: Ask) -> None:
    clusters = [measured_cluster("a"), measured_cluster("b", has_metrics=False)]
    sums = 'groups(by: ["cluster.name"]) { key sum(path: "usage.cpu") count }'

    answer = await ask(*clusters)(f"{{ pods {{ {sums} clusters {{ notes {{ code }} }} }} }}")

    assert not answer.errors
    assert data_of(answer)["pods"] == {
        "groups": [{"key": ["a"], "sum": "120m", "count": 4}, {"key": ["b"], "sum": None, "count": 4}],
        "clusters": [{"notes": []}, {"notes": [{"code": "NOT_SERVED"}]}],
    }


async def test_hostile_nodes_cost_only_their_own_values(ask: Ask) -> None:
    cluster = measured_cluster("a", pods=1)
    used = ["1e400", "-1", "9" * 400, "9223372036854775808E", "-9223372036854775808", 10**400, -1.5, None, "x", "1"]
    offered: list[Any] = [None, {}, {"cpu": "0"}, {"cpu": "-2"}, {"cpu": "x"}, {"cpu": "1e99"}]
    labels = {f"label-{number}": "x" for number in range(10_000)}
    nodes: list[Any] = [
        {"metadata": {"name": f"n-{number}", "labels": labels}, "status": {"allocatable": offered[number % 6]}}
        for number in range(len(used))
    ]
    metrics: list[Any] = [
        {"metadata": {"name": f"n-{number}"}, "usage": {"cpu": cpu, "memory": cpu}, "timestamp": "never", "window": "-"}
        for number, cpu in enumerate(used[:-1])
    ]
    metrics.append({"metadata": {"name": "n-9"}, "usage": {"cpu": "500m", "memory": "1Gi"}})
    cluster.objects = lambda kind: nodes if kind == NODE else metrics if kind == NODE_METRICS else []
    fields = "name usage { cpu memory window timestamp } usageRatio { cpu memory } requested { cpu } free { cpu }"

    answer = await ask(cluster)(
        f"{{ nodes {{ nodes {{ {fields} }} }} clusters {{ usage {{ cpu }} usageRatio {{ cpu }} free {{ cpu }} }} }}"
    )

    assert not answer.errors
    rows = {row["name"]: row for row in data_of(answer)["nodes"]["nodes"]}
    assert len(rows) == len(used)
    assert rows["n-9"]["usage"]["cpu"] == "500m"
    assert rows["n-0"]["usage"]["cpu"] is None
    assert rows["n-1"]["usage"]["cpu"] == "-1"
    assert rows["n-2"]["usageRatio"]["cpu"] is None
    assert rows["n-0"]["requested"] == {"cpu": "0"}
