"""Answers in payloads: merged, they are the whole answer, at the same cost."""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest
from graphql import GraphQLSchema
from hypothesis import assume, given
from hypothesis import strategies as st

from graph.engine import Engine
from graph.incremental import outbox
from graph.incremental.outbox import MOST_ENTRIES
from graph.incremental.payloads import PayloadFormat, ResponsePath
from k8s.transport.sender import Sender
from tests.graph.comparison import SeenError, data_text, plain_text, seen_errors
from tests.graph.documents import DocumentWriter
from tests.graph.fleets import Asking, fleet_of
from tests.graph.merging import Merged
from tests.graph.schema.test_equivalence import AROUND_FAILING, made_places, made_senders, property_test
from tests.graph.senders import DownSender

PREFERRED = AROUND_FAILING | {
    f"{kind}Connection": ("nodes", "edges", "clusters") for kind in ("Pod", "Node", "Deployment")
}
randoms = st.integers(0, 2**32 - 1).map(Random)
formats = st.sampled_from(PayloadFormat)
sizes = st.sampled_from([1, 3, MOST_ENTRIES])


async def merged(asking: Asking, query: str, written_in: PayloadFormat, variables: Mapping[str, object]) -> Merged:
    """Returns the merged answer of a client, the same in both formats; announcements tell which lists were streamed."""
    found, streamed = Merged(), set[ResponsePath]()
    async for payload in asking.deliver(query, variables):
        assert len(payload.pending) + len(payload.incremental) + len(payload.completed) <= outbox.MOST_ENTRIES
        streamed |= {pending.place for pending in payload.pending if pending.is_list}
        if not payload.is_written(written_in):
            assert set(json.loads(payload.to_json(written_in))) == {"hasNext"}
            continue
        add = found.add if written_in is PayloadFormat.IDS else found.add_of_2022
        add(json.loads(payload.to_json(written_in)))
    assert not found.has_next
    assert set(found.streamed) <= streamed
    found.streamed = sorted(streamed, key=str)
    return found


@property_test
@given(
    random=randoms,
    fields=st.integers(1, 40),
    seed=st.integers(0, 50),
    has_dead_cluster=st.booleans(),
    written_in=formats,
    most=sizes,
)
async def test_payloads_are_the_whole_answer(
    engine: Engine,
    schema: GraphQLSchema,
    random: Random,
    fields: int,
    seed: int,
    has_dead_cluster: bool,
    written_in: PayloadFormat,
    most: int,
) -> None:
    senders: list[Sender] = [*made_senders(seed), *([DownSender("dead")] if has_dead_cluster else [])]
    asking = Asking(engine, fleet_of(senders))
    preferred = PREFERRED if random.random() < 0.7 else {}
    writer = DocumentWriter(schema, random, made_places(senders), fields=fields, preferred=preferred, defers=True)
    document = writer.write()

    whole = await asking(document.query, document.variables)
    assume(whole.executed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "MOST_ENTRIES", most)
        parts = await merged(asking, document.query, written_in, document.variables)

    found, expected = json.loads(plain_text(parts.data)), json.loads(data_text(whole))
    is_lost = expected is None and () in parts.failed  # of the root, what is deferred fails alone
    assert is_lost or comparable(found, parts.streamed) == comparable(expected, parts.streamed)
    assert set(map(reason_of, errors_of(parts))) == set(map(reason_of, seen_errors(whole)))


def errors_of(parts: Merged) -> Sequence[SeenError]:
    """Returns the errors as of a whole answer."""
    return [SeenError(tuple(error["path"]), error["message"], error["extensions"]["code"]) for error in parts.errors]


def reason_of(error: SeenError) -> tuple[object, ...]:
    """Returns the message and the place of an error; of several reasons to refuse a field, any is accepted."""
    field, message, code = error.field
    return (field, "refused") if code in {"BAD_USER_INPUT", "LIMIT_EXCEEDED"} else (field, message, code)


def comparable(data: Any, streamed: Sequence[ResponsePath]) -> object:
    """Returns data without the order of streamed objects."""
    for path in streamed:
        place = data
        for key in path:
            place = place[key]
        place.sort(key=lambda item: json.dumps(item, sort_keys=True))
    return data
