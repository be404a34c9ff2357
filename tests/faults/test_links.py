"""A cluster that fails during an operation: its earlier rows stay, its links are null, the others are complete."""

import pytest

from k8s.reading.listing import FIRST_OBJECTS
from tests.controlplane import faults
from tests.controlplane.faults import Hang
from tests.faults.conftest import Faulty
from tests.faults.fleets import CLUSTER_TIMEOUT_S, PODS

pytestmark = pytest.mark.controlplane

QUERY = """{
  pods(labelSelector: "app=faulty") {
    totalCount nodes { name cluster { name } node { name ready pods { totalCount } } }
  }
}"""


async def test_a_link_that_fails_is_null_with_one_error_for_the_cluster(faulty: Faulty) -> None:
    faulty.beta.when("/api/v1/nodes", faults.server_error())

    reply = await faulty.fleet.ask(QUERY)

    rows = reply.data["pods"]["nodes"]
    assert len(rows) == reply.data["pods"]["totalCount"] == 3 * PODS
    assert {row["cluster"]["name"] for row in rows if row["node"] is None} == {"beta"}
    assert sum(row["node"] is None for row in rows) == PODS
    (error,) = reply.errors
    assert error["path"] == ["pods", "nodes", PODS, "node"]
    assert error["extensions"]["cluster"] == "beta"
    assert error["extensions"]["code"] == "CLUSTER_UNREACHABLE"


async def test_two_clusters_whose_link_fails_have_an_error_each(faulty: Faulty) -> None:
    faulty.alpha.when("/api/v1/nodes", faults.forbidden())
    faulty.beta.when("/api/v1/nodes", faults.forbidden())

    reply = await faulty.fleet.ask(QUERY)

    assert [error["path"] for error in reply.errors] == [["pods", "nodes", 0, "node"], ["pods", "nodes", PODS, "node"]]
    assert {error["extensions"]["code"] for error in reply.errors} == {"FORBIDDEN"}


async def test_a_link_to_many_that_fails_is_null_with_one_error(faulty: Faulty) -> None:
    faulty.beta.when("/api/v1/pods", faults.server_error())
    query = """{ nodes { nodes { name cluster { name } pods {
      totalCount nodes { name } clusters { cluster { name } status error { code } }
    } } } }"""

    reply = await faulty.fleet.ask(query)

    rows = reply.data["nodes"]["nodes"]
    failed = [row["pods"] for row in rows if row["cluster"]["name"] == "beta"]
    assert failed == [None] * len(failed)
    first = next(index for index, row in enumerate(rows) if row["cluster"]["name"] == "beta")
    assert [error["path"] for error in reply.errors] == [["nodes", "nodes", first, "pods"]]
    assert [error["extensions"]["code"] for error in reply.errors] == ["CLUSTER_UNREACHABLE"]


async def test_a_cluster_that_hangs_costs_the_links_of_the_others_nothing(faulty: Faulty) -> None:
    faulty.alpha.fault = Hang()

    reply = await faulty.fleet.ask(QUERY)

    rows = reply.data["pods"]["nodes"]
    assert [row["cluster"]["name"] for row in rows] == ["beta"] * PODS + ["living"] * PODS
    assert all(row["node"]["pods"]["totalCount"] >= PODS for row in rows)
    assert len(reply.errors) == 1


async def test_a_link_that_hangs_ends_with_the_cluster_s_one_deadline(faulty: Faulty) -> None:
    faulty.alpha.when(f"/api/v1/pods?limit={FIRST_OBJECTS}&labelSelector", faults.Delay(ms=600))
    faulty.alpha.when("/api/v1/nodes", Hang())

    reply = await faulty.fleet.ask(QUERY)

    (error,) = reply.errors
    assert error["path"] == ["pods", "nodes", 0, "node"]
    assert error["extensions"]["code"] == "CLUSTER_TIMEOUT"
    assert reply.took_s < 2 * CLUSTER_TIMEOUT_S


async def test_a_single_object_of_a_dead_cluster_is_null_with_an_error(faulty: Faulty) -> None:
    faulty.alpha.fault = faults.Refuse()

    reply = await faulty.fleet.ask(
        '{ pod(cluster: "alpha", namespace: "faults", name: "pod-00") { spec { nodeName } } }'
    )

    assert reply.data == {"pod": None}
    assert [(error["path"], error["extensions"]["cluster"]) for error in reply.errors] == [(["pod"], "alpha")]


async def test_a_dead_cluster_is_not_reachable(faulty: Faulty) -> None:
    faulty.alpha.fault = faults.Refuse()

    reply = await faulty.fleet.ask("{ clusters { name reachable version latencyMs } }")

    alpha, beta, living = reply.data["clusters"]
    assert alpha == {"name": "alpha", "reachable": False, "version": None, "latencyMs": None}
    assert [cluster["reachable"] for cluster in (beta, living)] == [True, True]
    assert beta["version"].startswith("v1.")
    assert reply.errors == ()
