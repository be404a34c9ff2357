"""Every fault of one cluster of three: its rows are missing, all others are complete and in time."""

import asyncio
from collections import Counter

import pytest

from k8s.resilience.circuitbreaker import LONGEST_PAUSE_S
from k8s.resilience.throttle import Throttle
from k8s.transport.limits import ConnectionLimits
from tests.controlplane import faults
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.faults import Cut, Hang, Refuse, Truncate
from tests.faults.conftest import Faulty
from tests.faults.fleets import CLUSTER_TIMEOUT_S, PODS, Json, Reply, other_tasks
from tests.faults.shapes import ANSWERING, DEAD, Shape, broken, lost, slow
from tests.k8s.wireserver import until, wire_server

pytestmark = pytest.mark.controlplane

QUERY = """{
  pods(labelSelector: "app=faulty") {
    totalCount
    nodes { name cluster { name } node { name } }
    clusters { cluster { name } status latencyMs observedAt error { code message retryable reason } }
  }
}"""
ALPHA = '{ pods(clusters: {names: ["alpha"]}, labelSelector: "app=faulty") { nodes { name } } }'
WHERE_FORBIDDEN = 5
"""The requests: the list, then the search for readable namespaces: namespaces, rules, a review, and `default`."""


def _rows(reply: Reply) -> list[tuple[str, str]]:
    return [(row["cluster"]["name"], row["name"]) for row in reply.data["pods"]["nodes"]]


def _all_rows(*clusters: str) -> list[tuple[str, str]]:
    return [(cluster, f"pod-{index:02d}") for cluster in clusters for index in range(PODS)]


def _report(reply: Reply, cluster: str) -> Json:
    return next(item for item in reply.data["pods"]["clusters"] if item["cluster"]["name"] == cluster)


def _assert_healthy(reply: Reply) -> None:
    assert reply.errors == ()
    assert _rows(reply) == _all_rows("alpha", "beta", "living")


def _assert_only_alpha_failed(reply: Reply, shape: Shape) -> None:
    assert _rows(reply) == _all_rows("beta", "living")
    assert all(row["node"] for row in reply.data["pods"]["nodes"])
    assert reply.data["pods"]["totalCount"] == 2 * PODS
    (error,) = reply.errors
    assert error["path"] == ["pods"]
    assert shape.message in error["message"]
    assert "injected" not in error["message"]
    wanted = {"code": shape.code, "cluster": "alpha", "retryable": shape.retryable, "reason": shape.reason}
    assert error["extensions"] == wanted | ({"retryAfter": 2} if shape.is_put_off else {})
    report = _report(reply, "alpha")
    assert (report["status"], report["observedAt"]) == (shape.status, None)
    shown = {"code": shape.code, "message": error["message"], "retryable": shape.retryable, "reason": shape.reason}
    assert report["error"] == shown
    assert [_report(reply, name)["status"] for name in ("beta", "living")] == ["OK", "OK"]
    assert all(_report(reply, name)["observedAt"] for name in ("beta", "living"))


@pytest.mark.parametrize("shape", DEAD.values(), ids=DEAD)
async def test_fa_1_fa_2_fa_3_a_dead_cluster(faulty: Faulty, authority: CertificateAuthority, shape: Shape) -> None:
    healthy = await faulty.fleet.ask(QUERY)
    _assert_healthy(healthy)
    shape.put_on(faulty.alpha, authority)
    sent, handshakes, tasks = len(faulty.alpha.requests), faulty.alpha.handshakes, other_tasks()

    broken = await faulty.fleet.ask(QUERY)

    _assert_only_alpha_failed(broken, shape)
    await faulty.soon(lambda: other_tasks() <= tasks)
    assert broken.took_s < 2 * CLUSTER_TIMEOUT_S
    assert len(faulty.alpha.requests) - sent <= 4
    assert faulty.alpha.handshakes - handshakes <= 4

    sent, connections = len(faulty.alpha.requests), faulty.alpha.connections
    again = await faulty.fleet.ask(QUERY)

    _assert_only_alpha_failed(again, Shape(shape.fault, "CLUSTER_UNREACHABLE", "CircuitOpen", message=shape.message))
    assert (len(faulty.alpha.requests), faulty.alpha.connections) == (sent, connections)

    faulty.alpha.certificate = authority.issue()
    faulty.alpha.clear()
    faulty.alpha.fault = probed = faults.Hold()  # so that the others ask before the probe is answered
    faulty.clock.now_s += LONGEST_PAUSE_S
    asking = [asyncio.create_task(faulty.fleet.ask(ALPHA)) for _ in range(20)]
    await until(lambda: sum(task.done() for task in asking) >= 19)
    probed.release()
    together = await asyncio.gather(*asking)

    reasons = Counter(error["extensions"]["reason"] for reply in together for error in reply.errors)
    assert reasons == {"CircuitOpen": 19}
    assert sum(request.path.startswith("/api/v1/pods") for request in faulty.alpha.requests[sent:]) == 1
    _assert_healthy(await faulty.fleet.ask(QUERY))


