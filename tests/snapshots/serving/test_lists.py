"""Lists page by page."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from snapshots.serving.api import SnapshotApi
from snapshots.serving.content import ObjectList
from snapshots.serving.index.index import ObjectIndex
from snapshots.serving.index.indexes import RETAINED
from snapshots.serving.static import StaticContent
from snapshots.serving.watching.live import LiveContent
from tests.graph.loopturns import LoopTurns
from tests.snapshots.serving.asking import METADATA_LIST, Answered, ask, node, pod

PODS = "/api/v1/pods"
KEYS = [(namespace, name) for namespace in ("a", "a-b", "b") for name in ("x", "x-y", "y", "z")]


@pytest.fixture
def api() -> SnapshotApi:
    """Returns the API of twelve pods in three namespaces."""
    return SnapshotApi(StaticContent([pod(name, namespace) for namespace, name in reversed(KEYS)]))


async def test_objects_come_in_the_order_of_their_keys(api: SnapshotApi) -> None:
    answered = await ask(api, PODS)

    places = [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in answered.document["items"]]
    assert places == sorted(KEYS, key="/".join)
    assert places[0][0] == "a-b"


async def test_items_of_built_in_kinds_do_not_say_what_they_are(api: SnapshotApi) -> None:
    answered = await ask(api, f"{PODS}?limit=1")

    assert answered.document["kind"] == "PodList"
    assert answered.document["items"] == [{"metadata": {"name": "x", "namespace": "a-b"}}]


async def test_a_page_tells_how_it_goes_on_before_its_items(api: SnapshotApi) -> None:
    answered = await ask(api, f"{PODS}?limit=5")

    assert list(answered.document) == ["kind", "apiVersion", "metadata", "items"]
    assert answered.document["metadata"] == {
        "resourceVersion": "1",
        "continue": answered.token,
        "remainingItemCount": 7,
    }
    token = json.loads(base64.urlsafe_b64decode(answered.token + "=="))
    assert token == {"v": "meta.k8s.io/v1", "rv": 1, "start": "/a/x\0"}


@settings(deadline=None)
@given(limit=st.integers(1, 13), namespace=st.sampled_from((None, "a", "b", "none")), odd=st.booleans())
async def test_pages_together_are_the_list(limit: int, namespace: str | None, odd: bool) -> None:
    labelled = [pod(name, space, labels={"odd": str(place % 2)}) for place, (space, name) in enumerate(KEYS)]
    api = SnapshotApi(StaticContent(labelled))
    path = f"/api/v1/namespaces/{namespace}/pods" if namespace else PODS
    query = "labelSelector=odd=1" if odd else ""

    whole = await ask(api, f"{path}?{query}")
    pages = await _pages(api, f"{path}?{query}&limit={limit}")

    assert [item for page in pages for item in page.document["items"]] == whole.document["items"]
    assert all(len(page.names) == limit for page in pages[:-1])
    for at, page in enumerate(pages[:-1]):
        left = sum(len(later.names) for later in pages[at + 1 :])
        assert page.document["metadata"].get("remainingItemCount") == (None if odd else left)


async def test_a_page_that_ends_at_the_last_object_has_no_token(api: SnapshotApi) -> None:
    assert not (await ask(api, f"{PODS}?limit=12")).token
    assert (await ask(api, f"{PODS}?limit=11")).token


async def test_metadata_alone(api: SnapshotApi) -> None:
    answered = await ask(api, f"{PODS}?limit=1", accept=f"{METADATA_LIST},application/json")

    assert answered.document["kind"] == "PartialObjectMetadataList"
    assert answered.document["items"] == [
        {
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": {"name": "x", "namespace": "a-b"},
        }
    ]


async def test_no_metadata_at_all_is_null_and_no_objects_are_none(api: SnapshotApi) -> None:
    assert (await ask(api, "/api/v1/nodes", accept=METADATA_LIST)).document["items"] is None
    assert (await ask(api, "/api/v1/nodes")).document["items"] == []


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("limit=x", 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("limit=", 400, 'strconv.ParseInt: parsing "": invalid syntax'),
        ("limit=99999999999999999999", 400, 'strconv.ParseInt: parsing "99999999999999999999": value out of range'),
        (
            "resourceVersion=x",
            400,
            'invalid resource version: resourceVersion: Invalid value: "x": '
            'strconv.ParseUint: parsing "x": invalid syntax',
        ),
        ("resourceVersion=9&limit=1", 504, "Timeout: Too large resource version: 9, current: 1"),
        (
            "resourceVersionMatch=Exact",
            422,
            'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: '
            "resourceVersionMatch is forbidden unless resourceVersion is provided",
        ),
    ],
)
async def test_wrong_parameters_are_refused(api: SnapshotApi, query: str, status: int, message: str) -> None:
    answered = await ask(api, f"{PODS}?{query}")

    assert (answered.status, answered.message) == (status, message)
    assert answered.document["kind"] == "Status"


@pytest.mark.parametrize("token", ["x", "e30", "W10", "AAAA", "%C3%A9", "e30=", "eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ"])
async def test_tokens_that_no_server_wrote_are_refused(api: SnapshotApi, token: str) -> None:
    answered = await ask(api, f"{PODS}?limit=1&continue={token}")

    assert answered.status == 400
    assert answered.message.startswith("invalid continue token: continue key is not valid")


@pytest.mark.parametrize("start", ["../x", "/a/../b", "a/", "a//b", "./a"])
async def test_tokens_do_not_leave_their_list(api: SnapshotApi, start: str) -> None:
    written = json.dumps({"v": "meta.k8s.io/v1", "rv": 1, "start": start}).encode()

    answered = await ask(api, f"{PODS}?limit=1&continue={base64.urlsafe_b64encode(written).decode().rstrip('=')}")

    assert answered.status == 400


async def test_pages_of_a_list_that_changes_are_of_its_beginning() -> None:
    live = LiveContent([pod(f"p-{at}") for at in range(6)])
    api = SnapshotApi(live)
    first = await ask(api, f"{PODS}?limit=2")

    live.delete(POD, "shop", "p-3")
    live.apply(pod("p-10"))
    rest = await ask(api, f"{PODS}?continue={first.token}")

    assert rest.names == ["p-2", "p-3", "p-4", "p-5"]
    assert rest.document["metadata"] == {"resourceVersion": "1"}
    assert (await ask(api, PODS)).names == ["p-0", "p-1", "p-10", "p-2", "p-4", "p-5"]


async def test_a_token_of_a_list_that_changed_too_often_is_expired_and_can_go_on_in_the_present() -> None:
    live = LiveContent([pod(f"p-{at}") for at in range(4)])
    api = SnapshotApi(live)
    first = await ask(api, f"{PODS}?limit=2")

    for place in range(RETAINED):
        live.apply(pod(f"q-{place}"))
        await ask(api, PODS)
    expired = await ask(api, f"{PODS}?limit=2&continue={first.token}")
    present = await ask(api, f"{PODS}?limit=3&continue={expired.token}")

    assert (expired.status, expired.document["reason"]) == (410, "Expired")
    assert present.names == ["p-2", "p-3", "q-0"]


async def test_what_is_stored_is_indexed_once_while_it_is_the_same() -> None:
    content = CountingContent()
    api = SnapshotApi(content)

    await ask(api, f"{PODS}?limit=1")
    bodies = [await ask(api, PODS), await ask(api, PODS)]

    assert [answered.names for answered in bodies] == [["p"], ["p"]]
    assert content.objects.reads == 1


async def test_a_content_with_something_else_than_objects_is_the_servers_fault() -> None:
    content = CountingContent()
    content.objects = Objects([b'{"metadata": {}}'])

    answered = await ask(SnapshotApi(content), PODS)

    assert (answered.status, answered.document["reason"]) == (500, "InternalError")


async def test_a_name_alone_is_found_without_a_next_page() -> None:
    api = SnapshotApi(StaticContent([node("a"), node("b"), node("c")]))

    answered = await ask(api, "/api/v1/nodes?limit=1&fieldSelector=metadata.name=b")

    assert (answered.names, answered.token) == (["b"], "")


class Objects(list[bytes]):
    """Objects that count their iterations."""

    reads = 0

    def __iter__(self):  # type: ignore[no-untyped-def]  # list's own
        self.reads += 1
        return super().__iter__()


class CountingContent:
    """A content with one pod."""

    version = "v1.37.2"
    kinds = (POD,)

    def __init__(self) -> None:
        self.objects = Objects([b'{"metadata":{"name":"p","namespace":"shop"}}'])

    async def listed(self, kind: Kind) -> ObjectList:
        return ObjectList("7", self.objects)


async def _pages(api: SnapshotApi, target: str) -> list[Answered]:
    pages = [await ask(api, target)]
    while pages[-1].token:
        pages.append(await ask(api, f"{target}&continue={pages[-1].token}"))
    return pages


async def test_pages_of_large_objects_are_short_and_together_the_list() -> None:
    large = [pod(f"p-{number}", annotations={"a": "x" * 3_000_000}) for number in range(5)]
    api = SnapshotApi(StaticContent(large))

    pages = await _pages(api, f"{PODS}?limit=500")

    assert [page.names for page in pages] == [["p-0", "p-1"], ["p-2", "p-3"], ["p-4"]]
    assert [page.document["metadata"].get("remainingItemCount") for page in pages] == [3, 1, None]
    assert (await ask(api, PODS)).names == [f"p-{number}" for number in range(5)]


def test_a_long_list_that_is_in_order_is_indexed_in_slices() -> None:
    """Checks that a sorted list is neither sorted again, nor are its keys compared in one step."""
    pods = [b'{"metadata":{"namespace":"a","name":"p-%06d"}}' % number for number in range(20_000)]
    indexes: list[ObjectIndex] = []

    async def index() -> None:
        indexes.append(await ObjectIndex.of(POD, pods))

    turns = LoopTurns()
    turns.run(index())

    assert turns.most_lines < 10_000, turns.where
    assert [entry.item for entry in indexes[0].entries] == pods
    assert indexes[0].find("a/p-000007") == 7
