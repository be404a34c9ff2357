"""Pages read as ordered rows, and the cost of a damaged response."""

import asyncio
import gc
from contextlib import aclosing
from types import FrameType

import pytest

from k8s.errors import Forbidden, Gone, ProtocolBroken, ResourceNotFound, TimedOut, TooManyObjects
from k8s.kinds.builtin import POD
from k8s.reading.listing import WHOLE, ListRequest, ObjectCount, Page, Window
from k8s.reading.reader import ClusterReader
from k8s.reading.selection import selection_of
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from tests.k8s.listsender import Answer, ListSender, page
from tests.k8s.wholelist import WholeList, read_whole

SELECTION = selection_of(["metadata.namespace", "metadata.name", "spec.nodeName"])
REQUEST = ListRequest(POD, "Pod", SELECTION)
GONE = Gone("alpha", "the list changed", status=410)


def _names(whole: WholeList) -> list[tuple[str, str]]:
    return [(row.metadata.namespace, row.metadata.name) for row in whole.rows]


async def _list(sender: ListSender, limit: int = 100) -> WholeList:
    return await read_whole(ClusterReader(sender), REQUEST, limit=limit)


async def _pages(sender: ListSender, window: Window = WHOLE) -> list[Page]:
    async with aclosing(ClusterReader(sender).pages(REQUEST, deadline=Deadline(5), limit=100, window=window)) as pages:
        return [item async for item in pages]


async def _get(sender: ListSender) -> object:
    return await ClusterReader(sender).get(
        POD, structure="Pod", selection=SELECTION, namespace="shop", name="web", deadline=Deadline(5)
    )


async def _count(sender: ListSender, request: ListRequest = REQUEST, limit: int = 100) -> ObjectCount:
    return await ClusterReader(sender).count(request, deadline=Deadline(5), limit=limit)


async def test_all_pages_are_read_in_order() -> None:
    sender = ListSender({"": [page(["a", "b"], "t1")], "t1": [page(["c"], "t2")], "t2": [page(["d"])]})

    listing = await _list(sender)

    assert _names(listing) == [("shop", name) for name in "abcd"]
    assert listing.end.resource_version == "7"
    assert sender.tokens == ["", "t1", "t2"]


class CountingSender(ListSender):
    """Counts at the start of each list the readings whose pages are still held, by frames of errors."""

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        if "continue" not in dict(call.query):
            frames = [item for item in gc.get_objects() if isinstance(item, FrameType)]
            readings = sum(frame.f_code is ClusterReader._pages.__code__ for frame in frames)
            self.held.append(readings - self.before)
        elif len(self.held) < 2:
            raise Gone(self.name, "the list changed", status=410)  # no frame here names it, so none holds it
        return await super().send(call, deadline, on_prefix=on_prefix)

    def __init__(self, answers: dict[str, list[Answer]]) -> None:
        super().__init__(answers)
        self.held: list[int] = []
        frames = [item for item in gc.get_objects() if isinstance(item, FrameType)]
        self.before = sum(frame.f_code is ClusterReader._pages.__code__ for frame in frames)


async def test_a_second_reading_holds_nothing_of_the_first() -> None:
    sender = CountingSender({"": [page(["a"], "t1")], "t1": [page(["b"])]})

    await _list(sender)

    assert sender.held == [0, 0]


@pytest.mark.parametrize("token", ["", "t1"])
async def test_an_expired_token_restarts_the_list_once(token: str) -> None:
    answers: dict[str, list[Answer]] = {"": [page(["a"], "t1")], "t1": [page(["b"])]}
    answers[token] = [GONE, *answers[token]]
    sender = ListSender(answers)

    assert _names(await _list(sender)) == [("shop", "a"), ("shop", "b")]
    assert sender.tokens.count("") == 2


async def test_the_page_with_which_a_list_begins_anew_says_so() -> None:
    sender = ListSender({"": [page(["a"], "t1")], "t1": [page(["b"], "t2")], "t2": [GONE, page(["c"])]})

    assert [(item.rows[0].metadata.name, item.is_first) for item in await _pages(sender)] == [
        ("a", True),
        ("b", False),
        ("a", True),
        ("b", False),
        ("c", False),
    ]


