"""A snapshot cluster in place of a connection."""

import asyncio
from collections.abc import Iterator, Sequence
from contextvars import Context, copy_context
from time import perf_counter
from typing import overload

import pytest

from k8s.apiserver.access import EVERYTHING, ClusterIdentity, Permission, read_identity, read_permissions
from k8s.apiserver.version import read_version
from k8s.errors import AnswerTooLarge, Forbidden, Invalid, ResourceNotFound, TimedOut, TooManyObjects, Unreachable
from k8s.kinds import builtin as kinds
from k8s.reading.listing import PAGE_OBJECTS, ListRequest, ObjectCount
from k8s.reading.reader import ClusterReader
from k8s.reading.selection import selection_of
from k8s.transport.body import PREFIX_BYTES
from k8s.transport.bodymemory import FREE_BYTES, PORTION, Portion
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from k8s.transport.path import ApiPath, list_path
from snapshots.serving.api import SnapshotApi
from snapshots.serving.request import ApiAnswer, ApiRequest
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.k8s.wholelist import read_whole
from tests.otherturns import turns_during
from tests.snapshots.serving.asking import pod

LIST = Call(list_path(kinds.POD), "list", "pods", query=(("limit", "500"),))
PATHS = selection_of(["metadata.name", "metadata.namespace"])
STATUS = selection_of(["metadata.name", "metadata.namespace", "status.phase"])


@pytest.fixture
def sender() -> SnapshotSender:
    """Returns a cluster with more pods than a page has."""
    return SnapshotSender("alpha", _api(2 * PAGE_OBJECTS + 1))


async def test_a_list_is_read_page_by_page(sender: SnapshotSender) -> None:
    listing = await read_whole(ClusterReader(sender), _request(), limit=10_000)

    assert [row.metadata.name for row in listing.rows] == sorted(f"p-{at}" for at in range(2 * PAGE_OBJECTS + 1))
    assert listing.end.resource_version == "1"


async def test_a_selection_of_more_than_metadata_is_read(sender: SnapshotSender) -> None:
    request = ListRequest(kinds.POD, "Pod", STATUS, label_selector="at=7", field_selector="status.phase=Running")

    listing = await read_whole(ClusterReader(sender), request, limit=10_000)

    assert [(row.metadata.name, row.status.phase) for row in listing.rows] == [("p-7", "Running")]


async def test_objects_are_counted_and_found(sender: SnapshotSender) -> None:
    reader = ClusterReader(sender)

    async def get(name: str) -> object:
        return await reader.get(
            kinds.POD, structure="Pod", selection=PATHS, namespace="shop", name=name, deadline=Deadline(5)
        )

    counted = await reader.count(_request(), deadline=Deadline(5), limit=10_000)
    assert counted == ObjectCount(2 * PAGE_OBJECTS + 1, is_estimate=True)
    assert await get("p-3") is not None
    assert await get("none") is None


async def test_a_list_that_is_too_long_is_refused(sender: SnapshotSender) -> None:
    with pytest.raises(TooManyObjects):
        await read_whole(ClusterReader(sender), _request(), limit=PAGE_OBJECTS)


async def test_the_first_bytes_are_shown_early(sender: SnapshotSender) -> None:
    shown: list[bytes] = []

    body = await sender.send(LIST, Deadline(5), on_prefix=shown.append)

    assert shown == [body[:PREFIX_BYTES]]
    assert b'"continue":"' in shown[0]


async def test_version_identity_and_permissions_are_told(sender: SnapshotSender) -> None:
    to_list, to_write = Permission.to_list(kinds.POD), Permission("create", "", "pods")

    assert await read_version(sender, Deadline(5)) == "v1.37.2"
    assert await read_identity(sender, Deadline(5)) == ClusterIdentity("snapshot", ("system:authenticated",))
    held = await read_permissions(sender, Deadline(5), permissions=[EVERYTHING, to_list, to_write])
    assert held == {EVERYTHING: False, to_list: True, to_write: False}


