"""Objects that change while they are served, and watches of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from k8s.kinds.builtin import NODE, POD
from k8s.kinds.kind import Kind
from snapshots.serving.api import SnapshotApi
from snapshots.serving.index.indexes import Indexes, Moment
from snapshots.serving.request import ApiRequest
from snapshots.serving.servedkinds import ContentInvalid
from snapshots.serving.static import StaticContent
from snapshots.serving.watching.changelog import RETAINED
from snapshots.serving.watching.live import LiveContent
from tests.snapshots.serving.asking import METADATA, ask, node, pod, widget

PODS = "/api/v1/pods"
BOOKMARKS = "allowWatchBookmarks=true"


@pytest.fixture
def live() -> LiveContent:
    """Returns two pods and a node."""
    return LiveContent([pod("a", labels={"app": "x"}), pod("b", "other"), node("n")], resource_version="100")


@pytest.fixture
def api(live: LiveContent) -> SnapshotApi:
    return SnapshotApi(live)


async def test_each_change_has_a_revision_of_its_own(live: LiveContent, api: SnapshotApi) -> None:
    live.apply(pod("c"))
    live.apply(node("n", spec={"unschedulable": True}))

    assert live.resource_version == "102"
    assert await _version_of(api, "/api/v1/namespaces/shop/pods/a") == "100"
    assert await _version_of(api, "/api/v1/namespaces/shop/pods/c") == "101"
    assert await _version_of(api, "/api/v1/nodes/n") == "102"
    assert await _version_of(api, PODS) == "102"


async def test_what_is_the_same_is_no_change(live: LiveContent) -> None:
    before = await live.listed(POD)

    live.apply(pod("a", labels={"app": "x"}))
    live.delete(POD, "shop", "none")

    assert await live.listed(POD) == before
    assert (await live.listed(POD)).objects is before.objects


async def test_a_change_of_one_kind_leaves_the_lists_of_others(live: LiveContent) -> None:
    before = await live.listed(POD)

    live.delete(NODE, None, "n")

    after = await live.listed(POD)
    assert after.objects is before.objects
    assert (before.resource_version, after.resource_version) == ("100", "101")
    assert (await live.listed(NODE)).objects == ()


async def test_an_object_can_be_taken_changed_and_applied(live: LiveContent, api: SnapshotApi) -> None:
    taken = live.get(POD, "shop", "a")
    assert taken is not None
    assert (taken["apiVersion"], taken["kind"]) == ("v1", "Pod")

    live.apply({**taken, "status": {"phase": "Running"}})

    answered = await ask(api, "/api/v1/namespaces/shop/pods/a")
    assert answered.document["status"] == {"phase": "Running"}
    assert live.get(POD, "shop", "none") is None


async def test_only_objects_that_can_be_served_are_taken(live: LiveContent) -> None:
    with pytest.raises(ContentInvalid):
        live.apply(widget("w", "red"))

    assert live.resource_version == "100"


async def test_a_watch_begins_with_what_is_there(api: SnapshotApi) -> None:
    async with Watching(api, f"{PODS}?watch=true&{BOOKMARKS}") as watching:
        first, second, bookmark = [await watching.next() for _ in range(3)]

    assert [(item["type"], item["object"]["metadata"]["name"]) for item in (first, second)] == [
        ("ADDED", "b"),
        ("ADDED", "a"),
    ]
    assert second["object"]["kind"] == "Pod"
    assert bookmark["type"] == "BOOKMARK"
    assert bookmark["object"]["metadata"] == {
        "resourceVersion": "100",
        "annotations": {"k8s.io/initial-events-end": "true"},
    }


async def test_a_watch_goes_on_from_a_version(live: LiveContent, api: SnapshotApi) -> None:
    live.apply(pod("c"))

    async with Watching(api, f"{PODS}?watch=true&resourceVersion=100") as watching:
        earlier = await watching.next()
        live.apply(pod("c", labels={"app": "c"}))
        changed = await watching.next()
        live.delete(POD, "shop", "c")
        deleted = await watching.next()

    assert [item["type"] for item in (earlier, changed, deleted)] == ["ADDED", "MODIFIED", "DELETED"]
    versions = [item["object"]["metadata"]["resourceVersion"] for item in (earlier, changed, deleted)]
    assert versions == ["101", "102", "103"]
    assert deleted["object"]["metadata"]["labels"] == {"app": "c"}


async def test_changes_elsewhere_are_not_seen(live: LiveContent, api: SnapshotApi) -> None:
    async with Watching(api, "/api/v1/namespaces/shop/pods?watch=true&resourceVersion=100") as watching:
        live.apply(node("m"))
        live.apply(pod("c", "other"))
        live.apply(pod("c"))
        seen = await watching.next()

    assert (seen["type"], seen["object"]["metadata"]["namespace"]) == ("ADDED", "shop")


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [("x", "x", "MODIFIED"), ("y", "x", "ADDED"), ("x", "y", "DELETED"), ("y", "z", None)],
)
async def test_objects_come_into_a_selection_and_leave_it(before: str, after: str, seen: str | None) -> None:
    live = LiveContent([pod("a", labels={"app": before})], resource_version="100")
    api = SnapshotApi(live)

    async with Watching(api, f"{PODS}?watch=true&resourceVersion=100&labelSelector=app=x") as watching:
        live.apply(pod("a", labels={"app": after}, status={"phase": "Running"}))
        live.apply(pod("end", labels={"app": "x"}))
        first = await watching.next()

    expected = ("end", "ADDED") if seen is None else ("a", seen)
    assert (first["object"]["metadata"]["name"], first["type"]) == expected


async def test_metadata_alone_is_watched(api: SnapshotApi) -> None:
    async with Watching(api, "/api/v1/nodes?watch=true", accept=METADATA) as watching:
        event = await watching.next()

    assert event["object"]["kind"] == "PartialObjectMetadata"
    assert set(event["object"]) == {"kind", "apiVersion", "metadata"}


async def test_a_watch_of_what_is_long_ago_is_gone(live: LiveContent, api: SnapshotApi) -> None:
    for place in range(RETAINED + 1):
        live.apply(pod("a", status={"phase": str(place)}))

    async with Watching(api, f"{PODS}?watch=true&resourceVersion=100") as watching:
        event = await watching.next()

    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")
    assert event["object"]["message"] == "too old resource version: 100 (101)"


async def test_a_watch_ends_when_its_time_is_over(api: SnapshotApi) -> None:
    events = await ask(api, f"{PODS}?watch=true&resourceVersion=100&timeoutSeconds=1")

    assert events.document == []


async def test_what_stays_as_it_is_can_be_watched() -> None:
    api = SnapshotApi(StaticContent([pod("a")], resource_version="5"))

    now = await ask(api, f"{PODS}?watch=true&timeoutSeconds=1")
    gone = await ask(api, f"{PODS}?watch=true&resourceVersion=4")

    assert [event["type"] for event in now.document] == ["ADDED"]
    assert [event["object"]["code"] for event in gone.document] == [410]


async def test_versions_do_not_go_back_behind_the_initial_objects(
    live: LiveContent, api: SnapshotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although objects change while the first index is made."""
    latest, changes = Indexes.latest, iter(range(100))

    async def changed(indexes: Indexes, kind: Kind) -> Moment:
        moment = await latest(indexes, kind)
        for _ in range(2):
            live.apply(pod(f"new-{next(changes)}"))
        return moment

    monkeypatch.setattr(Indexes, "latest", changed)
    query = f"watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&{BOOKMARKS}"
    async with Watching(api, f"{PODS}?{query}") as watching:
        events = [await watching.next() for _ in range(5)]
    bookmark = next(at for at, event in enumerate(events) if event["type"] == "BOOKMARK")
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events[bookmark:]]
    assert len(versions) > 1
    assert versions == sorted(set(versions))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("resourceVersion=x", 500),
        ("sendInitialEvents=true", 422),
        ("resourceVersion=1&resourceVersionMatch=NotOlderThan", 422),
        ("labelSelector=%3D", 400),
        ("fieldSelector=spec.x%3D1", 400),
    ],
)
async def test_wrong_watches_are_refused(api: SnapshotApi, query: str, status: int) -> None:
    assert (await ask(api, f"{PODS}?watch=true&{query}")).status == status