@pytest.mark.parametrize("shape", ANSWERING.values(), ids=ANSWERING)
async def test_fa_6_fa_7_a_cluster_that_answers_wrongly(
    faulty: Faulty, authority: CertificateAuthority, shape: Shape
) -> None:
    await faulty.fleet.ask(QUERY)
    shape.put_on(faulty.alpha, authority)
    sent = len(faulty.alpha.requests)
    retried = shape.is_put_off or shape.reason in {"ProtocolBroken", "Expired"}
    expected = WHERE_FORBIDDEN if shape.reason == "Forbidden" else 2 if retried else 1
    expected = 4 if shape == ANSWERING["gzip bomb"] else expected  # smaller pages, then one object

    broken = await faulty.fleet.ask(QUERY)

    _assert_only_alpha_failed(broken, shape)
    assert broken.took_s < 2 * CLUSTER_TIMEOUT_S
    assert len(faulty.alpha.requests) - sent == expected

    faulty.alpha.clear()
    faulty.fleet.connections["alpha"].resilience.throttle = Throttle()  # the pause that it asked for is over
    _assert_healthy(await faulty.fleet.ask(QUERY))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_im_8_a_redirect_is_not_followed(faulty: Faulty, status: int) -> None:
    async with wire_server() as elsewhere:
        faulty.alpha.fault = faults.redirect(f"{elsewhere.endpoint.server}/api/v1/pods", status)

        reply = await faulty.fleet.ask(QUERY)

        _assert_only_alpha_failed(reply, broken(faulty.alpha.fault, f"a redirect (HTTP {status})"))
        assert elsewhere.connections == 0


async def test_fa_1_a_host_that_is_not_known(faulty: Faulty) -> None:
    limits = ConnectionLimits(connect_timeout_s=CLUSTER_TIMEOUT_S)
    faulty.fleet.add("alpha", faulty.alpha.cluster, server="https://nowhere.invalid:6443", limits=limits)

    reply = await faulty.fleet.ask(QUERY)

    _assert_only_alpha_failed(reply, lost(Refuse(), "DnsFailed", "its host name is not known (DNS)"))


async def test_null_items_are_no_fault(faulty: Faulty) -> None:
    faulty.alpha.fault = faults.null_items()

    reply = await faulty.fleet.ask(QUERY)

    assert reply.errors == ()
    assert _rows(reply) == _all_rows("beta", "living")
    assert [report["status"] for report in reply.data["pods"]["clusters"]] == ["OK", "OK", "OK"]


async def test_a_delay_is_no_fault(faulty: Faulty) -> None:
    faulty.alpha.fault = faults.Delay(ms=50)

    reply = await faulty.fleet.ask(QUERY)

    _assert_healthy(reply)
    assert _report(reply, "alpha")["latencyMs"] > 50


@pytest.mark.parametrize("fault", [Cut(after_bytes=300), Truncate(after_bytes=300), Cut(before_headers=True)])
@pytest.mark.parametrize("page", [0, 2])
async def test_fa_9_a_page_that_breaks_off_is_asked_for_again(
    faulty: Faulty, small_pages: None, fault: Cut | Truncate, page: int
) -> None:
    faulty.alpha.when("/api/v1/pods", faults.Delay(ms=0), times=page)
    faulty.alpha.when("/api/v1/pods", fault, times=1)

    _assert_healthy(await faulty.fleet.ask(QUERY))

    asked = [request.path for request in faulty.alpha.requests if request.path.startswith("/api/v1/pods")]
    assert len(asked) == 4
    assert len(set(asked)) == 3


async def test_fa_9_a_page_that_keeps_breaking_off_costs_the_whole_cluster(faulty: Faulty, small_pages: None) -> None:
    faulty.alpha.when("/api/v1/pods", faults.Delay(ms=0), times=2)
    faulty.alpha.when("/api/v1/pods", Cut(after_bytes=300))

    reply = await faulty.fleet.ask(QUERY)

    _assert_only_alpha_failed(reply, DEAD["cut within the body"])


async def test_fa_9_a_page_that_hangs_costs_the_whole_cluster_after_its_deadline(
    faulty: Faulty, small_pages: None
) -> None:
    faulty.alpha.when("/api/v1/pods", faults.Delay(ms=0), times=2)
    faulty.alpha.when("/api/v1/pods", Hang())

    reply = await faulty.fleet.ask(QUERY)

    _assert_only_alpha_failed(reply, slow(Hang(), "no complete answer to list pods"))
    assert reply.took_s < 2 * CLUSTER_TIMEOUT_S


async def test_an_expired_token_restarts_the_list(faulty: Faulty, small_pages: None) -> None:
    faulty.alpha.when("/api/v1/pods", faults.Delay(ms=0), times=2)
    faulty.alpha.when("/api/v1/pods", faults.gone(), times=1)

    _assert_healthy(await faulty.fleet.ask(QUERY))


async def test_two_dead_clusters_cost_their_own_rows_only(faulty: Faulty) -> None:
    faulty.alpha.fault = Refuse()
    faulty.beta.fault = Hang()

    reply = await faulty.fleet.ask(QUERY)

    assert _rows(reply) == _all_rows("living")
    assert {error["extensions"]["cluster"]: error["extensions"]["code"] for error in reply.errors} == {
        "alpha": "CLUSTER_UNREACHABLE",
        "beta": "CLUSTER_TIMEOUT",
    }
