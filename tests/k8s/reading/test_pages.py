"""Pages of one list: requested ahead, bounded, and never mixed with those of another reading."""

import asyncio
import gc
import sys
from contextvars import ContextVar

import pytest

from k8s.errors import AnswerTooLarge, ProtocolBroken, TimedOut, Unreachable
from k8s.kinds import builtin as kinds
from k8s.kinds.builtin import POD
from k8s.reading.listing import PAGE_OBJECTS, ListRequest
from k8s.reading.pages import METADATA_ONLY, Pages, list_call
from k8s.reading.selection import selection_of
from k8s.transport.body import OnPrefix
from k8s.transport.bodymemory import PORTION, Portion
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from tests.k8s.listsender import Answer, ListSender, page

REQUEST = ListRequest(POD, "Pod", selection_of(["metadata.name", "metadata.namespace", "status.phase"]))


def _pages(sender: ListSender) -> Pages:
    return Pages(sender, REQUEST, Deadline(5))


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_next_page_is_asked_for_when_its_token_is_in_the_first_bytes() -> None:
    end = asyncio.get_running_loop().create_future()
    sender = ListSender({"": [page(["a"], "t1")], "t1": [page(["b"])]})
    sender.before_end = lambda token: end if token == "" else None

    async with _pages(sender) as pages:
        first = asyncio.create_task(pages.body(""))
        await _settle()

        assert not first.done()
        assert sender.tokens == ["", "t1"]
        end.set_result(None)
        assert await first == page(["a"], "t1")
        assert await pages.body("t1") == page(["b"])


async def test_a_page_is_transferred_while_another_one_is_decoded_and_no_third() -> None:
    sender = ListSender({"": [page(["a"], "t1")]})
    sender.answers |= {f"t{n}": [page(["x"], f"t{n + 1}")] for n in range(1, 9)}

    async with _pages(sender) as pages:
        await pages.body("")
        await _settle()
        assert sender.tokens == ["", "t1"]

        pages.decoded("")
        await _settle()
        assert sender.tokens == ["", "t1", "t2"]


async def test_a_page_without_an_early_token_is_followed_all_the_same() -> None:
    late = b'{"kind":"PodList","items":[' + b" " * 2000 + b'],"metadata":{"continue":"t1"}}'
    sender = ListSender({"": [late], "t1": [page(["b"])]})

    async with _pages(sender) as pages:
        await pages.body("")
        await _settle()
        assert sender.tokens == [""]

        assert await pages.body("t1") == page(["b"])


@pytest.mark.parametrize(
    "prefix",
    [
        b'{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"continue":"t1"}}]}',
        b'{"items":[{"metadata":{"continue":"t1"}}]}',
        b'{"kind":"PodList","metadata":{"continue":"t&1"},"items":[]}',
    ],
)
async def test_only_the_token_of_the_list_itself_is_taken(prefix: bytes) -> None:
    sender = ListSender({"": [prefix]})

    async with _pages(sender) as pages:
        await pages.body("")
        await _settle()

        assert sender.tokens == [""]


class RetryingSender(ListSender):
    """Returns the first bytes of an attempt that breaks, then the whole second attempt, as `Connection` does."""

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        token = dict(call.query).get("continue", "")
        if len(self.answers[token]) > 1:
            await super().send(call, deadline, on_prefix=on_prefix)
            await _settle()
        return await super().send(call, deadline, on_prefix=on_prefix)


async def test_a_page_that_was_read_twice_is_followed_by_its_second_reading_only() -> None:
    sender = RetryingSender(
        {
            "": [page(["a"], "old1"), page(["a"], "new1")],
            "old1": [page(["b"], "old2")],
            "old2": [page(["c"], "old3")],
            "old3": [page(["d"])],
            "new1": [page(["B"], "new2")],
            "new2": [page(["C"])],
        }
    )

    async with _pages(sender) as pages, asyncio.timeout(30):
        assert await pages.body("") == page(["a"], "new1")
        assert await pages.body("new1") == page(["B"], "new2")
        assert await pages.body("new2") == page(["C"])
        assert sender.under_way == 0


async def test_a_second_try_with_the_same_token_keeps_what_was_begun() -> None:
    sender = RetryingSender({"": [page(["a"], "t1"), page(["a"], "t1")], "t1": [page(["b"])]})

    async with _pages(sender) as pages:
        await pages.body("")
        await pages.body("t1")

    assert sender.tokens == ["", "t1", ""]


@pytest.mark.parametrize("following", ["", "t1"])
async def test_a_list_that_comes_back_to_a_page_is_refused(following: str) -> None:
    sender = ListSender({"": [page(["a"], "t1")], "t1": [page(["b"], following or "t1")]})

    async with _pages(sender) as pages, asyncio.timeout(30):
        await pages.body("")
        await pages.body("t1")
        with pytest.raises(ProtocolBroken, match="never ends"):
            await pages.body(following)
        await _settle()

    assert sender.tokens == ["", "t1"]


