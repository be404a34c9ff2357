"""A cluster whose list has any number of pages: each takes the same memory as the page before."""

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType

import pytest

from graph.engine import Engine
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from k8s.transport import exchange
from k8s.transport.body import PREFIX_BYTES, OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.exchange import UNOBSERVED, Exchange, ObservedCall
from k8s.transport.sender import Sender
from resolvers.audit.auditedsender import AuditedSender
from resolvers.audit.auditor import Auditor
from resolvers.audit.policy import AuditPolicy
from resolvers.caller import OPERATOR
from resolvers.fleet.slots import FairSender, FairSlots
from server.serve.memoryaudit import MemoryAudit
from store.audit.event import AuditFilter, AuditOutcome
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender
from tests.k8s.listsender import page

PODS = "{ pods { totalCount nodes { name cluster { name } } } }"


@dataclass
class ManyPages:
    """A sender with one pod on each page, which sends the continue token early; its exchanges are recorded."""

    pages: int
    name: str = "many"
    watched: tuple[int, ...] = ()
    alive: list[int] = field(default_factory=list)
    """The numbers of live exchanges at each watched page."""

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        number = int(dict(call.query).get("continue", "0"))
        if number in self.watched:
            self.alive.append(sum(isinstance(item, Exchange) for item in gc.get_objects()))
        with ObservedCall(self.name, call, UNOBSERVED) as watch:
            watch.begin().answered(200, "")
            body = page([f"p-{number:06d}"], str(number + 1) if number + 1 < self.pages else "")
            if on_prefix is not None:
                on_prefix(body[:PREFIX_BYTES])
            return body


def _one(kind: Kind) -> Sequence[JsonObject]:
    return [{"metadata": {"namespace": "shop", "name": "web"}}] if kind == POD else []


class Audited:
    """An administrator's fleet, whose calls are audited."""

    def __init__(self, engine: Engine, *senders: Sender) -> None:
        self.log = MemoryAudit()
        self.auditor = Auditor(self.log, AuditPolicy())
        fair = (FairSender(sender, FairSlots(16), OPERATOR.name) for sender in senders)
        self.ask = Asking(
            engine, fleet_of([AuditedSender(item, OPERATOR, self.auditor, "stored credential") for item in fair])
        )


async def test_2000_pages_are_read_beside_another_cluster(engine: Engine) -> None:
    audited = Audited(engine, ObjectsSender("good", _one), ManyPages(2000))

    answer = (await audited.ask(PODS)).to_builtins()

    assert "errors" not in answer
    assert answer["data"]["pods"]["totalCount"] == 2001
    names = {node["name"] for node in answer["data"]["pods"]["nodes"]}
    assert names == {"web", *(f"p-{number:06d}" for number in range(2000))}
    await audited.auditor.flush()
    events = await audited.log.page(first=100, before=None, matching=AuditFilter())
    assert {event.outcome for event in events} == {AuditOutcome.SUCCEEDED}
    assert sum(event.count for event in events) == 2001


async def test_a_later_page_keeps_no_earlier_one(engine: Engine) -> None:
    many = ManyPages(400, watched=(20, 380))

    await Audited(engine, many).ask(PODS)

    early, late = many.alive
    assert late <= early + 2  # requests in progress


async def _calls(engine: Engine, pages: int) -> int:
    """Counts the calls of the recorder of exchanges."""
    called = 0

    def count(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal called
        called += event == "call" and frame.f_code.co_filename == exchange.__file__

    audited = Audited(engine, ManyPages(pages))
    sys.setprofile(count)
    try:
        await audited.ask(PODS)
    finally:
        sys.setprofile(None)
    return called


@pytest.mark.parametrize("pages", [50])
async def test_a_later_page_takes_no_more_calls(engine: Engine, pages: int) -> None:
    few, many = await _calls(engine, pages), await _calls(engine, 4 * pages)

    assert many <= 4 * few
