"""`usageOver`: points of each object; one query for each cluster; a reason where there is no history."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from graph.answer import Answer
from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.errors import ClusterError, Forbidden, ServerFailed, StatusError, TimedOut, Unauthenticated
from k8s.kinds.metrics import NODE_METRICS, POD_METRICS
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from resolvers.caller import OPERATOR
from resolvers.limits import MemoryLimits, OperationLimits
from resolvers.memory.budget import MemoryBudget
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from tests.graph.fleets import CURSOR_KEY, REGISTERED_AT
from tests.graph.history.recorded import SERVICE, Recorded, Series, asking, cpu, fleet, memory, pod_series
from tests.graph.usage.measured import NAMESPACES, measured_cluster

HOUR = 'usageOver(range: "1h", step: "20m") { cpu { time value } memory { value } }'
CPU = 'usageOver(range: "1h", step: "20m") { cpu { value } }'
FOUR = (("shop", "web-0"), ("tools", "web-1"), ("shop", "web-2"), ("tools", "web-3"))
"""The places of the pods of `measured_cluster`."""


def data_of(answer: Answer) -> Any:
    """Returns the data as clients get it."""
    assert not answer.errors, answer.errors
    return msgspec.to_builtins(answer.data)


def error_of(answer: Answer) -> Any:
    """Returns the only error."""
    [error] = answer.errors
    return error


def values(points: list[Mapping[str, Any]]) -> list[float]:
    return [point["value"] for point in points]


async def test_points_of_pods(engine: Engine) -> None:
    recorded = Recorded("a", pod_series(*FOUR))

    answer = await asking(engine, (measured_cluster("a"), recorded))(f"{{ pods {{ nodes {{ name {HOUR} }} }} }}")

    for pod in data_of(answer)["pods"]["nodes"]:
        assert values(pod["usageOver"]["cpu"]) == [0.0, 0.25, 0.5, 0.75]
        assert values(pod["usageOver"]["memory"]) == [1024.0, 2048.0, 3072.0, 4096.0]
        times = [point["time"] for point in pod["usageOver"]["cpu"]]
        assert times == sorted(times)
        assert all(time[14:] in {"00:00Z", "20:00Z", "40:00Z"} for time in times)


async def test_one_query_for_each_cluster(engine: Engine) -> None:
    one, other = Recorded("a", pod_series(*FOUR)), Recorded("b", pod_series(*FOUR))
    ask = asking(engine, (measured_cluster("a"), one), (measured_cluster("b"), other))

    data_of(await ask(f"{{ pods {{ nodes {{ {HOUR} same: {HOUR} }} }} }}"))

    assert (len(one.calls), len(other.calls)) == (1, 1)
    assert one.calls[0].query[1:4] == other.calls[0].query[1:4]


async def test_only_selected_resources_are_asked_for(engine: Engine) -> None:
    recorded = Recorded("a", pod_series(*FOUR))

    answer = await asking(engine, (measured_cluster("a"), recorded))(f"{{ pods {{ nodes {{ {CPU} }} }} }}")

    assert data_of(answer)["pods"]["nodes"][0]["usageOver"] == {"cpu": [{"value": cpu(step)} for step in range(4)]}
    assert "memory" not in recorded.queries[0]


async def test_containers(engine: Engine) -> None:
    recorded = Recorded("a", pod_series(("shop", "web-0"), container="app"))

    answer = await asking(engine, (measured_cluster("a", pods=1), recorded))(
        f"{{ pods {{ nodes {{ containers {{ name {CPU} }} }} }} }}"
    )

    app, proxy = data_of(answer)["pods"]["nodes"][0]["containers"]
    assert values(app["usageOver"]["cpu"]) == [0.0, 0.25, 0.5, 0.75]
    assert proxy == {"name": "proxy", "usageOver": None}


async def test_nodes_by_name_and_by_address_of_the_scrape(engine: Engine) -> None:
    def of_node(value: float, **labels: str) -> Series:
        return Series({"resource": "cpu", **labels}, lambda _step: value)

    by_name = of_node(2.0, node="node-0", instance="10.0.0.7:10250")
    of_second_scrape = of_node(3.0, instance="node-0:9100")
    recorded = Recorded("a", [by_name, of_second_scrape, of_node(1.0, instance="node-1"), of_node(9.0, node="gone")])

    answer = await asking(engine, (measured_cluster("a"), recorded))(f"{{ nodes {{ nodes {{ {CPU} }} }} }}")

    assert [values(node["usageOver"]["cpu"])[0] for node in data_of(answer)["nodes"]["nodes"]] == [3.0, 1.0]


async def test_namespaces_and_clusters(engine: Engine) -> None:
    sums = [Series({"namespace": "shop", "resource": "cpu"}, cpu)]
    whole = [Series({"resource": "cpu"}, lambda _step: 7.0)]
    namespaces, clusters = Recorded("a", sums), Recorded("a", whole)

    of_namespaces = await asking(engine, (measured_cluster("a"), namespaces))(
        f"{{ namespaces {{ nodes {{ name {CPU} }} }} }}"
    )
    of_clusters = await asking(engine, (measured_cluster("a"), clusters))(f"{{ clusters {{ {CPU} }} }}")

    shop, tools = data_of(of_namespaces)["namespaces"]["nodes"]
    assert (values(shop["usageOver"]["cpu"]), tools["usageOver"]) == ([0.0, 0.25, 0.5, 0.75], None)
    assert values(data_of(of_clusters)["clusters"][0]["usageOver"]["cpu"]) == [7.0] * 4


@pytest.mark.parametrize(
    ("controllers", "list_"),
    [
        (("Deployment", "ReplicaSet"), "deployments"),
        (("ReplicaSet", None), "replicaSets"),
        (("Job", None), "jobs"),
        (("CronJob", "Job"), "cronJobs"),
    ],
)
async def test_workloads_have_the_sums_of_their_pods(
    engine: Engine, controllers: tuple[str, str | None], list_: str
) -> None:
    recorded = Recorded("a", pod_series(*FOUR, ("shop", "of-another")))

    answer = await asking(engine, (measured_cluster("a", controllers=controllers), recorded))(
        f"{{ {list_} {{ nodes {{ namespace {HOUR} }} }} }}"
    )

    nodes = data_of(answer)[list_]["nodes"]
    assert [node["namespace"] for node in nodes] == list(NAMESPACES)
    assert [values(node["usageOver"]["memory"]) for node in nodes] == [[2048.0, 4096.0, 6144.0, 8192.0]] * 2
    assert len(recorded.calls) == 1


async def test_gaps_and_values_that_are_no_numbers(engine: Engine) -> None:
    def with_gaps(step: int) -> float | str | None:
        return {0: None, 1: "NaN", 2: "+Inf"}.get(step, 1.5)

    series = [Series({"namespace": "shop", "pod": "web-0", "resource": "cpu"}, with_gaps)]

    answer = await asking(engine, (measured_cluster("a", pods=1), Recorded("a", series)))(
        f"{{ pods {{ nodes {{ {HOUR} }} }} }}"
    )

    usage = data_of(answer)["pods"]["nodes"][0]["usageOver"]
    assert (values(usage["cpu"]), usage["memory"]) == ([1.5], [])


async def test_series_of_objects_that_the_caller_did_not_get(engine: Engine) -> None:
    recorded = Recorded("a", pod_series(*FOUR, ("kube-system", "web-0")))

    answer = await asking(engine, (measured_cluster("a"), recorded))(
        f'{{ pods(namespaces: ["shop"], first: 1) {{ nodes {{ namespace name {CPU} }} }} }}'
    )

    assert [(pod["namespace"], pod["name"]) for pod in data_of(answer)["pods"]["nodes"]] == [("shop", "web-0")]
    assert 'namespace=~"shop"' in recorded.queries[0]
    assert 'pod=~"web-0"' in recorded.queries[0]


async def notes(engine: Engine, recorded: Recorded | None, **options: Any) -> list[dict[str, str]]:
    """Returns the notes of a list of pods, none of which has a history."""
    answer = await asking(engine, (measured_cluster("a"), recorded), **options)(
        f"{{ pods {{ nodes {{ name {HOUR} }} clusters {{ error {{ code }} notes {{ code message }} }} }} }}"
    )
    pods = data_of(answer)["pods"]
    assert [pod["usageOver"] for pod in pods["nodes"]] == [None] * 4
    [report] = pods["clusters"]
    assert report["error"] is None
    found: list[dict[str, str]] = report["notes"]
    return found


async def test_a_cluster_without_a_prometheus(engine: Engine) -> None:
    assert await notes(engine, None) == [
        {
            "code": "NOT_CONFIGURED",
            "message": "it has no Prometheus, which has the history of usage; `fleetgraph clusters prometheus` sets "
            "its address.",
        }
    ]


async def test_a_snapshot(engine: Engine) -> None:
    [note] = await notes(engine, None, taken_at=REGISTERED_AT)

    assert note == {"code": "NOT_SERVED", "message": "it is a snapshot, which has no history of usage."}


async def test_a_prometheus_without_the_series(engine: Engine) -> None:
    assert await notes(engine, Recorded("a")) == [
        {"code": "NO_DATA", "message": "its Prometheus has no usage of these objects in this range of time."}
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimedOut("a", "no complete answer to get services/proxy within its 10 s."), "UNAVAILABLE"),
        (ServerFailed("a", "HTTP 503.", status=503), "UNAVAILABLE"),
        (Forbidden("a", "its RBAC does not allow to get services/proxy.", status=403), "FORBIDDEN"),
        (Unauthenticated("a", "its token has expired.", status=401), "FORBIDDEN"),
    ],
)
async def test_a_prometheus_that_does_not_answer(engine: Engine, error: ClusterError, code: str) -> None:
    if isinstance(error, StatusError):
        error.is_of_kubernetes = True

    [note] = await notes(engine, Recorded("a", error=error), address=SERVICE)

    assert note["code"] == code


async def test_a_prometheus_that_wants_a_credential(engine: Engine) -> None:
    error = Unauthenticated("a", "HTTP 401.", status=401)

    [note] = await notes(engine, Recorded("a", error=error))

    assert note == {
        "code": "UNAVAILABLE",
        "message": "its Prometheus answered HTTP 401; it must answer queries without a credential.",
    }


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b'{"status":"error"}', b'{"status":"success","data":{"resultType":"vector","result":[]}}'],
)
async def test_a_prometheus_that_answers_anything(engine: Engine, answer: bytes) -> None:
    [note] = await notes(engine, Recorded("a", answer=answer))

    assert note["code"] == "UNAVAILABLE"


async def test_a_prometheus_that_sends_other_labels(engine: Engine) -> None:
    other = [Series({"namespace": "shop", "pod": "web-0", "resource": "disk"}, cpu), Series({"resource": "cpu"}, cpu)]
    hostile = Recorded(
        "a", [*other, Series({"namespace": "shop", "pod": "web-0", "x": "y", "resource": "memory"}, memory)]
    )
    hostile.series = [Series({**one.labels, "resource": "cpu"}, one.value) for one in hostile.series[1:]] + other[:1]

    answer = await asking(engine, (measured_cluster("a", pods=1), hostile))(f"{{ pods {{ nodes {{ {HOUR} }} }} }}")

    assert values(data_of(answer)["pods"]["nodes"][0]["usageOver"]["cpu"]) == [1024.0, 2048.0, 3072.0, 4096.0]


async def test_series_of_others_cost_a_small_page_nothing(engine: Engine) -> None:
    others = [(namespace, f"other-{number}") for namespace in NAMESPACES for number in range(50)]
    ask = asking(engine, (measured_cluster("a"), Recorded("a", pod_series(*others, *FOUR))))

    answer = await ask(f"{{ pods {{ nodes {{ {HOUR} }} }} }}", limits=OperationLimits(history_points=32))

    assert all(values(pod["usageOver"]["cpu"]) == [0.0, 0.25, 0.5, 0.75] for pod in data_of(answer)["pods"]["nodes"])


async def test_more_points_than_the_rows_need_are_refused(engine: Engine) -> None:
    [note] = await notes(engine, Recorded("a", [one for n in range(9) for one in pod_series(*FOUR, x=str(n))]))

    assert note == {"code": "UNAVAILABLE", "message": "the answer of its Prometheus has more than 128 points."}


async def test_the_memory_of_the_points_is_charged(engine: Engine) -> None:
    pods = fleet((measured_cluster("a"), Recorded("a", pod_series(*FOUR))))
    long = 'usageOver(range: "1h", step: "15s") { cpu { value } memory { value } }'

    def operation() -> Operation:
        budget = MemoryBudget(MemoryLimits(operation_bytes=200_000))
        return Operation(pods, caller=OPERATOR, cursor_key=CURSOR_KEY, memory=budget.share("somebody"))

    data_of(await engine.execute(GraphqlRequest(f"{{ pods {{ nodes {{ {HOUR} }} }} }}", None), operation()))
    refused = await engine.execute(GraphqlRequest(f"{{ pods {{ nodes {{ {long} }} }} }}", None), operation())

    assert "FLEETGRAPH_MAX_OPERATION_MEMORY_BYTES" in error_of(refused)["message"]


@pytest.mark.parametrize("list_", ["pods", "nodes", "deployments", "namespaces"])
async def test_values_of_a_partial_answer_have_a_note(engine: Engine, list_: str) -> None:
    nodes = [Series({"node": "node-0", "resource": "cpu"}, cpu), Series({"namespace": "shop", "resource": "cpu"}, cpu)]
    series = [*pod_series(*FOUR), *nodes] if list_ in {"pods", "deployments"} else nodes
    recorded = Recorded("a", series, warnings=["s3cret 10.0.0.1"])

    answer = await asking(engine, (measured_cluster("a", controllers=("Deployment", "ReplicaSet")), recorded))(
        f"{{ {list_} {{ nodes {{ {CPU} }} clusters {{ notes {{ code message }} }} }} }}"
    )

    found = data_of(answer)[list_]
    assert values(found["nodes"][0]["usageOver"]["cpu"])
    assert found["clusters"][0]["notes"] == [
        {
            "code": "PARTIAL",
            "message": "its Prometheus warns that its answer may be incomplete; values may be too small, or missing.",
        }
    ]


async def test_series_without_a_usable_point_are_no_data(engine: Engine) -> None:
    series = [Series({"namespace": "shop", "pod": "web-0", "resource": "cpu"}, lambda _step: "NaN")]

    assert [note["code"] for note in await notes(engine, Recorded("a", series))] == ["NO_DATA"]


async def test_explain_has_the_queries(engine: Engine) -> None:
    recorded, explanation = Recorded("a", pod_series(*FOUR)), Explanation()

    operation = Operation(
        fleet((measured_cluster("a"), recorded)), caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=explanation
    )
    data_of(await engine.execute(GraphqlRequest(f"{{ pods {{ nodes {{ {CPU} }} }} }}", None), operation))

    paths = [request.path for request in explanation.requests if "query_range" in request.path]
    assert paths == ["/api/v1/query_range?" + "&".join(f"{name}={value}" for name, value in recorded.calls[0].query)]


async def test_a_prometheus_has_a_deadline_of_its_own(engine: Engine) -> None:
    recorded = Recorded("a", pod_series(*FOUR))
    ask = asking(engine, (measured_cluster("a"), recorded))

    await ask(f"{{ pods {{ nodes {{ {CPU} }} }} }}", limits=OperationLimits(cluster_timeout_s=60.0))
    await ask(f"{{ pods {{ nodes {{ {CPU} }} }} }}", limits=OperationLimits(cluster_timeout_s=3.0))

    assert recorded.deadlines == [10.0, 3.0]


async def test_a_caller_sees_the_history_of_namespaces_whose_usage_it_may_see(engine: Engine) -> None:
    recorded = Recorded("a", pod_series(*FOUR))
    visible = {POD_METRICS: ("shop",), NODE_METRICS: ()}

    answer = await asking(engine, (measured_cluster("a"), recorded), visible=visible)(
        f"{{ pods {{ nodes {{ namespace {CPU} }} clusters {{ notes {{ code message }} }} }} }}"
    )

    pods = data_of(answer)["pods"]
    assert {pod["namespace"]: pod["usageOver"] is not None for pod in pods["nodes"]} == {"shop": True, "tools": False}
    assert pods["clusters"][0]["notes"] == [
        {"code": "FORBIDDEN", "message": "its RBAC does not allow to list pods.metrics.k8s.io in namespace tools."}
    ]
    assert "tools" not in recorded.queries[0]


@pytest.mark.parametrize("list_", ["nodes", "namespaces", "pods", "deployments"])
async def test_a_direct_prometheus_is_not_asked_for_a_caller_without_rights(engine: Engine, list_: str) -> None:
    recorded = Recorded("a", pod_series(*FOUR))

    answer = await asking(engine, (measured_cluster("a"), recorded), visible={POD_METRICS: (), NODE_METRICS: ()})(
        f"{{ {list_} {{ nodes {{ {CPU} }} clusters {{ notes {{ code }} }} }} }}"
    )

    found = data_of(answer)[list_]
    assert all(node["usageOver"] is None for node in found["nodes"])
    assert {note["code"] for note in found["clusters"][0]["notes"]} == {"FORBIDDEN"}
    assert recorded.calls == []


async def test_through_the_api_server_its_own_rights_decide(engine: Engine) -> None:
    recorded = Recorded("a", pod_series(*FOUR))

    answer = await asking(
        engine, (measured_cluster("a"), recorded), address=SERVICE, visible={POD_METRICS: (), NODE_METRICS: ()}
    )(f"{{ pods {{ nodes {{ {CPU} }} }} }}")

    assert all(pod["usageOver"] for pod in data_of(answer)["pods"]["nodes"])
    assert recorded.calls[0].path == ("/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query_range")


async def test_masked_usage_has_no_history(engine: Engine) -> None:
    recorded = Recorded("a", pod_series(*FOUR))
    masking = Masking(masked_paths("metrics.k8s.io/PodMetrics:containers.usage.memory"))
    ask = asking(engine, (measured_cluster("a"), recorded), masking=masking)

    hidden = data_of(await ask(f"{{ pods {{ nodes {{ {HOUR} }} clusters {{ notes {{ code }} }} }} }}"))["pods"]
    shown = data_of(await ask(f"{{ pods {{ nodes {{ {CPU} }} }} }}"))["pods"]

    assert hidden == {"nodes": [{"usageOver": None}] * 4, "clusters": [{"notes": [{"code": "MASKED"}]}]}
    assert all(pod["usageOver"]["cpu"] for pod in shown["nodes"])
    assert len(recorded.calls) == 1


async def test_too_many_points_are_refused_before_any_query(engine: Engine) -> None:
    recorded = Recorded("a", pod_series(*FOUR))
    ask = asking(engine, (measured_cluster("a"), recorded))

    answer = await ask(f"{{ pods {{ nodes {{ name {HOUR} }} }} }}", limits=OperationLimits(history_points=31))

    error = error_of(answer)
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["message"] == (
        "usageOver: 32 points; the limit of a query is 31 (FLEETGRAPH_MAX_HISTORY_POINTS). Ask for fewer objects, a "
        "longer step, or one of cpu and memory."
    )
    assert [pod["name"] for pod in msgspec.to_builtins(answer.data)["pods"]["nodes"]] == [
        name for _, name in sorted(FOUR)
    ]
    assert recorded.calls == []


async def test_objects_of_clusters_without_a_prometheus_have_no_points(engine: Engine) -> None:
    ask = asking(engine, (measured_cluster("a"), None))

    data_of(await ask(f"{{ pods {{ nodes {{ {HOUR} }} }} }}", limits=OperationLimits(history_points=31)))


async def test_an_invalid_argument_sends_nothing(engine: Engine) -> None:
    cluster, recorded = measured_cluster("a"), Recorded("a")

    answer = await asking(engine, (cluster, recorded))(
        '{ pods { nodes { usageOver(range: "soon") { cpu { value } } } } }'
    )

    error = error_of(answer)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert (cluster.calls, recorded.calls) == ([], [])


async def test_no_path_leads_to_it(engine: Engine) -> None:
    answer = await asking(engine, (measured_cluster("a"), None))(
        '{ pods(orderBy: [{path: "usageOver.cpu.value"}]) { nodes { name } } }'
    )

    error = error_of(answer)
    assert "usageOver takes arguments, and a path has none; select it instead." in error["message"]


async def test_the_ordinary_execution_finds_the_same(engine: Engine) -> None:
    ask = asking(engine, (measured_cluster("a"), Recorded("a", pod_series(*FOUR))))
    query = f'{{ pods {{ nodes {{ name {CPU} all: usageOver(range: "1h") {{ memory {{ t: time value }} }} }} }} }}'

    assert data_of(await ask(query)) == data_of(await ask(query, is_ordinary=True))