async def test_a_watcher_that_goes_away_leaves_nothing_behind(live: LiveContent, api: SnapshotApi) -> None:
    before = asyncio.all_tasks()

    async with Watching(api, f"{PODS}?watch=true&resourceVersion=100") as watching:
        live.apply(pod("c"))
        await watching.next()

    assert asyncio.all_tasks() == before


class Watching:
    """A watch that is read event by event."""

    def __init__(self, api: SnapshotApi, target: str, *, accept: str = "application/json") -> None:
        path, _mark, query = target.partition("?")
        pairs = tuple((name, value) for name, _equal, value in (part.partition("=") for part in query.split("&")))
        self._api = api
        self._request = ApiRequest("GET", path, query=pairs, accept=accept)

    async def __aenter__(self) -> "Watching":
        answer = await self._api.answer(self._request)
        assert answer.lines is not None, answer.body
        self._lines: AsyncIterator[bytes] = answer.lines
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._lines.aclose()  # type: ignore[attr-defined]  # lines are a generator

    async def next(self) -> Any:  # JSON of any shape
        """Returns the next event."""
        async with asyncio.timeout(30):
            return json.loads(await anext(self._lines))


async def _version_of(api: SnapshotApi, path: str) -> str:
    return str((await ask(api, path)).document["metadata"]["resourceVersion"])
