"""Payloads of the outbox: their order, their size, and the announcements open after each."""

import gc
import json
from collections.abc import Iterator

import pytest

from graph.incremental.outbox import MOST_ENTRIES, Outbox
from graph.incremental.payloads import Completed, Increment, Initial, Payload, PayloadFormat, Pending
from tests.graph.merging import Merged

PLACES = 2 * MOST_ENTRIES + 1
ERROR = {"message": "no more", "extensions": {"code": "INTERNAL"}}


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


def announced(outbox: Outbox) -> list[Pending]:
    """Returns announcements of one fragment of each object of a list that is sent first."""
    return [outbox.announce(("list", index), "a") for index in range(PLACES)]


def first(outbox: Outbox) -> Payload:
    return outbox.payload(Initial({"list": [{} for _ in range(PLACES)]}))


def rest(outbox: Outbox) -> Iterator[Payload]:
    while not outbox.is_empty:
        yield outbox.payload()


def entries(payload: Payload) -> int:
    return len(payload.pending) + len(payload.incremental) + len(payload.completed)


def test_a_payload_holds_no_more_than_it_may_and_all_are_the_answer(outbox: Outbox) -> None:
    pendings, merged = announced(outbox), Merged()
    sent = [first(outbox), *rest(outbox)]
    below = [outbox.announce((*pending.place, "b"), None) for pending in pendings]
    outbox.add([Increment(pending, {"b": {}}) for pending in pendings], [Completed(pending) for pending in pendings])
    sent += rest(outbox)
    outbox.add([Increment(item, {"c": 1}) for item in below], [Completed(item) for item in below])
    sent += rest(outbox)

    for payload in sent:
        merged.add(json.loads(payload.to_json(PayloadFormat.IDS)))

    assert max(map(entries, sent)) == MOST_ENTRIES
    assert merged.data == {"list": [{"b": {"c": 1}}] * PLACES}
    assert [payload.has_next for payload in sent] == [True] * (len(sent) - 1) + [False]
    assert not outbox.has_open


def test_what_an_increment_of_an_earlier_payload_brought_is_not_told_again_by_path(outbox: Outbox) -> None:
    pendings, merged = announced(outbox), Merged()
    sent = [first(outbox), *rest(outbox)]
    outbox.add(
        [Increment(pending, {"b": 1}) for pending in pendings],
        [Completed(pending, has_increment=True) for pending in pendings],
    )
    sent += rest(outbox)

    told = [json.loads(item.to_json(PayloadFormat.PATHS)) for item in sent if item.is_written(PayloadFormat.PATHS)]
    for payload in told:
        merged.add_of_2022(payload)

    assert merged.data == {"list": [{"b": 1}] * PLACES}
    assert sum(len(payload.get("incremental", ())) for payload in told) == PLACES
    assert told[-1] == {"hasNext": False}
    assert [payload for payload in told[1:-1] if not payload.get("incremental")] == []


async def test_what_is_open_is_completed_with_an_error_in_payloads_that_are_no_larger(outbox: Outbox) -> None:
    pendings = announced(outbox)
    first(outbox)
    list(rest(outbox))
    outbox.add([Increment(pendings[0], {})], [Completed(pendings[0])])
    outbox.payload()
    outbox.add([Increment(pendings[1], {})], [Completed(pendings[1])])  # which is not sent any more

    last = [payload async for payload in outbox.cut_off(ERROR)]

    assert [completion.of for payload in last for completion in payload.completed] == pendings[1:]
    assert {completion.errors[0]["message"] for payload in last for completion in payload.completed} == {"no more"}
    assert max(map(entries, last)) == MOST_ENTRIES
    assert [payload.has_next for payload in last] == [True] * (len(last) - 1) + [False]
    assert outbox.is_empty
    assert not outbox.has_open


async def test_what_was_not_announced_is_announced_and_completed_with_the_error(outbox: Outbox) -> None:
    pendings = announced(outbox)
    known = {announcement.id for announcement in first(outbox).pending}
    payload = outbox.payload()
    outbox.take_back(payload)
    last = [payload async for payload in outbox.cut_off(ERROR)]

    told = [announcement for payload in last for announcement in payload.pending]
    completed = [completion for payload in last for completion in payload.completed]
    assert [item.id for item in told] == [pending.id for pending in pendings if pending.id not in known]
    assert sorted(int(completion.of.id) for completion in completed) == [int(pending.id) for pending in pendings]
    assert all(completion.errors == [ERROR] for completion in completed)


async def test_what_was_sent_is_completed_as_it_is_and_what_was_not_with_all_below_it_is_not(outbox: Outbox) -> None:
    pendings = announced(outbox)
    list(rest(outbox))
    sent, unsent = pendings[:MOST_ENTRIES], pendings[MOST_ENTRIES:]
    outbox.add((Increment(pending, {}) for pending in pendings), map(Completed, pendings))
    below = [outbox.announce((*item.place, "below"), None) for item in (sent[0], unsent[0])]
    assert len(outbox.payload().incremental) == MOST_ENTRIES

    last = [payload async for payload in outbox.cut_off(ERROR)]

    assert [announcement for payload in last for announcement in payload.pending] == below[:1]
    failed = {completion.of.id: bool(completion.errors) for payload in last for completion in payload.completed}
    assert failed == {item.id: False for item in sent} | {item.id: True for item in (*unsent, below[0])}
    assert [payload.has_next for payload in last] == [True] * (len(last) - 1) + [False]
    assert all(len(payload.pending) + len(payload.completed) <= MOST_ENTRIES for payload in last)


async def test_objects_of_a_payload_that_was_not_sent_are_lost_with_all_below_them(outbox: Outbox) -> None:
    pendings = announced(outbox)
    list(rest(outbox))
    outbox.add([Increment(pendings[0], {})], [Completed(pending) for pending in pendings[:2]])
    below = outbox.announce((*pendings[0].place, "below"), None)
    outbox.take_back(outbox.payload())

    last = [payload async for payload in outbox.cut_off(ERROR)]

    failed = {completion.of.id: bool(completion.errors) for payload in last for completion in payload.completed}
    assert failed == {pending.id: pending is not pendings[1] for pending in pendings}
    assert below.id not in failed


async def test_with_nothing_open_the_last_payload_says_so(outbox: Outbox) -> None:
    (last,) = [payload async for payload in outbox.cut_off(ERROR)]

    assert json.loads(last.to_json(PayloadFormat.IDS)) == {"hasNext": False}


async def test_an_error_that_many_places_share_is_shown_once_of_a_payload(outbox: Outbox) -> None:
    announced(outbox)
    first(outbox)

    last = [payload async for payload in outbox.cut_off(ERROR)]

    assert sum(len(payload.completed) for payload in last) == PLACES
    assert all(payload.errors == [ERROR] for payload in last)


def test_the_garbage_collector_walks_nothing_of_what_is_announced(outbox: Outbox) -> None:
    pendings = announced(outbox)
    outbox.add([Increment(pending, {}) for pending in pendings], [Completed(pending) for pending in pendings])

    payload = outbox.payload()

    assert not any(map(gc.is_tracked, [*payload.incremental, *pendings, Completed(pendings[0])]))
