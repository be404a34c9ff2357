"""The outputs in docs/demo.md are real."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from demo.fleet.company.profile import PROFILES
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.operationexecutor import OperationExecutor
from server.serve.demofleet import opened_demo_executor
from server.settings.settings import Settings

DOCUMENT = (Path(__file__).parents[3] / "docs" / "demo.md").read_text()
QUERIES = {
    re.findall(r"query (\w+)", query)[0]: query
    for query in re.findall(r"^```graphql\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
}
Answer = dict[str, Any]  # JSON of any shape


@pytest.fixture(scope="module")
async def answers() -> AsyncIterator[dict[str, Answer]]:
    """Returns the answer to each query of the document."""
    settings = Settings(operation_timeout_s=600, cluster_timeout_s=300)  # all queries at once, on a busy machine
    async with opened_demo_executor(settings, is_frozen=True) as executor:
        found = await asyncio.gather(*(_answer(executor, query) for query in QUERIES.values()))
        yield dict(zip(QUERIES, found, strict=True))


async def _answer(executor: OperationExecutor, query: str) -> Answer:
    found: Answer = json.loads((await executor.execute(GraphqlRequest(query), OPERATOR)).to_json())
    return found


def _names(nodes: list[Answer]) -> set[str]:
    return {f"{node['cluster']['name']} {node.get('namespace', '')}/{node['name']}" for node in nodes}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_finds_something_and_fails_for_the_cluster_that_is_down_alone(
    answers: dict[str, Answer], name: str
) -> None:
    answer = answers[name]

    assert {error["extensions"]["cluster"] for error in answer.get("errors", ())} <= {"dr-us-2"}
    for found in answer["data"].values():
        assert found if isinstance(found, list) else found.get("nodes") or found["groups"]


def test_every_cluster_is_in_the_table() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| ([\w-]+) \| ([\w.+-]+) \|", DOCUMENT, re.MULTILINE)

    assert rows == [
        (profile.name, profile.region, profile.version if profile.is_reachable else "-") for profile in PROFILES
    ]


def test_the_worst_pods(answers: dict[str, Answer]) -> None:
    pods = answers["WorstPods"]["data"]["pods"]

    restarts = [node["restarts"] for node in pods["nodes"]]
    assert restarts == sorted(restarts, reverse=True)
    assert restarts[0] > 40
    assert {"CrashLoopBackOff"} == {node["reason"] for node in pods["nodes"]}
    assert {
        cluster["cluster"]["name"]: cluster["status"] for cluster in pods["clusters"] if cluster["status"] != "OK"
    } == {"dr-us-2": "UNREACHABLE"}


def test_stuck_rollouts(answers: dict[str, Answer]) -> None:
    found = {
        f"{node['cluster']['name']} {node['name']}": node
        for node in answers["StuckRollouts"]["data"]["deployments"]["nodes"]
    }

    stuck = found["prod-eu-1 checkout-api"]
    assert stuck["rollout"] == {"reason": "It exceeded its progress deadline."}
    assert {pod["reason"] for pod in stuck["pods"]["nodes"]} == {"ImagePullBackOff"}
    assert {"staging-eu-1 pricing", "staging-eu-1 query-api", "prod-us-1 ledger-worker"} <= found.keys()


def test_nodes_in_trouble(answers: dict[str, Answer]) -> None:
    nodes = answers["Nodes"]["data"]["nodes"]["nodes"]

    assert [(node["cluster"]["name"], node["ready"]) for node in nodes] == [("prod-eu-1", False), ("prod-us-1", True)]
    reasons = {pod["name"]: pod["reason"] for pod in nodes[0]["pods"]["nodes"]}
    assert reasons["kafka-3"] == "Terminating"


def test_which_image_runs_where(answers: dict[str, Answer]) -> None:
    nodes = answers["WhichImageWhere"]["data"]["deployments"]["nodes"]
    images = {node["cluster"]["name"]: node["spec"]["template"]["spec"]["containers"][0]["image"] for node in nodes}

    assert len(images) == 5
    assert len(set(images.values())) >= 3
    versions = {node["cluster"]["name"]: len(node["pods"]["groups"]) for node in nodes}
    assert {name: count for name, count in versions.items() if count > 1} == {"prod-eu-1": 2}


def test_what_waits(answers: dict[str, Answer]) -> None:
    found = answers["Waiting"]["data"]

    assert {name.rpartition("-")[0] for name in _names(found["pods"]["nodes"])} >= {"edge-berlin data/telemetry-buffer"}
    assert _names(found["persistentVolumeClaims"]["nodes"]) == {"edge-berlin data/data-telemetry-buffer-1"}
    assert {name.rpartition("-")[0] for name in _names(found["jobs"]["nodes"])} == {
        "prod-us-1 search/reindex-catalogue",
        "staging-eu-1 payments/settlement-report",
    }


def test_what_has_no_room(answers: dict[str, Answer]) -> None:
    found = answers["OutOfRoom"]["data"]

    applications = {name.rsplit("-", 2)[0] for name in _names(found["pods"]["nodes"])}
    assert applications == {"prod-eu-1 payments/invoice-renderer", "prod-us-1 search/indexer"}
    assert _names(found["horizontalPodAutoscalers"]["nodes"]) == {"prod-ap-1 checkout/checkout-api"}


def test_what_is_nearly_full(answers: dict[str, Answer]) -> None:
    found = answers["NearlyFull"]["data"]

    assert _names(found["nodes"]["nodes"]) == {"edge-berlin /berlin-rack-1-09", "edge-berlin /berlin-rack-2-10"}
    assert {name.split()[0] for name in _names(found["pods"]["nodes"])} == {"prod-ap-1", "prod-us-1"}
    assert all(name.split()[1].startswith("data/") for name in _names(found["pods"]["nodes"]))
    notes = {one["cluster"]["name"]: [note["code"] for note in one["notes"]] for one in found["pods"]["clusters"]}
    assert {name: codes for name, codes in notes.items() if codes} == {"staging-eu-1": ["NOT_SERVED"]}


def test_last_crashes(answers: dict[str, Answer]) -> None:
    nodes = answers["LastCrashes"]["data"]["pods"]["nodes"]

    times = [node["lastTermination"]["at"] for node in nodes]
    assert times == sorted(times, reverse=True)
    assert {node["lastTermination"]["reason"] for node in nodes} == {"Error", "OOMKilled"}


def test_sidecars_and_pods_without_requests(answers: dict[str, Answer]) -> None:
    nodes = answers["Containers"]["data"]["pods"]["nodes"]

    classes = {node["status"]["qosClass"]: node for node in nodes}
    assert classes["BestEffort"]["requests"] == {"cpu": None, "memory": None}
    assert classes["Burstable"]["requests"]["cpu"] == "300m"
    assert [one["kind"] for one in classes["Burstable"]["containers"]] == ["SIDECAR", "APP"]


def test_quotas_equal_what_is_requested(answers: dict[str, Answer]) -> None:
    nodes = answers["Quotas"]["data"]["namespaces"]["nodes"]

    assert len(nodes) == 5
    for node in nodes:
        (quota,) = node["resourceQuotas"]["nodes"]
        used = quota["status"]["used"]
        assert (used["requests.cpu"], used["pods"]) == (node["requested"]["cpu"], str(node["podCount"]))


def test_leaders(answers: dict[str, Answer]) -> None:
    nodes = answers["Leaders"]["data"]["leases"]["nodes"]

    assert len(nodes) == 18
    assert all(node["pod"]["node"]["name"] for node in nodes)


def test_applications(answers: dict[str, Answer]) -> None:
    nodes = answers["Applications"]["data"]["argoprojApplications"]["nodes"]
    found = {f"{node['cluster']['name']} {node['name']}": node for node in nodes}

    assert {name: node["status"]["health"]["status"] for name, node in found.items()} == {
        "edge-berlin data": "Progressing",
        "prod-eu-1 checkout": "Degraded",
        "prod-eu-1 monitoring": "Progressing",
        "prod-us-1 search": "Progressing",
        "staging-eu-1 checkout": "Degraded",
    }
    assert [name for name, node in found.items() if node["condition"]] == ["edge-berlin data"]


def test_certificates(answers: dict[str, Answer]) -> None:
    nodes = answers["Certificates"]["data"]["certManagerCertificates"]["nodes"]

    assert _names(nodes) == {"prod-us-1 monitoring/grafana-tls", "edge-berlin checkout/checkout-web-tls"}
    assert {node["name"]: node["health"]["status"] for node in nodes} == {
        "grafana-tls": "InProgress",
        "checkout-web-tls": "Current",
    }
    for node in nodes:
        assert node["owner"] == {"kind": "Ingress", "name": node["name"].removesuffix("-tls")}
        assert [owned["condition"]["reason"] for owned in node["owned"]] == ["Issued", "Failed"]


def test_routes(answers: dict[str, Answer]) -> None:
    found = answers["Routes"]["data"]["gatewayNetworkingK8sHTTPRoutes"]

    assert _names(found["nodes"]) == {"staging-eu-1 checkout/checkout-api"}
    status = {cluster["cluster"]["name"]: cluster["status"] for cluster in found["clusters"]}
    assert (status["prod-ap-1"], status["edge-berlin"]) == ("OK", "NOT_SERVED")


def test_health_of_everything(answers: dict[str, Answer]) -> None:
    counts = {tuple(group["key"]): group["count"] for group in answers["Health"]["data"]["categories"]["groups"]}

    assert counts["Certificate", "InProgress"] == 1
    assert counts["CertificateRequest", "InProgress"] == 2
    assert counts["HTTPRoute", "Current"] == 13
    assert counts["Pod", "Failed"] > 10


def test_secrets_are_masked_and_show_their_tool(answers: dict[str, Answer]) -> None:
    found = answers["Managed"]["data"]["objects"]

    assert [group["key"] for group in found["groups"]] == [["Argo CD", "monitoring"], [None, None]]
    assert all("data:" in node["manifest"] and "demo" not in node["manifest"] for node in found["nodes"])


def test_warnings(answers: dict[str, Answer]) -> None:
    reasons = {node["reason"] for node in answers["Warnings"]["data"]["events"]["nodes"]}

    assert {"BackOff", "FailedScheduling"} <= reasons


def test_objects_that_nothing_uses(answers: dict[str, Answer]) -> None:
    found = answers["Unused"]["data"]

    assert _names(found["configMaps"]["nodes"]) == {
        "prod-us-1 checkout/checkout-api-config-v1",
        "staging-eu-1 search/query-api-experiment",
    }
    assert _names(found["secrets"]["nodes"]) == {
        "prod-eu-1 payments/payments-api-credentials-2025",
        "staging-eu-1 identity/identity-api-signing-key-old",
    }


def test_services_without_pods(answers: dict[str, Answer]) -> None:
    nodes = answers["NoEndpoints"]["data"]["services"]["nodes"]

    assert _names([node for node in nodes if not node["endpointCounts"]["total"]]) == {
        "prod-ap-1 checkout/cart-v1",
        "prod-us-1 search/suggest-beta",
    }


def test_variables_whose_secret_lacks_the_key(answers: dict[str, Answer]) -> None:
    pods = answers["MissingKeys"]["data"]["pods"]["nodes"]

    assert {pod["cluster"]["name"] for pod in pods} == {"prod-us-1"}
    assert {
        one["error"] for pod in pods for container in pod["containers"] for one in container["env"] if one["error"]
    } == {"couldn't find key coupon-signing-key in Secret checkout/promotions-credentials"}


def test_certificates_that_end_soon(answers: dict[str, Answer]) -> None:
    nodes = answers["EndingCertificates"]["data"]["secrets"]["nodes"]

    assert _names(nodes) >= {"edge-berlin checkout/checkout-web-tls", "prod-us-1 monitoring/grafana-tls"}