async def test_an_expired_token_is_an_error_the_second_time() -> None:
    sender = ListSender({"": [page(["a"], "t1")], "t1": [GONE]})

    with pytest.raises(Gone):
        await _list(sender)
    assert sender.tokens == ["", "t1", "", "t1"]


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b'{"kind":"PodList","metadata":{"resourceVer',
        b"<!doctype html>",
        b"{}",
        b'{"message":"Sign in."}',
        b'{"kind":"PodList","items":{}}',
        b'{"kind":"Status","status":"Success"}',
        b'{"kind":"PodList","items":[{"metadata":{"namespace":"shop"}}]}',
        b'{"kind":"PodList","items":[{"metadata":{"name":"a","namespace":"shop"},"spec":{"nodeName":7}}]}',
        page(["web"], kind="ServiceList"),
        b'{"kind":"Status","status":"Success","items":[]}',
    ],
)
async def test_a_damaged_list_is_read_once_more_and_then_an_error(damaged: bytes) -> None:
    sender = ListSender({"": [damaged]})

    with pytest.raises(ProtocolBroken) as raised:
        await _list(sender)

    assert len(sender.calls) == 2
    assert raised.value.cluster == "alpha"
    assert "pods" in str(raised.value)


async def test_a_list_that_is_whole_the_second_time_is_an_answer() -> None:
    sender = ListSender({"": [b"{", page(["a"])]})

    assert _names(await _list(sender)) == [("shop", "a")]


async def test_an_object_without_a_namespace_in_a_namespaced_list_is_an_error() -> None:
    mixed = b'{"kind":"PodList","items":[{"metadata":{"name":"b","namespace":"n"}},{"metadata":{"name":"a"}}]}'
    with pytest.raises(ProtocolBroken, match="without a namespace"):
        await _list(ListSender({"": [mixed]}))


@pytest.mark.parametrize("kind", ["PodList", "PartialObjectMetadataList", ""])
async def test_kinds_that_a_pod_list_may_have(kind: str) -> None:
    assert len((await _list(ListSender({"": [page(["a"], kind=kind)]}))).rows) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind":"PartialObjectMetadataList","metadata":{},"items":null}',  # as kube-apiserver sends it
        b'{"kind":"PodList","apiVersion":"v1","metadata":{},"items":null}',
        b'{"kind":"PodList","apiVersion":"v1","metadata":{}}',
        b'{"kind":"PodList","metadata":null,"items":[]}',
        b'{"kind":null,"apiVersion":null,"metadata":null,"items":null}',
        b'{"kind":"PodList","metadata":{"resourceVersion":null,"continue":null,"remainingItemCount":null},"items":null}',
        b'{"items":null}',
    ],
)
async def test_null_is_as_good_as_nothing_in_an_empty_list(body: bytes) -> None:
    """Checks the empty lists of kube-apiserver, and of servers and gateways in Go."""
    sender = ListSender({"": [body]})

    assert (await _list(sender)).rows == []
    assert await _count(sender) == ObjectCount(0)
    assert len(sender.calls) == 2


async def test_null_beside_objects_hides_none() -> None:
    item = b'{"metadata":{"name":"a","namespace":"shop"}}'
    body = b'{"kind":null,"metadata":{"resourceVersion":null,"continue":null},"items":[%b]}' % item

    assert _names(await _list(ListSender({"": [body]}))) == [("shop", "a")]


async def test_another_error_is_not_retried() -> None:
    sender = ListSender({"": [TimedOut("alpha", "slow")]})

    with pytest.raises(TimedOut):
        await _list(sender)
    assert len(sender.calls) == 1


async def test_too_many_objects_are_refused_as_soon_as_they_are_known() -> None:
    sender = ListSender({"": [page(["a", "b"], "t1", remaining=2)], "t1": [page(["c", "d"])]})

    with pytest.raises(TooManyObjects, match="at least 4 pods here and a list reads at most 3"):
        await _list(sender, limit=3)


async def test_as_many_objects_as_allowed_are_read() -> None:
    sender = ListSender({"": [page(["a", "b"], "t1", remaining=1)], "t1": [page(["c"])]})

    assert len((await _list(sender, limit=3)).rows) == 3


async def test_too_many_objects_are_refused_where_no_number_is_told() -> None:
    """Checks lists with a label selector, of which the API server does not report the remaining number."""
    sender = ListSender({"": [page(["a", "b"], "t1")], "t1": [page(["c", "d"])]})

    with pytest.raises(TooManyObjects):
        await _list(sender, limit=3)


async def test_one_object() -> None:
    body = b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"shop"},"spec":{"nodeName":"n1"}}'
    sender = ListSender({"": [body]})

    row = await _get(sender)

    assert row.metadata.name == "web"  # type: ignore[attr-defined]  # a class made at run time
    assert row.spec.nodeName == "n1"  # type: ignore[attr-defined]  # a class made at run time
    assert [call.path for call in sender.calls] == ["/api/v1/namespaces/shop/pods/web"]


