"""Registration and health checks: without a cluster first, then with real ones and faults on the wire."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from k8s.apiserver.access import EVERYTHING, ClusterIdentity, Permission
from k8s.apiserver.version import read_version
from k8s.credentials.credential import BearerToken, ClientCertificate, Secret, dump_credential
from k8s.endpoint import Endpoint
from k8s.errors import CredentialUnusable, Forbidden, TimedOut, Unauthenticated, Unreachable
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from resolvers.authorization import ADMINISTRATOR
from resolvers.fleet.network import Network
from resolvers.fleet.probe import SUMMARY_KINDS, ProbeLimits, in_words
from resolvers.fleet.reachability import read_reachability
from resolvers.fleet.registration import (
    Candidate,
    RefusedCandidate,
    Registered,
    check,
    register,
    register_each,
)
from resolvers.fleet.stored import new_cluster
from server.serve.memoryaudit import MemoryAudit
from store.audit.event import AuditEvent
from store.clusters.cluster import OpenedCluster
from store.errors import CredentialUnreadable, InvalidValue, StoreUnavailable
from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import Answer, Hang, RequestFault, forbidden, html_page, server_error
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.controlplane.proxy import FaultProxy
from tests.graph.fleets import cluster_of
from tests.resolvers.fakeclusters import FakeClusters, record
from tests.store.samples import refusing

LIMITS = ProbeLimits(timeout_s=5)
_IDENTITY = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_BOOTSTRAPPED: JsonObject = {"kubernetes.io/bootstrapping": "rbac-defaults"}
TOKEN = BearerToken(Secret("canary-token-71d3"))


def _candidate(name: str, cluster: Cluster | None = None, *, user: str = "admin") -> Candidate:
    """Returns a real cluster, or one at a port where no server listens."""
    if cluster is None:
        return Candidate(name=name, endpoint=Endpoint("https://127.0.0.1:1"), credential=TOKEN)
    endpoint = Endpoint(cluster.server, ca_pem=cluster.ca_pem.decode())
    return Candidate(name=name, endpoint=endpoint, credential=BearerToken(Secret(cluster.token(user))))


def _permissions(*held: str) -> dict[Permission, bool]:
    asked = {Permission.to_list(kind): kind.plural in held for kind in SUMMARY_KINDS}
    return {EVERYTHING: "*" in held, **asked}


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (("*",), "cluster administrator"),
        ((), "may not list anything in all namespaces"),
        (("pods", "nodes"), "may list nodes, pods; may not list namespaces, deployments, services, events, secrets"),
        (tuple(kind.plural for kind in SUMMARY_KINDS), "may list " + ", ".join(kind.plural for kind in SUMMARY_KINDS)),
    ],
)
def test_permissions_in_words(held: tuple[str, ...], words: str) -> None:
    assert in_words(_permissions(*held)) == words


def test_permissions_that_nobody_tells() -> None:
    assert in_words(None) == "unknown, the cluster does not tell"


async def test_without_a_check_a_cluster_is_stored_as_it_is() -> None:
    clusters = FakeClusters()

    registered = await register(clusters, _candidate("a"), log=MemoryAudit(), limits=None)

    assert (registered.probe, registered.replaced) == (None, None)
    assert clusters.added["a"].credential == dump_credential(TOKEN)


async def test_a_cluster_that_does_not_answer_is_not_stored() -> None:
    clusters = FakeClusters()

    with pytest.raises(Unreachable, match="cluster 'a'"):
        await register(clusters, _candidate("a"), log=MemoryAudit(), limits=LIMITS)

    assert clusters.added == {}


async def test_a_name_that_the_store_refuses_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(InvalidValue):
        await register(FakeClusters(), _candidate("Not_A_Name"), log=MemoryAudit(), limits=LIMITS)


class UnwritableAudit(MemoryAudit):
    async def write(self, events: Sequence[AuditEvent]) -> None:
        raise StoreUnavailable("The database is read-only.")


async def test_au_2_an_import_that_cannot_be_on_record_is_not_stored() -> None:
    clusters = FakeClusters()

    with pytest.raises(StoreUnavailable):
        await register(clusters, _candidate("a"), log=UnwritableAudit(), limits=None)

    assert clusters.added == {}


async def test_a_replaced_cluster_is_told() -> None:
    clusters = FakeClusters()
    await register(clusters, _candidate("a"), log=MemoryAudit(), limits=None)

    registered = await register(clusters, _candidate("a"), log=MemoryAudit(), limits=None)

    assert registered.replaced is not None
    assert registered.replaced.name == "a"


async def test_one_that_fails_does_not_stop_the_others_and_the_order_stays() -> None:
    clusters, done = FakeClusters(), []
    candidates = [_candidate("a"), _candidate("Bad_Name"), _candidate("c")]

    results = [
        result
        async for result in register_each(
            clusters, candidates, log=MemoryAudit(), limits=None, on_done=lambda: done.append(1)
        )
    ]

    assert [type(result) for result in results] == [Registered, RefusedCandidate, Registered]
    assert list(clusters.added) == ["a", "c"]
    assert len(done) == 3


async def test_a_credential_that_cannot_be_decrypted_is_the_health_of_its_cluster() -> None:
    stored = record(new_cluster("a", Endpoint("https://127.0.0.1:1"), credential=TOKEN, labels=None))

    health = await check(
        OpenedCluster(record=stored, open_credential=refusing(CredentialUnreadable("changed"))), limits=LIMITS
    )

    assert isinstance(health.error, CredentialUnusable)
    assert health.probe is None


@pytest.mark.parametrize("credential", [b"", b"x", b'{"version":99}'])
def test_a_credential_that_is_none_names_its_cluster(credential: bytes) -> None:
    stored = record(new_cluster("a", Endpoint("https://127.0.0.1:1"), credential=TOKEN, labels=None))

    with pytest.raises(CredentialUnusable, match=r"cluster 'a': .*import the cluster again"):
        Network(ConnectionLimits())(OpenedCluster(record=stored, open_credential=lambda: credential), ADMINISTRATOR)


def test_kc_11_nothing_on_the_way_shows_the_credential() -> None:
    candidate = _candidate("a")
    new = new_cluster("a", candidate.endpoint, credential=TOKEN, labels=None)
    opened = OpenedCluster(record=record(new), open_credential=lambda: new.credential)

    shown = f"{candidate!r} {new!r} {opened!r} {Network(ConnectionLimits())(opened, ADMINISTRATOR)!r}"

    assert "canary" not in shown


@pytest.mark.controlplane
async def test_a_real_cluster_tells_who_we_are(alpha: Cluster) -> None:
    clusters = FakeClusters()

    registered = await register(clusters, _candidate("alpha", alpha), log=MemoryAudit(), limits=LIMITS)

    probe = registered.probe
    assert probe is not None
    assert probe.version is not None
    assert probe.version.startswith("v1.")
    assert probe.identity == ClusterIdentity("admin", ("system:masters", "system:authenticated"))
    assert probe.access == "cluster administrator"
    assert 0 < probe.latency_ms < 5000


@pytest.mark.controlplane
async def test_a_viewer_may_list_what_its_role_allows(alpha: Cluster) -> None:
    registered = await register(
        FakeClusters(), _candidate("alpha", alpha, user="viewer"), log=MemoryAudit(), limits=LIMITS
    )

    assert registered.probe is not None
    assert registered.probe.access == (
        "may list namespaces, pods, deployments, services, events; may not list nodes, secrets"
    )


@pytest.mark.controlplane
async def test_who_has_no_role_is_registered_and_told(alpha: Cluster) -> None:
    registered = await register(
        FakeClusters(), _candidate("alpha", alpha, user="nobody"), log=MemoryAudit(), limits=LIMITS
    )

    assert registered.probe is not None
    assert registered.probe.access == "may not list anything in all namespaces"


@pytest.mark.controlplane
@pytest.mark.parametrize(
    "faults",
    [
        {"/version": forbidden()},
        {_IDENTITY: Answer(405, body=b"no")},
        {_IDENTITY: server_error()},
        {"/version": forbidden(), _IDENTITY: html_page(403), _ACCESS: html_page()},
    ],
)
async def test_a_real_cluster_behind_a_gateway_is_imported(
    alpha: Cluster, fault_proxy: Callable[..., FaultProxy], faults: Mapping[str, RequestFault]
) -> None:
    proxy = fault_proxy(alpha)
    for path, fault in faults.items():
        proxy.when(path, fault)
    candidate = _candidate("alpha", proxy.cluster)
    clusters = FakeClusters()

    registered = await register(clusters, candidate, log=MemoryAudit(), limits=LIMITS)

    assert registered.probe is not None
    assert (registered.probe.version is None) is ("/version" in faults)
    assert (registered.probe.identity is None) is (_IDENTITY in faults)
    assert list(clusters.added) == ["alpha"]


@pytest.fixture
def secretive(beta: Cluster) -> Iterator[Cluster]:
    """Yields a cluster that tells its version to administrators only."""
    api = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    names = ("system:public-info-viewer", "system:discovery")
    bindings: list[JsonObject] = [json.loads(ask(beta, "GET", f"{api}/{name}")) for name in names]
    for name in names:
        ask(beta, "DELETE", f"{api}/{name}")
    try:
        yield beta
    finally:
        for name, binding in zip(names, bindings, strict=True):
            ask(beta, "POST", api, {**binding, "metadata": {"name": name, "labels": _BOOTSTRAPPED}})


@pytest.mark.controlplane
async def test_a_real_cluster_that_keeps_its_version_back_is_imported_and_reachable(secretive: Cluster) -> None:
    candidate = _candidate("beta", secretive, user="viewer")
    connection = Connection("beta", candidate.endpoint, credential=candidate.credential)
    async with asyncio.timeout(30):  # until the authorizer has noticed
        while True:
            try:
                await read_version(connection, Deadline(5))
            except Forbidden:
                break
            await asyncio.sleep(0.05)

    registered = await register(FakeClusters(), candidate, log=MemoryAudit(), limits=LIMITS)
    reached = await read_reachability(cluster_of(connection), Deadline(5))
    await connection.close()

    assert registered.probe is not None
    assert (registered.probe.version, registered.probe.identity) == (
        None,
        ClusterIdentity("viewer", ("viewers", "system:authenticated")),
    )
    assert (reached.version, reached.error) == (None, None)


@pytest.mark.controlplane
async def test_a_wrong_token_is_not_stored(alpha: Cluster) -> None:
    clusters = FakeClusters()
    endpoint = Endpoint(alpha.server, ca_pem=alpha.ca_pem.decode())

    with pytest.raises(Unauthenticated):
        await register(
            clusters, Candidate(name="alpha", endpoint=endpoint, credential=TOKEN), log=MemoryAudit(), limits=LIMITS
        )

    assert clusters.added == {}


@pytest.mark.controlplane
async def test_a_cluster_that_hangs_costs_its_deadline_and_not_the_others(
    alpha: Cluster, beta: Cluster, fault_proxy: Callable[..., FaultProxy]
) -> None:
    proxy = fault_proxy(beta)
    proxy.fault = Hang()
    clusters = FakeClusters()
    candidates = [_candidate("hangs", proxy.cluster), _candidate("dead"), _candidate("alpha", alpha)]

    results = [
        result
        async for result in register_each(clusters, candidates, log=MemoryAudit(), limits=ProbeLimits(timeout_s=3))
    ]

    errors = [type(result.error) if isinstance(result, RefusedCandidate) else None for result in results]
    assert errors == [TimedOut, Unreachable, None]
    assert list(clusters.added) == ["alpha"]


@pytest.mark.controlplane
@pytest.mark.parametrize(("days", "words"), [((-9, -2), "expired on"), ((2, 9), "is not valid before")])
async def test_a_real_cluster_refuses_a_client_certificate_out_of_its_time(
    alpha: Cluster, control_planes: ControlPlanes, days: tuple[float, float], words: str
) -> None:
    pair = control_planes.authority.client("ann", days=days)
    credential = ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))
    endpoint = Endpoint(alpha.server, ca_pem=alpha.ca_pem.decode())

    with pytest.raises(
        Unauthenticated, match=f"stored credential: the client certificate {words} [-0-9]+ at [:0-9]+ UTC;"
    ):
        await register(
            FakeClusters(),
            Candidate(name="alpha", endpoint=endpoint, credential=credential),
            log=MemoryAudit(),
            limits=LIMITS,
        )
