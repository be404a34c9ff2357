"""Objects as a watch's events leave them, and the rows that are read of them."""

import json
from collections.abc import Collection, Mapping

from k8s import errors
from k8s.kinds.builtin import CONFIG_MAP, POD, SECRET
from k8s.kinds.kind import Kind
from k8s.masking.masking import STANDARD
from k8s.reading.listing import WHOLE, ListRequest, Page, Window
from k8s.reading.selection import selection_of
from k8s.transport.deadline import Deadline
from k8s.watches.heldobjects import Freshness, HeldObjects, Key
from k8s.watches.heldreader import HeldReader
from k8s.watches.reflector.watchevents import EventType, WatchEvent, added_event
from k8s.watches.target import WatchTarget


class Heard:
    """A listener that records."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.refreshes = 0

    def changed(self, keys: Collection[Key]) -> None:
        self.keys += keys

    def refreshed(self) -> None:
        self.refreshes += 1


def event(kind: EventType, namespace: str, name: str, version: int, **more: object) -> WatchEvent:
    metadata = {"name": name, "namespace": namespace, "uid": f"uid-{name}", "resourceVersion": str(version)}
    body = {"metadata": {**metadata, "managedFields": [{"manager": "x" * 500}]}, **more}
    read = added_event(json.dumps(body).encode(), "alpha", WatchTarget(CONFIG_MAP).list_call(""))
    return WatchEvent(kind, read.metadata, read.object)


def added(namespace: str, name: str, version: int, **more: object) -> WatchEvent:
    return event(EventType.ADDED, namespace, name, version, **more)


def of(kind: Kind) -> HeldObjects:
    return HeldObjects(WatchTarget(kind), STANDARD.of(kind))


async def pages(held: HeldObjects, window: Window = WHOLE, namespace: str | None = None) -> list[Page]:
    request = ListRequest(
        held.target.kind,
        held.target.kind.name,
        selection_of(["metadata.name", "metadata.namespace", "spec.nodeName"]),
        namespace=namespace,
    )
    reader = HeldReader("alpha", held)
    return [page async for page in reader.pages(request, deadline=Deadline(1), limit=5000, window=window)]


def names(found: list[Page]) -> list[str]:
    return [f"{row.metadata.namespace}/{row.metadata.name}" for page in found for row in page.rows]


def test_what_is_repeated_is_heard_once() -> None:
    held, heard = of(CONFIG_MAP), Heard()
    held.listen(heard)
    held.changed([added("a", "x", 1), added("a", "x", 1)])
    held.changed([added("a", "x", 1)])
    held.changed([event(EventType.DELETED, "a", "x", 2), event(EventType.DELETED, "a", "x", 2)])
    assert heard.keys == [("a", "x"), ("a", "x")]
    assert not len(held)
    assert not held.size_bytes


def test_what_is_not_there_after_another_beginning_is_gone() -> None:
    held, heard = of(CONFIG_MAP), Heard()
    held.began_anew()
    held.changed([added("a", "x", 1), added("a", "y", 2)])
    held.synced("2")
    held.listen(heard)
    held.began_anew()
    held.changed([added("a", "y", 2), added("a", "z", 3)])
    assert set(held) == {("a", "x"), ("a", "y"), ("a", "z")}
    held.synced("3")
    assert set(held) == {("a", "y"), ("a", "z")}
    assert heard.keys == [("a", "z"), ("a", "x")]


def test_freshness_follows_the_watch() -> None:
    held, heard = of(CONFIG_MAP), Heard()
    held.listen(heard)
    failure = errors.Forbidden("alpha", "no.", status=403)
    held.interrupted(failure)
    assert (held.freshness, held.error) == (Freshness.FAILED, failure)
    held.synced("7")
    held.connected()
    assert (held.freshness, held.error) == (Freshness.LIVE, None)
    held.interrupted(failure)
    assert held.freshness is Freshness.STALE
    assert heard.refreshes == 3


def test_managed_fields_are_not_held_and_objects_are_small() -> None:
    held = of(POD)
    containers = [{"name": f"c{number}", "image": "registry.example.com/web:1", "env": _env(20)} for number in range(3)]
    for number in range(200):
        spec = {"nodeName": f"node-{number}", "containers": containers}
        held.changed([added("a", f"pod-{number}", number + 1, spec=spec)])
    body = held.json(("a", "pod-150"))
    assert body is not None
    assert b"managedFields" not in body
    assert json.loads(body)["spec"]["nodeName"] == "node-150"
    assert held.size_bytes / 200 < 3 * 1024 < len(body)


def _env(count: int) -> list[Mapping[str, str]]:
    return [{"name": f"VARIABLE_{number}", "value": f"the value of it, {number}"} for number in range(count)]


def test_values_of_secrets_are_not_held() -> None:
    held = of(SECRET)
    held.changed([added("a", "s", 1, data={"password": "aHVudGVyMg=="}, type="Opaque")])
    body = held.json(("a", "s"))
    assert body is not None
    assert json.loads(body)["data"] == {"password": None}


async def test_rows_come_in_the_order_of_api_servers_and_by_windows() -> None:
    held = of(POD)
    held.changed([added(namespace, "p", version) for version, namespace in enumerate(("shop", "b", "shop-eu", "a"), 1)])
    held.changed([added("shop", "q", 9, spec={"nodeName": "n1"})])
    assert names(await pages(held)) == ["a/p", "b/p", "shop-eu/p", "shop/p", "shop/q"]
    assert names(await pages(held, namespace="shop")) == ["shop/p", "shop/q"]
    (second,) = await pages(held, Window(first=2, after=("b", "p")))
    assert names([second]) == ["shop-eu/p", "shop/p"]
    assert (second.count, second.read, second.left) == (5, 2, 0)