@pytest.mark.parametrize(
    ("call", "error_type", "message"),
    [
        (
            Call(ApiPath("/apis/apps/v9/deployments"), "list", "deployments.apps"),
            ResourceNotFound,
            "cluster 'alpha': it has no deployments.apps.",
        ),
        (
            Call(list_path(kinds.POD), "list", "pods", query=(("fieldSelector", "spec.x=1"),)),
            Invalid,
            "cluster 'alpha': it refuses the fieldSelector for pods (HTTP 400); use only fields that the kind "
            "supports.",
        ),
        (
            Call(list_path(kinds.POD), "create", "pods", body=b"{}"),
            Invalid,
            "cluster 'alpha': it answered HTTP 405 (MethodNotAllowed) to create pods.",
        ),
    ],
)
async def test_refusals_are_the_errors_of_a_connection(
    sender: SnapshotSender, call: Call, error_type: type[Exception], message: str
) -> None:
    shown: list[bytes] = []

    with pytest.raises(error_type) as error:
        await sender.send(call, Deadline(5), on_prefix=shown.append)

    assert str(error.value) == message
    assert not isinstance(error.value, Forbidden)
    assert shown == []


async def test_latency_is_what_an_answer_takes() -> None:
    far = SnapshotSender("far", _api(1), latency_s=0.05)
    began_s = perf_counter()

    await far.send(LIST, Deadline(5))

    assert perf_counter() - began_s >= 0.045


async def test_a_deadline_holds_for_the_way_too() -> None:
    far = SnapshotSender("far", _api(1), latency_s=60)

    with pytest.raises(TimedOut) as error:
        await far.send(LIST, Deadline(0.02))

    assert str(error.value) == "cluster 'far': no complete answer to list pods within its 0.02 s."


async def test_nothing_is_asked_when_the_deadline_is_over_already() -> None:
    spying = SpyingApi(StaticContent([]))

    with pytest.raises(TimedOut, match="passed before the request to list pods"):
        await SnapshotSender("alpha", spying).send(LIST, Deadline(0))

    assert spying.asked == 0


async def test_a_body_that_is_kept_takes_memory_until_it_is_not_needed() -> None:
    limits, portion = ConnectionLimits(), Portion()
    sender = SnapshotSender("alpha", _api(PAGE_OBJECTS, pad=1000), limits=limits)

    body = await asyncio.create_task(sender.send(LIST, Deadline(5)), context=_keeping(portion))

    assert limits.bodies.taken_bytes == len(body) - FREE_BYTES > 0
    portion.release()
    assert limits.bodies.taken_bytes == 0


async def test_a_body_that_nobody_keeps_takes_memory_no_longer_than_the_call() -> None:
    limits = ConnectionLimits()

    await SnapshotSender("alpha", _api(PAGE_OBJECTS, pad=1000), limits=limits).send(LIST, Deadline(5))

    assert limits.bodies.taken_bytes == 0


async def test_a_body_is_not_put_together_before_there_is_memory() -> None:
    limits, api = ConnectionLimits(share_bytes=100_000), MeasuredApi(_content(PAGE_OBJECTS, pad=1000))
    held, ahead = await _full(limits), Portion(is_wanted=False)
    sender = SnapshotSender("alpha", api, limits=limits)

    sending = asyncio.create_task(sender.send(LIST, Deadline(60)), context=_keeping(ahead))
    await api.has_answered.wait()
    for _ in range(5):
        await asyncio.sleep(0)
    assert (sending.done(), api.put_together) == (False, 0)
    held.release()
    ahead.want()

    assert (await sending).startswith(b'{"kind":"PodList"')
    assert api.put_together == 1
    ahead.release()


async def test_time_that_is_over_while_others_hold_the_memory_is_put_down_to_that() -> None:
    limits = ConnectionLimits(share_bytes=100_000)
    held = await _full(limits)
    sender = SnapshotSender("alpha", _api(PAGE_OBJECTS, pad=1000), limits=limits)
    await sender.send(Call(list_path(kinds.POD), "list", "pods", query=(("limit", "1"),)), Deadline(5))

    ahead = _keeping(Portion(is_wanted=False))
    with pytest.raises(TimedOut, match=r"its answer to list pods waited .* s for memory that others hold"):
        await asyncio.create_task(sender.send(LIST, Deadline(1)), context=ahead)
    held.release()