async def test_an_object_that_is_not_there() -> None:
    error = ResourceNotFound("alpha", "it has no pods web.", status=404)
    error.is_about_object = True

    assert await _get(ListSender({"": [error]})) is None


async def test_a_kind_that_is_not_served_is_an_error() -> None:
    with pytest.raises(ResourceNotFound):
        await _get(ListSender({"": [ResourceNotFound("alpha", "it has no pods web.", status=404)]}))


@pytest.mark.parametrize(
    "damaged", [b"", b"[]", b'{"kind":"Service","metadata":{"name":"web"}}', b'{"kind":"Pod"}', b'{"kind":7}']
)
async def test_a_damaged_object_is_read_once_more_and_then_an_error(damaged: bytes) -> None:
    sender = ListSender({"": [damaged]})

    with pytest.raises(ProtocolBroken):
        await _get(sender)
    assert len(sender.calls) == 2


async def test_a_count_is_one_small_request() -> None:
    sender = ListSender({"": [page(["a"], "t1", remaining=41)]})

    assert await _count(sender) == ObjectCount(42, is_estimate=True)
    assert [dict(call.query) for call in sender.calls] == [{"limit": "1"}]


async def test_a_count_of_at_most_one() -> None:
    assert await _count(ListSender({"": [page(["a"])]})) == ObjectCount(1)
    assert await _count(ListSender({"": [page([])]})) == ObjectCount(0)


async def test_a_count_without_the_number_that_remains_reads_names() -> None:
    sender = ListSender({"": [page(["a"], "t1"), page(["a", "b"], "t2")], "t1": [], "t2": [page(["c"])]})

    assert await _count(sender) == ObjectCount(3)


class HoldingSender(ListSender):
    """Counts the pages that are still held at each request for one."""

    def __init__(self, answers: dict[str, list[Answer]]) -> None:
        super().__init__(answers)
        self.held: list[int] = []

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.held.append(sum(isinstance(item, Page) for item in gc.get_objects()))
        return await super().send(call, deadline)


async def test_of_names_that_are_only_counted_one_page_is_held_at_a_time() -> None:
    pages: dict[str, list[Answer]] = {f"t{number}": [page([f"p{number}"], f"t{number + 1}")] for number in range(1, 20)}
    sender = HoldingSender({"": [page(["p0"], "t1")], **pages, "t20": [page(["p20"])]})

    assert await _count(sender) == ObjectCount(21)
    assert max(sender.held) <= min(sender.held) + 1


async def test_a_damaged_count_is_read_once_more() -> None:
    sender = ListSender({"": [b"{", page(["a"], "t1", remaining=1)]})

    assert await _count(sender) == ObjectCount(2, is_estimate=True)


async def test_a_refusal_is_raised_as_it_is() -> None:
    sender = ListSender({"": [Forbidden("alpha", "no", status=403)]})

    with pytest.raises(Forbidden):
        await _count(sender)
    assert len(sender.calls) == 1


async def _window(sender: ListSender, window: Window) -> WholeList:
    return await read_whole(ClusterReader(sender), REQUEST, window=window)


async def test_of_the_first_objects_no_more_is_asked_than_their_page() -> None:
    sender = ListSender({"": [page(["a", "b"], "t1", remaining=40)]})

    listing = await _window(sender, Window(first=2))

    assert _names(listing) == [("shop", "a"), ("shop", "b")]
    assert (listing.end.token, listing.end.count) == ("t1", 42)
    assert [dict(call.query) for call in sender.calls] == [{"limit": "2"}]


async def test_pages_are_read_until_there_are_enough_behind_a_place() -> None:
    pages: dict[str, list[Answer]] = {"": [page(["a", "b"], "t1")], "t1": [page(["c", "d"], "t2")], "t2": [page(["e"])]}

    listing = await _window(ListSender(pages), Window(first=2, after=("shop", "a")))

    assert _names(listing) == [("shop", "b"), ("shop", "c"), ("shop", "d")]
    assert (listing.end.token, listing.end.count) == ("t2", None)


async def test_a_token_continues_where_it_was_given() -> None:
    sender = ListSender({"t1": [page(["c", "d"], "t2", remaining=5)]})

    listing = await _window(sender, Window(first=2, after=("shop", "b"), token="t1"))

    assert _names(listing) == [("shop", "c"), ("shop", "d")]
    assert (listing.end.token, listing.end.count) == ("t2", None)


