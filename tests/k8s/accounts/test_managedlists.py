"""Lists of objects with our labels, read page by page within a limit."""

import msgspec
import pytest

from k8s import errors
from k8s.accounts.managedlists import MEMORY_ALLOWANCE, MemoryAllowance, list_managed
from k8s.kinds.builtin import ROLE_BINDING
from k8s.reading.pagedecoder import PageDecoder
from k8s.transport.deadline import Deadline
from tests.k8s.listsender import Answer, ListSender, page

DECODER = PageDecoder(msgspec.Raw)


async def _read(answers: dict[str, list[Answer]], *, most: int = 10) -> tuple[int, ListSender]:
    sender = ListSender(answers)
    roles = await list_managed(
        sender, ROLE_BINDING, DECODER, Deadline(10), convert=bytes, labels={"a": "b", "c": "d"}, most=most
    )
    roles.refuse_excess()
    return len(roles.items), sender


async def test_all_pages_are_read() -> None:
    found, sender = await _read({"": [page(["a", "b"], "next")], "next": [page(["c"])]})

    assert found == 3
    assert sender.tokens == ["", "next"]
    assert [dict(call.query)["labelSelector"] for call in sender.calls] == ["a=b,c=d"] * 2
    assert {call.path for call in sender.calls} == {"/apis/rbac.authorization.k8s.io/v1/rolebindings"}


async def test_a_cluster_that_lists_too_many_is_not_asked_for_more() -> None:
    pages: dict[str, list[Answer]] = {str(number): [page(["a"] * 6, str(number + 1))] for number in range(1, 9)}
    sender = ListSender({"": [page(["a"] * 6, "1")], **pages})

    roles = await list_managed(sender, ROLE_BINDING, DECODER, Deadline(10), convert=bytes, labels={"a": "b"}, most=10)

    assert len(roles.items) == 12
    with pytest.raises(errors.TooManyObjects, match="it lists more rolebindings with fleetgraph's labels than"):
        roles.refuse_excess()
    assert sender.tokens == ["", "1"]


async def test_a_few_that_are_too_large_are_too_many() -> None:
    large = msgspec.json.encode({"items": [{"metadata": {"name": "a" * 30_000}}]})

    with pytest.raises(errors.TooManyObjects):
        await _read({"": [large]})


async def test_a_page_that_is_too_large_is_asked_for_with_fewer_objects() -> None:
    found, sender = await _read({"": [errors.AnswerTooLarge("alpha", "large."), page(["a"])]})

    assert found == 1
    first, second = (int(dict(call.query)["limit"]) for call in sender.calls)
    assert second < first


@pytest.mark.parametrize("names", [["a"], []])
async def test_a_list_that_never_ends_is_a_broken_protocol(names: list[str]) -> None:
    with pytest.raises(errors.ProtocolBroken, match="never ends"):
        await _read({"": [page(names, "again")], "again": [page(names, "again")]})


@pytest.mark.parametrize("body", [b'{"items": 1}', b"{}", b'{"kind":"Status","status":"Failure"}'])
async def test_what_is_no_list_is_a_broken_protocol(body: bytes) -> None:
    with pytest.raises(errors.ProtocolBroken, match="its answer to list rolebindings is not what"):
        await _read({"": [body]})


async def test_null_is_an_empty_list() -> None:
    found, _ = await _read({"": [b'{"kind":"RoleBindingList","metadata":null,"items":null}']})

    assert found == 0


@pytest.mark.parametrize(
    ("body", "taken_bytes"),
    [(page(["a"] * 10), 10 * 512), (page(["a" * 10_000]), len(page(["a" * 10_000])))],
    ids=["many-short", "one-long"],
)
async def test_what_is_kept_is_taken_from_the_allowance(body: bytes, taken_bytes: int) -> None:
    MEMORY_ALLOWANCE.set(MemoryAllowance(taken_bytes))
    await _read({"": [body]})

    MEMORY_ALLOWANCE.set(MemoryAllowance(taken_bytes - 1))
    with pytest.raises(errors.TooMuchMemory):
        await _read({"": [body]})


async def test_pages_are_small() -> None:
    _, sender = await _read({"": [page(["a"])]})

    assert [call.most_bytes for call in sender.calls] == [4 * 1024 * 1024]