async def test_what_is_on_its_way_is_cancelled_at_the_end() -> None:
    never = asyncio.get_running_loop().create_future()
    sender = ListSender({"": [page(["a"], "t1")], "t1": [page(["b"])]})
    sender.before_end = lambda token: never if token == "t1" else None
    before = asyncio.all_tasks()

    async with _pages(sender) as pages:
        await pages.body("")
        await _settle()
        assert sender.under_way == 1

    assert sender.under_way == 0
    assert asyncio.all_tasks() == before


async def test_the_failure_of_a_page_that_nobody_came_for_is_no_one_s() -> None:
    sender = ListSender({"": [page(["a"], "t1")], "t1": [Unreachable("alpha", "no")]})
    before = asyncio.all_tasks()

    async with _pages(sender) as pages:
        await pages.body("")
        await _settle()

    assert asyncio.all_tasks() == before


async def test_the_failure_of_a_page_is_raised_where_it_is_read() -> None:
    sender = ListSender({"": [page(["a"], "t1")], "t1": [TimedOut("alpha", "no")]})

    async with _pages(sender) as pages:
        await pages.body("")
        with pytest.raises(TimedOut):
            await pages.body("t1")


def test_the_call_of_a_page() -> None:
    request = ListRequest(
        kinds.DEPLOYMENT, "Deployment", REQUEST.selection, "shop", label_selector="a=b,c in (d)", field_selector="x=y"
    )

    call = list_call(request, "t1")

    assert call.path == "/apis/apps/v1/namespaces/shop/deployments"
    assert call.query == (
        ("limit", str(PAGE_OBJECTS)),
        ("labelSelector", "a=b,c in (d)"),
        ("fieldSelector", "x=y"),
        ("continue", "t1"),
    )
    assert call.target == "deployments.apps in namespace shop"
    assert call.verb == "list"
    assert call.accept == "application/json"


def test_metadata_alone_is_asked_for_as_such() -> None:
    request = ListRequest(POD, "Pod", selection_of(["metadata.name"]))

    assert list_call(request, "").accept == METADATA_ONLY


def _limits(sender: ListSender) -> list[str]:
    return [dict(call.query)["limit"] for call in sender.calls]


async def test_a_page_that_is_too_large_is_asked_for_with_fewer_objects_as_are_all_behind_it() -> None:
    large = AnswerTooLarge("alpha", "large.")
    sender = ListSender({"": [page(["a"], "t1")], "t1": [large, page(["b"], "t2")], "t2": [page(["c"])]})

    async with _pages(sender) as pages:
        for token, name in (("", "a"), ("t1", "b"), ("t2", "c")):
            assert f'"{name}"'.encode() in await pages.body(token)
            pages.decoded(token)

    assert _limits(sender)[:2] == ["1000", "500"]
    assert set(_limits(sender)[2:]) == {"25"}


async def test_a_server_that_does_not_listen_to_limits_is_refused() -> None:
    sender = ListSender({"": [AnswerTooLarge("alpha", "large.")]})

    async with _pages(sender) as pages:
        with pytest.raises(AnswerTooLarge):
            await pages.body("")

    assert _limits(sender) == ["1000", "500", "25", "1"]


async def test_of_tokens_that_were_read_none_is_kept() -> None:
    class Endless:
        name = "alpha"

        async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
            return page(["a"])

    tokens = [f"{number:016000}" for number in range(2)]
    references = sys.getrefcount(tokens[0])
    async with Pages(Endless(), REQUEST, Deadline(5)) as pages:
        for token in tokens:
            await pages.body(token)
            pages.decoded(token)
        gc.collect()
        now = sys.getrefcount(tokens[0])

        assert now == references
        with pytest.raises(ProtocolBroken, match="never ends"):
            await pages.body(tokens[0])


DEPTH: ContextVar[int] = ContextVar("depth", default=0)


class NestingSender(ListSender):
    """Sets a context variable for each page while it is read, like recorders of exchanges and holders of slots."""

    def __init__(self, answers: dict[str, list[Answer]]) -> None:
        super().__init__(answers)
        self.depths: list[int] = []
        self.portions: list[Portion | None] = []

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.depths.append(DEPTH.get())
        self.portions.append(PORTION.get())
        DEPTH.set(DEPTH.get() + 1)
        return await super().send(call, deadline, on_prefix=on_prefix)


async def test_each_page_begins_in_the_context_in_which_the_list_began() -> None:
    sender = NestingSender({f"t{n}": [page(["a"], f"t{n + 1}")] for n in range(1, 50)})
    sender.answers |= {"": [page(["a"], "t1")], "t50": [page(["a"])]}
    DEPTH.set(7)

    async with _pages(sender) as pages:
        token = ""
        for following in [*(f"t{n}" for n in range(1, 51)), ""]:
            await pages.body(token)
            pages.decoded(token)
            token = following

    assert sender.depths == [7] * 51
    assert len(set(map(id, sender.portions))) == 51
    assert DEPTH.get() == 7