async def test_an_answer_over_the_limit_is_refused_and_asked_for_with_fewer_objects() -> None:
    limits = ConnectionLimits(body_bytes=100_000)
    sender = SnapshotSender("alpha", _api(PAGE_OBJECTS, pad=1000), limits=limits)

    with pytest.raises(AnswerTooLarge, match=r"larger than 0\.0953674 MiB \(FLEETGRAPH_MAX_ANSWER_BYTES\)"):
        await sender.send(LIST, Deadline(5))
    listing = await read_whole(ClusterReader(sender), _request(), limit=10_000)

    assert len(listing.rows) == PAGE_OBJECTS
    assert limits.bodies.taken_bytes == 0


async def test_a_watch_ends_with_the_deadline(sender: SnapshotSender) -> None:
    watch = Call(list_path(kinds.NODE), "watch", "nodes", query=(("watch", "true"),))

    with pytest.raises(TimedOut):
        await sender.send(watch, Deadline(0.02))


async def test_closing_ends_what_is_under_way_and_later_calls_are_answered() -> None:
    far = SnapshotSender("far", _api(1), latency_s=0.2)
    sending = asyncio.create_task(far.send(LIST, Deadline(5)))
    await asyncio.sleep(0)

    await far.close()

    with pytest.raises(Unreachable, match="the connection was closed"):
        await sending
    assert (await far.send(LIST, Deadline(5))).startswith(b'{"kind":"PodList"')


async def test_retiring_lets_what_is_under_way_end() -> None:
    far = SnapshotSender("far", _api(1), latency_s=0.02)
    sending = asyncio.create_task(far.send(LIST, Deadline(5)))
    await asyncio.sleep(0)

    await far.retire()

    assert (await sending).startswith(b'{"kind":"PodList"')


async def test_others_have_their_turn_while_a_large_kind_is_indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snapshots.serving.index.index.SLICE_S", -1.0)
    pods = 1000
    sender = SnapshotSender("large", _api(pods))

    assert await turns_during(lambda: sender.send(LIST, Deadline(30)), monkeypatch) >= pods


class SpyingApi(SnapshotApi):
    """An API that counts its requests."""

    asked = 0

    async def answer(self, request: object) -> object:  # type: ignore[override]  # only counted
        self.asked += 1
        raise AssertionError(request)


class MeasuredApi(SnapshotApi):
    """An API that counts the joined bodies of its responses."""

    def __init__(self, content: StaticContent) -> None:
        super().__init__(content)
        self.has_answered = asyncio.Event()
        self.put_together = 0

    async def answer(self, request: ApiRequest) -> ApiAnswer:
        answer = await super().answer(request)
        self.has_answered.set()
        return ApiAnswer(answer.status, Pieces(answer.pieces, self), answer.content_type)


class Pieces(Sequence[bytes]):
    """The pieces of a body; a second full iteration after the measurement means that they were joined."""

    def __init__(self, pieces: Sequence[bytes], api: MeasuredApi) -> None:
        self._pieces = pieces
        self._api = api
        self._readings = 0

    def __iter__(self) -> Iterator[bytes]:
        self._readings += 1
        self._api.put_together += self._readings == 2
        return iter(self._pieces)

    def __len__(self) -> int:
        return len(self._pieces)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        return self._pieces[at]


def _keeping(portion: Portion) -> Context:
    """Returns a context in which a body is stored."""
    context = copy_context()
    context.run(PORTION.set, portion)
    return context


async def _full(limits: ConnectionLimits) -> Portion:
    """Allocates all memory of bodies."""
    held = Portion()
    held.begin(limits.bodies, "beta")
    await held.grow(FREE_BYTES + 4 * (limits.share_bytes or limits.body_bytes))
    return held


def _api(pods: int, *, pad: int = 0) -> SnapshotApi:
    return SnapshotApi(_content(pods, pad=pad))


def _content(pods: int, *, pad: int = 0) -> StaticContent:
    status = {"phase": "Running"} | ({"message": "x" * pad} if pad else {})
    return StaticContent([pod(f"p-{at}", labels={"at": str(at)}, status=dict(status)) for at in range(pods)])


def _request() -> ListRequest:
    return ListRequest(kinds.POD, "Pod", PATHS)
