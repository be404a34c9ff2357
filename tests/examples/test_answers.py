"""The output of the examples for the demo fleet."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from typing import TypedDict

import httpx
import pytest

from tests.demo.serving import DemoServer
from tests.examples.running import run

SILENCE = "missing: cluster 'dr-us-2': no connection (Connection refused)."
QUERY = """
{
  pods {
    nodes {
      cluster { name } namespace name reason ready restarts
      spec { initContainers { image } containers { image } }
    }
  }
}
"""


class Container(TypedDict):
    image: str


class PodSpec(TypedDict):
    initContainers: list[Container] | None
    containers: list[Container]


class Pod(TypedDict):
    cluster: Mapping[str, str]
    namespace: str
    name: str
    reason: str
    ready: bool
    restarts: int
    spec: PodSpec


@pytest.fixture(scope="module")
def pods(demo_server: DemoServer) -> list[Pod]:
    """Returns all pods, without an example."""
    answer = httpx.post(f"{demo_server.url}/graphql", json={"query": QUERY}, timeout=60)
    found: list[Pod] = answer.json()["data"]["pods"]["nodes"]
    return found


def test_trouble_shows_the_pods_in_trouble_and_what_is_missing(demo_server: DemoServer, pods: list[Pod]) -> None:
    ran = run("trouble.py", url=demo_server.url)

    shown = [line.split()[:4] for line in ran.stdout[1:]]
    restarts = [int(item[3]) for item in shown]
    assert ran.stdout[0].split() == ["CLUSTER", "POD", "STATUS", "RESTARTS", "NODE", "DEPLOYMENT"]
    assert sorted(shown) == sorted(_line(pod) for pod in pods if _is_in_trouble(pod, restarts=10))
    assert restarts == sorted(restarts, reverse=True)
    assert shown[0][0] == "prod-us-1"
    assert any(line.endswith("ledger-worker 0/8") for line in ran.stdout)
    assert (ran.stderr, ran.exit_code) == ([SILENCE], 1)


def test_trouble_of_some_clusters(demo_server: DemoServer, pods: list[Pod]) -> None:
    ran = run("trouble.py", "--labels", "env=edge", "--restarts", "2", url=demo_server.url)

    edge = [pod for pod in pods if pod["cluster"]["name"] == "edge-berlin"]
    shown = sorted(line.split()[:4] for line in ran.stdout[1:])
    assert shown == sorted(_line(pod) for pod in edge if _is_in_trouble(pod, restarts=2))
    assert (ran.stderr, ran.exit_code) == ([], 1)


def test_images_counts_pods_by_image_cluster_and_namespace(demo_server: DemoServer, pods: list[Pod]) -> None:
    ran = run("images.py", url=demo_server.url)

    counted: Counter[tuple[str, ...]] = Counter()
    for pod in pods:
        place = (pod["cluster"]["name"], pod["namespace"])
        roles = {"container": pod["spec"]["containers"], "init container": pod["spec"]["initContainers"] or []}
        for role, containers in roles.items():
            counted.update((image, *place, role) for image in {container["image"] for container in containers})
    assert list(csv.reader(ran.stdout)) == [
        ["image", "cluster", "namespace", "as", "pods"],
        *([*place, str(count)] for place, count in sorted(counted.items())),
    ]
    assert (ran.stderr, ran.exit_code) == ([SILENCE], 1)


def test_images_of_some_names(demo_server: DemoServer) -> None:
    ran = run("images.py", "postgres", url=demo_server.url)

    assert ran.stdout[1:]
    assert all("postgres" in line.partition(",")[0] for line in ran.stdout[1:])


def test_pages_prints_every_pod_once_and_in_order(demo_server: DemoServer, pods: list[Pod]) -> None:
    ran = run("pages.py", "--page", "500", url=demo_server.url)

    shown = [json.loads(line) for line in ran.stdout]
    assert [(pod["cluster"], pod["namespace"], pod["name"]) for pod in shown] == [
        (pod["cluster"], pod["namespace"], pod["name"]) for pod in pods
    ]
    assert (ran.stderr, ran.exit_code) == ([SILENCE], 1)


def test_pages_of_a_namespace(demo_server: DemoServer) -> None:
    ran = run("pages.py", "--namespace", "payments", url=demo_server.url)

    assert {json.loads(line)["namespace"] for line in ran.stdout} == {"payments"}


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_pages_refuses_a_page_of_nothing(demo_server: DemoServer, size: str) -> None:
    ran = run("pages.py", f"--page={size}", url=demo_server.url)

    assert (ran.stdout, ran.exit_code) == ([], 2)
    assert ran.stderr[-1] == f"pages.py: error: argument --page: invalid size value: '{size}'"


def _is_in_trouble(pod: Pod, *, restarts: int) -> bool:
    is_unready = pod["reason"] == "Running" and not pod["ready"]
    is_fine = pod["reason"] in {"Running", "Completed", "Succeeded"} and not is_unready
    return not is_fine or pod["restarts"] >= restarts


def _line(pod: Pod) -> list[str]:
    return [pod["cluster"]["name"], f"{pod['namespace']}/{pod['name']}", pod["reason"], str(pod["restarts"])]
