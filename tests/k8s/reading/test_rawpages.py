"""Lists as the server wrote them."""

import json
from collections.abc import Sequence

import pytest

from k8s.errors import ProtocolBroken
from k8s.kinds.builtin import POD
from k8s.reading.rawpages import raw_pages
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline


class Server:
    """Answers with pages one after the other, and repeats the last one forever."""

    name = "made"

    def __init__(self, pages: Sequence[object]) -> None:
        self._pages = list(pages)
        self.calls: list[Call] = []

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.calls.append(call)
        return json.dumps(self._pages.pop(0) if len(self._pages) > 1 else self._pages[0]).encode()


def _page(names: Sequence[str], token: str = "") -> object:
    items = [{"metadata": {"name": name}} for name in names]
    return {"kind": "PodList", "metadata": {"resourceVersion": "9", "continue": token}, "items": items}


async def test_pages_follow_their_tokens() -> None:
    pages = [_page(["a", "b"], "x"), _page(["c"])]
    server = Server(pages)

    found = [page async for page in raw_pages(server, POD, page_timeout_s=10)]

    assert [(page.objects, page.resource_version) for page in found] == [(2, "9"), (1, "9")]
    assert [json.loads(page.body) for page in found] == pages
    assert [call.query for call in server.calls] == [(("limit", "500"),), (("limit", "500"), ("continue", "x"))]
    assert {call.path for call in server.calls} == {"/api/v1/pods"}


async def test_a_page_is_asked_for_when_the_one_before_was_taken() -> None:
    server = Server([_page(["a"], "x"), _page(["b"])])
    pages = raw_pages(server, POD, page_timeout_s=10)

    await anext(pages)

    assert len(server.calls) == 1
    await pages.aclose()


async def test_a_list_that_never_ends_is_refused() -> None:
    server = Server([_page(["a"], "x")])

    with pytest.raises(ProtocolBroken, match="its list of pods never ends"):
        _ = [page async for page in raw_pages(server, POD, page_timeout_s=10)]

    assert len(server.calls) == 2


@pytest.mark.parametrize("items", [{"items": None}, {}])
async def test_a_list_without_items_is_empty(items: object) -> None:
    answer = {"kind": "PodList", "metadata": None} | (items if isinstance(items, dict) else {})

    pages = [page async for page in raw_pages(Server([answer]), POD, page_timeout_s=10)]

    assert [(page.objects, page.resource_version) for page in pages] == [(0, "")]


@pytest.mark.parametrize("answer", [[], {"kind": "Status"}, {"kind": "PodList", "items": {}}])
async def test_what_is_no_list_is_refused(answer: object) -> None:
    with pytest.raises(ProtocolBroken, match="its answer to list pods is no list"):
        _ = [page async for page in raw_pages(Server([answer]), POD, page_timeout_s=10)]