async def test_behind_an_expired_token_the_list_is_read_from_its_beginning() -> None:
    sender = ListSender({"old": [GONE], "": [page(["a", "b"], "t1")], "t1": [page(["c"])]})

    listing = await _window(sender, Window(first=1, after=("shop", "b"), token="old"))

    assert _names(listing) == [("shop", "c")]
    assert (listing.end.token, listing.end.count) == ("", 3)
    assert sender.tokens == ["old", "", "t1"]


@pytest.mark.parametrize("way", ["token", "sought"])
async def test_an_object_without_a_namespace_is_the_server_s_fault_wherever_it_is_looked_at(way: str) -> None:
    broken = b'{"kind":"PodList","metadata":{},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}'
    window = Window(2, ("shop", "a"), "t1" if way == "token" else "")

    with pytest.raises(ProtocolBroken, match="without a namespace"):
        await _window(ListSender({"": [broken], "t1": [GONE]}), window)


@pytest.mark.parametrize("claimed", [10**7 + 1, 10**18, 2**31, 0, -5])
async def test_a_number_that_no_list_has_is_ignored(claimed: int) -> None:
    """Checks it for a list with more pages: they are read."""
    sender = ListSender({"": [page(["a"], "t1", remaining=claimed)], "t1": [page(["b"], remaining=claimed)]})

    assert await _count(sender) == ObjectCount(2)
    assert [(item.left, item.count) for item in await _pages(sender)] == [(None, None), (0, 2)]


async def test_a_list_ends_with_its_last_page_whatever_that_says() -> None:
    sender = ListSender({"": [page(["a"], remaining=10**6)]})

    assert await _count(sender) == ObjectCount(1)
    assert [row.metadata.name for row in (await _list(sender)).rows] == ["a"]


@pytest.mark.parametrize("answer", [page(["a"], "x" * 20_000), page(["a" * 2000])])
async def test_tokens_and_names_that_nobody_can_send_are_refused(answer: bytes) -> None:
    with pytest.raises(ProtocolBroken):
        await _list(ListSender({"": [answer]}))


async def test_a_page_of_too_many_values_is_asked_for_with_fewer_objects() -> None:
    large = b'{"kind":"PodList","items":[' + b"{}," * 700_000 + b"{}]}"
    sender = ListSender({"": [large, page(["a"])]})

    assert [row.metadata.name for row in (await _list(sender)).rows] == ["a"]
    assert [dict(call.query)["limit"] for call in sender.calls] == ["1000", "500"]


async def test_pages_say_from_where_on_they_came_in_no_order() -> None:
    sender = ListSender(
        {"": [page(["b"], "t1")], "t1": [page(["c"], "t2")], "t2": [page(["a"], "t3")], "t3": [page(["d"])]}
    )

    assert [item.is_ordered for item in await _pages(sender)] == [True, True, False, False]


@pytest.mark.parametrize(("first", "left"), [(None, [3, None, 0]), (4, [2, None]), (3, [1, None]), (2, [0])])
async def test_pages_say_how_many_are_still_to_come(first: int | None, left: list[int | None]) -> None:
    sender = ListSender(
        {"": [page(["a", "b"], "t1", remaining=3)], "t1": [page(["c", "d"], "t2")], "t2": [page(["e"], remaining=7)]}
    )

    assert [item.left for item in await _pages(sender, Window(first))] == left


async def test_a_list_that_is_left_before_its_end_asks_nothing_more() -> None:
    before = asyncio.all_tasks()
    sender = ListSender({"": [page(["a"], "t1")], "t1": [page(["b"], "t2")], "t2": [page(["c"])]})

    async with aclosing(ClusterReader(sender).pages(REQUEST, deadline=Deadline(5), limit=100)) as pages:
        async for _ in pages:
            break

    assert asyncio.all_tasks() == before
    assert sender.under_way == 0


async def test_an_error_of_the_reader_of_pages_is_not_taken_for_the_server_s() -> None:
    sender = ListSender({"": [page(["a"])]})

    async def fail() -> None:
        async with aclosing(ClusterReader(sender).pages(REQUEST, deadline=Deadline(5), limit=100)) as pages:
            async for _ in pages:
                raise ProtocolBroken("alpha", "a mistake of ours")

    with pytest.raises(ProtocolBroken, match="of ours"):
        await fail()
    assert sender.tokens == [""]
