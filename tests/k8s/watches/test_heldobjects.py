"""Objects as a watch's events leave them, and the rows that are read of them."""

import base64
import gc
import json
import tracemalloc
from collections.abc import Collection, Iterator
from random import Random
from types import FunctionType, ModuleType
from uuid import UUID

import pytest

from k8s import errors
from k8s.kinds.builtin import CONFIG_MAP, POD, SECRET
from k8s.kinds.kind import Kind
from k8s.masking.masking import STANDARD
from k8s.reading.listing import WHOLE, ListRequest, Page, Window
from k8s.reading.selection import selection_of
from k8s.transport.deadline import Deadline
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import Held, HeldObjects, Key
from k8s.watches.heldreader import HeldReader
from k8s.watches.keyorder import KeyOrder
from k8s.watches.packing import Packing
from k8s.watches.reflector.watchevent import EventType, ObjectMetadata, WatchEvent, added_event
from k8s.watches.target import WatchTarget
from tests.controlplane.json_object import JsonObject
from tests.controlplane.pods import PodPlace, pod


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
    read = added_event(json.dumps(body).encode(), "alpha", WatchTarget(CONFIG_MAP).list_call(""), most_bytes=2**23)
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


def test_a_restored_server_may_give_a_version_of_before_to_another_state() -> None:
    held, heard = of(CONFIG_MAP), Heard()
    held.began_anew()
    held.changed([added("a", "x", 7, data={"n": "before"}), added("a", "y", 8)])
    held.synced("8")
    held.listen(heard)
    held.began_anew()
    held.changed([added("a", "x", 7, data={"n": "after"}), added("a", "y", 8)])
    held.synced("8")
    assert heard.keys == [("a", "x")]
    assert b"after" in (held.json(("a", "x")) or b"")


def test_a_list_that_leaves_out_the_type_of_its_objects_changes_nothing() -> None:
    held, heard = of(CONFIG_MAP), Heard()
    held.changed([added("a", "x", 7, apiVersion="v1", data={"n": "1"})])
    held.synced("7")
    held.listen(heard)
    held.began_anew()
    held.changed([added("a", "x", 7, data={"n": "1"})])
    held.synced("7")
    assert not heard.keys


def test_what_was_put_before_a_mistake_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    held, heard, pack = of(CONFIG_MAP), Heard(), Packing.pack

    def mistaken(packing: Packing, body: bytes) -> bytes:
        if b'"name":"y"' in body:
            raise ZeroDivisionError
        return pack(packing, body)

    monkeypatch.setattr(Packing, "pack", mistaken)
    held.listen(heard)
    with pytest.raises(ZeroDivisionError):
        held.changed([added("a", "x", 1), added("a", "y", 2)])
    assert heard.keys == [("a", "x")]


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


def pod_json(number: int, random: Random) -> bytes:
    """Returns a pod as an API server sends it, with managed fields: about 6 KB."""
    name = f"shop-{random.getrandbits(40):010x}-{number}"
    metadata: JsonObject = {
        "name": name,
        "namespace": f"team-{number % 20}",
        "uid": str(UUID(int=random.getrandbits(128))),
        "resourceVersion": str(10_000_000 + number),
        "labels": {"app": "shop", "pod-template-hash": f"{random.getrandbits(40):010x}"},
        "managedFields": [
            {"manager": "kubelet", "fieldsV1": {f"f:part-of-a-container-{part:016}": {} for part in range(60)}}
        ],
    }
    place = PodPlace(f"node-{number % 50}", f"10.0.{number // 250}.{number % 250}")
    image = f"registry.example.com/shop@sha256:{random.getrandbits(256):064x}"
    body = {"metadata": metadata, **pod(metadata, image, place=place, random=random)}
    return json.dumps(body).encode()


def received(body: bytes) -> list[WatchEvent]:
    return [added_event(body, "alpha", WatchTarget(POD).list_call(""), most_bytes=2**23)]


def test_a_pod_takes_at_most_3_kib_of_memory() -> None:
    """Half of the limit at its usual 6 KB: what is measured is all that its events leave behind."""
    random, held, read_bytes = Random(6), of(POD), 0  # noqa: S311  a fixed seed
    for number in range(50):
        held.changed(received(pod_json(number, random)))
    held.ordered()
    tracemalloc.start()
    try:
        for number in range(50, 350):
            body = pod_json(number, random)
            read_bytes += len(body)
            held.changed(received(body))
        held.ordered()
        del body
        taken_bytes, _most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(held) == 350
    assert read_bytes / 300 > 5000
    assert taken_bytes / 300 < 3 * 1024
    assert taken_bytes / read_bytes < 0.5
    assert 0.6 < held.size_bytes / 350 / (taken_bytes / 300) < 1.5


