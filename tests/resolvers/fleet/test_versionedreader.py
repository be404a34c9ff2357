"""Reads in the version that a cluster serves: the kind's own without a question, else the best of those served."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

import msgspec
import pytest

from k8s.apiserver.limits import DiscoveryLimits
from k8s.errors import ClusterError, ErrorCode, Forbidden, KindUnavailable, ResourceNotFound, Unreachable
from k8s.kinds.builtin import CLUSTER_TRUST_BUNDLE, CRON_JOB, HORIZONTAL_POD_AUTOSCALER
from k8s.kinds.kind import Kind
from k8s.reading.listing import ListRequest
from k8s.reading.reader import ClusterReader
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import selection_of
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.fleet.servedkinds import ServedCache, ServedCaches, ServedKinds
from resolvers.fleet.versionedreader import BestVersions, VersionedReader
from resolvers.names import type_name
from tests.graph.customtypes import WIDGET, all_structures
from tests.k8s.apiserver.discoveryserver import DiscoveryServer, Resource
from tests.k8s.clock import Clock
from tests.k8s.wireserver import until

DISCOVERY = ("/api", "/apis")
BETA = replace(CRON_JOB, version="v1beta1")


class Server(DiscoveryServer):
    """A server that has one object of each kind, in the versions that it serves, and says 404 to all others."""

    def __init__(self, *kinds: Kind) -> None:
        super().__init__([Resource(kind=kind) for kind in kinds])
        self.calls: list[str] = []
        self.refusal: ClusterError | None = None
        self.token = ""

    def serve(self, *kinds: Kind) -> None:
        self.resources = [Resource(kind=kind) for kind in kinds]

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.calls.append(call.path)
        if call.path in DISCOVERY:
            return await super().send(call, deadline)
        if self.refusal is not None:
            raise self.refusal
        for resource in self.resources:
            kind = resource.kind
            if call.path.startswith(f"/apis/{kind.api_version}/") and f"/{kind.plural}" in call.path:
                item = {"metadata": {"name": "web", "namespace": "shop"}, "apiVersion": kind.api_version}
                if call.verb == "get":
                    return msgspec.json.encode({"kind": kind.name, **item})
                return msgspec.json.encode(
                    {"kind": f"{kind.name}List", "metadata": {"continue": self.token}, "items": [item]}
                )
        raise ResourceNotFound(self.name, f"it has no {call.target}.", status=404)

    @property
    def reads_of_objects(self) -> list[str]:
        return [path for path in self.calls if path not in DISCOVERY]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> ServedCache:
    return ServedCaches(DiscoveryLimits(refresh_s=60), clock=clock).of(("id", "alpha", None), "identity")  # type: ignore[arg-type]  # no registration


def reader_of(server: Server, cache: ServedCache) -> VersionedReader:
    return VersionedReader(ClusterReader(server), BestVersions(ServedKinds(server, cache)))


def request_of(kind: Kind) -> ListRequest:
    return ListRequest(kind, type_name(kind), selection_of(["metadata.namespace", "metadata.name"]))


async def listed(reader: VersionedReader, kind: Kind) -> Sequence[Row]:
    rows: list[Row] = []
    async with aclosing(reader.pages(request_of(kind), deadline=Deadline(5), limit=10)) as pages:
        async for page in pages:
            rows += page.rows
    return rows


async def got(reader: VersionedReader, kind: Kind, name: str = "web") -> Row | None:
    request = request_of(kind)
    return await reader.get(
        kind,
        structure=request.structure,
        selection=request.selection,
        namespace="shop" if kind.namespaced else None,
        name=name,
        deadline=Deadline(5),
    )


async def test_the_kinds_own_version_costs_one_request(cache: ServedCache) -> None:
    server = Server(CRON_JOB, BETA)

    (row,) = await listed(reader_of(server, cache), CRON_JOB)

    assert type(row).kind == CRON_JOB
    assert server.calls == ["/apis/batch/v1/cronjobs"]


async def test_an_older_cluster_is_asked_what_it_serves_once(cache: ServedCache) -> None:
    server = Server(BETA)
    reader = reader_of(server, cache)

    (row,) = await listed(reader, CRON_JOB)
    assert type(row).kind.api_version == "batch/v1beta1"
    assert server.reads_of_objects == ["/apis/batch/v1/cronjobs", "/apis/batch/v1beta1/cronjobs"]

    server.calls.clear()
    (row,) = await listed(reader, CRON_JOB)
    single = await got(reader, CRON_JOB)
    counted = await reader.count(request_of(CRON_JOB), deadline=Deadline(5), limit=10)
    assert single is not None
    assert [type(found).kind for found in (row, single)] == [BETA, BETA]
    assert counted.objects == 1
    assert server.calls == [
        "/apis/batch/v1beta1/cronjobs",
        "/apis/batch/v1beta1/namespaces/shop/cronjobs/web",
        "/apis/batch/v1beta1/cronjobs",
    ]


@pytest.mark.parametrize("way", ["single", "count"])
async def test_single_objects_and_counts_find_the_version_themselves(cache: ServedCache, way: str) -> None:
    server = Server(BETA)
    reader = reader_of(server, cache)

    if way == "single":
        row = await got(reader, CRON_JOB)
        assert row is not None
        assert type(row).kind == BETA
    else:
        assert (await reader.count(request_of(CRON_JOB), deadline=Deadline(5), limit=10)).objects == 1
    assert len(server.reads_of_objects) == 2


async def test_an_upgraded_cluster_is_read_in_the_kinds_own_version_again(cache: ServedCache, clock: Clock) -> None:
    server = Server(BETA)
    reader = reader_of(server, cache)
    await listed(reader, CRON_JOB)

    clock.now_s += 2
    server.serve(CRON_JOB)
    (row,) = await listed(reader, CRON_JOB)
    server.calls.clear()
    (again,) = await listed(reader, CRON_JOB)

    assert [type(found).kind for found in (row, again)] == [CRON_JOB, CRON_JOB]
    assert server.calls == ["/apis/batch/v1/cronjobs"]


@pytest.mark.parametrize(
    ("versions", "asked"),
    [
        (["v2alpha1", "v1beta1", "v1beta2"], "v1beta2"),
        (["v1alpha1", "v3"], "v3"),
    ],
)
async def test_the_newest_version_comes_first(cache: ServedCache, versions: list[str], asked: str) -> None:
    server = Server(*(replace(CRON_JOB, version=version) for version in versions))

    (row,) = await listed(reader_of(server, cache), CRON_JOB)

    assert type(row).kind.version == asked


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    ("selector", "is_read"),
    [("", True), ("metadata.name=web", True), ("spec.token=a", False), ("metadata.name=web,spec.token!=a", False)],
)
async def test_fields_do_not_select_objects_that_a_cluster_calls_by_another_plural(
    cache: ServedCache, version: str, selector: str, is_read: bool
) -> None:
    other = replace(WIDGET, version=version, plural="widgetry")
    server = Server(other)
    request = replace(request_of(WIDGET), field_selector=selector, structures=all_structures(WIDGET))
    reader, calls = reader_of(server, cache), f"/apis/{other.api_version}/{other.plural}"

    if is_read:
        assert (await reader.count(request, deadline=Deadline(5), limit=10)).objects == 1
    else:
        with pytest.raises(KindUnavailable) as raised:
            await reader.count(request, deadline=Deadline(5), limit=10)
        way_out = 'select by fields with objects(resource: "widgetry.acme.com").'
        assert raised.value.cause == f"it serves widgets.acme.com as widgetry.acme.com; {way_out}"
    assert (calls in server.calls) is is_read


async def test_a_version_of_another_shape_is_not_read(cache: ServedCache) -> None:
    older = [replace(HORIZONTAL_POD_AUTOSCALER, version=version) for version in ("v1", "v2beta1")]
    server = Server(*older)

    with pytest.raises(KindUnavailable) as raised:
        await listed(reader_of(server, cache), HORIZONTAL_POD_AUTOSCALER)

    assert raised.value.code is ErrorCode.KIND_UNAVAILABLE
    assert str(raised.value) == (
        "cluster 'alpha': it serves horizontalpodautoscalers.autoscaling in v1 and v2beta1, whose objects have another "
        'shape than those of v2; read them with objects(apiVersion: "autoscaling/v1", kind: "HorizontalPodAutoscaler").'
    )
    assert server.reads_of_objects == ["/apis/autoscaling/v2/horizontalpodautoscalers"]


async def test_a_kind_of_another_group_is_another_kind(cache: ServedCache) -> None:
    server = Server(Kind("extensions", "v1beta1", "CronJob", "cronjobs"))

    with pytest.raises(KindUnavailable, match=r"it serves cronjobs.extensions, of another group"):
        await listed(reader_of(server, cache), CRON_JOB)


async def test_a_kind_that_is_not_served_is_unavailable(cache: ServedCache) -> None:
    server = Server(HORIZONTAL_POD_AUTOSCALER)

    with pytest.raises(KindUnavailable, match=r"it does not serve cronjobs.batch; `kinds` lists what it serves"):
        await got(reader_of(server, cache), CRON_JOB)


async def test_many_reads_of_what_is_not_served_ask_once_a_second(cache: ServedCache, clock: Clock) -> None:
    server = Server(HORIZONTAL_POD_AUTOSCALER)
    reader = reader_of(server, cache)

    for _ in range(5):
        with pytest.raises(KindUnavailable):
            await listed(reader, CRON_JOB)
    assert server.reads == 1

    clock.now_s += 2
    server.serve(BETA)
    assert len(await listed(reader, CRON_JOB)) == 1


async def test_lists_of_several_kinds_ask_once(cache: ServedCache) -> None:
    older = [replace(kind, version="v1beta1") for kind in (CRON_JOB, CLUSTER_TRUST_BUNDLE)]
    server = Server(*older)
    reader = reader_of(server, cache)

    found = await asyncio.gather(*(listed(reader, kind) for kind in (CRON_JOB, CLUSTER_TRUST_BUNDLE, CRON_JOB)))

    assert [type(row).kind for (row,) in found] == [*older, older[0]]
    assert server.reads == 1


async def test_a_better_version_is_noticed_in_the_background(cache: ServedCache, clock: Clock) -> None:
    server = Server(BETA)
    reader = reader_of(server, cache)
    await listed(reader, CRON_JOB)

    server.serve(BETA, CRON_JOB)
    clock.now_s += 61
    (before,) = await listed(reader, CRON_JOB)
    await until(lambda: server.reads == 2 and not cache.is_old)
    (after,) = await listed(reader, CRON_JOB)

    assert [type(row).kind for row in (before, after)] == [BETA, CRON_JOB]
    assert "/apis/batch/v1/cronjobs" in server.calls[-1:]


async def test_a_list_whose_version_ends_in_the_middle_starts_again(cache: ServedCache) -> None:
    """Pages of the version that is gone are void: the first page of the other one says so."""
    server = Server(CRON_JOB)
    server.token = "more"
    reader = reader_of(server, cache)
    firsts: list[bool] = []

    async with aclosing(reader.pages(request_of(CRON_JOB), deadline=Deadline(5), limit=10)) as pages:
        async for page in pages:
            firsts.append(page.is_first)
            server.serve(BETA)
            server.token = ""

    assert firsts == [True, True]
    assert server.calls[-1] == "/apis/batch/v1beta1/cronjobs"


async def test_an_object_that_is_not_there_is_no_reason_to_ask(cache: ServedCache) -> None:
    server = Server(CRON_JOB)
    server.refusal = ResourceNotFound("alpha", "it has no cronjobs.batch web in namespace shop.", status=404)
    server.refusal.is_about_object = True

    assert await got(reader_of(server, cache), CRON_JOB) is None
    assert server.reads == 0


@pytest.mark.parametrize("failure", [Forbidden("alpha", "no.", status=403), Unreachable("alpha", "no connection.")])
async def test_other_errors_are_no_reason_to_ask(cache: ServedCache, failure: ClusterError) -> None:
    server = Server(CRON_JOB)
    server.refusal = failure

    with pytest.raises(type(failure)):
        await listed(reader_of(server, cache), CRON_JOB)
    assert server.reads == 0


async def test_without_an_answer_about_kinds_the_first_error_stays(cache: ServedCache) -> None:
    server = Server()
    server.error = Unreachable("alpha", "no connection.")

    with pytest.raises(ResourceNotFound, match=r"it has no cronjobs\.batch"):
        await listed(reader_of(server, cache), CRON_JOB)


async def test_what_discovery_lists_and_the_server_denies_is_not_found(cache: ServedCache) -> None:
    server = Server(CRON_JOB)
    server.refusal = ResourceNotFound("alpha", "it has no cronjobs.batch.", status=404)

    with pytest.raises(ResourceNotFound):
        await listed(reader_of(server, cache), CRON_JOB)
    assert len(server.reads_of_objects) == 1


async def test_names_are_as_free_in_each_version(cache: ServedCache) -> None:
    older = replace(CLUSTER_TRUST_BUNDLE, version="v1beta1")
    server = Server(older)

    row = await got(reader_of(server, cache), CLUSTER_TRUST_BUNDLE, "acme.io:signer:roots")

    assert row is not None
    assert server.calls[-1] == "/apis/certificates.k8s.io/v1beta1/clustertrustbundles/acme.io:signer:roots"