def test_managed_fields_are_not_held() -> None:
    held = of(POD)
    held.changed(received(pod_json(1, Random(1))))  # noqa: S311  a fixed seed
    [key] = held
    body = held.json(key)
    assert body is not None
    assert b"managedFields" not in body


def test_values_of_secrets_are_not_held() -> None:
    """Neither in the objects, nor in the dictionary of their compression, nor in what it was made of."""
    held, copy = of(SECRET), "kubectl.kubernetes.io/last-applied-configuration"
    for number in range(30):
        secret = base64.b64encode(f"hunter{number}".encode()).decode()
        data: JsonObject = {"password": secret}
        applied = json.dumps({"data": data})
        body = {"metadata": {"annotations": {copy: applied}}, "data": data, "type": "Opaque"}
        head = ObjectMetadata(f"s{number}", "a", f"u{number}", "1")
        held.changed([WatchEvent(EventType.ADDED, head, json.dumps(body).encode())])
        shown = held.json(("a", f"s{number}"))
        assert shown is not None
        assert json.loads(shown)["data"] == {"password": None}
        assert secret.encode() not in shown
    reached = {id(each): each for each in _reached(held)}
    texts = [each for each in reached.values() if isinstance(each, bytes)]
    assert len(texts) >= 30
    assert not [text for text in texts if b"aHVudGVy" in text]  # "hunter"


def _reached(root: object) -> Iterator[object]:
    """Yields all objects that can be reached from one, without types and modules."""
    seen: set[int] = set()
    left = [root]
    while left:
        each = left.pop()
        if id(each) in seen or isinstance(each, type | ModuleType | FunctionType):
            continue
        seen.add(id(each))
        yield each
        left += [each.packed] if isinstance(each, Held) else gc.get_referents(each)


async def test_rows_come_in_the_order_of_api_servers_and_by_windows() -> None:
    held = of(POD)
    held.changed([added(namespace, "p", version) for version, namespace in enumerate(("shop", "b", "shop-eu", "a"), 1)])
    held.changed([added("shop", "q", 9, spec={"nodeName": "n1"})])
    assert names(await pages(held)) == ["a/p", "b/p", "shop-eu/p", "shop/p", "shop/q"]
    assert names(await pages(held, namespace="shop")) == ["shop/p", "shop/q"]
    (second,) = await pages(held, Window(first=2, after=("b", "p")))
    assert names([second]) == ["shop-eu/p", "shop/p"]
    assert (second.count, second.read, second.left) == (5, 2, 0)


def test_keys_stay_in_order_while_they_change() -> None:
    random, order = Random(7), KeyOrder()  # noqa: S311  a fixed seed
    keys: dict[Key, None] = {}
    for step in range(400):
        for _ in range(random.choice((1, 1, 3, 200))):
            key = random.choice(("shop", "shop-eu", "b")), f"p{random.randrange(60)}"
            if keys.pop(key, key) is key:
                keys[key] = None
            order.change(key)
        if step % 3:
            assert order.of(keys.keys()) == sorted(keys, key=lambda key: f"{key[0]}/{key[1]}")


def test_what_cannot_be_masked_is_not_held() -> None:
    held = of(SECRET)
    held.changed([added("a", "x", 1)])
    nested = b'{"metadata":{},"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    held.changed([WatchEvent(EventType.MODIFIED, ObjectMetadata("x", "a", "u", "2"), nested)])
    assert not len(held)
    assert not held.size_bytes


def test_the_reason_of_a_failure_is_heard_when_it_is_another() -> None:
    held, heard = of(CONFIG_MAP), Heard()
    held.synced("1")
    held.listen(heard)
    for status in (403, 403, 401):
        held.interrupted(errors.Forbidden("alpha", f"HTTP {status}.", status=status))
    assert heard.refreshes == 2


def test_what_is_polled_says_so() -> None:
    held = of(CONFIG_MAP)
    held.synced("")
    held.connected(polled_every_s=15.0)
    assert (held.is_complete, held.freshness, held.polled_every_s) == (True, Freshness.LIVE, 15.0)
    held.connected()
    assert held.polled_every_s is None
