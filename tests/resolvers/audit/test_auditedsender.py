"""Reads of secrets through a sender that the operations of one caller share."""

import pytest

from k8s.kinds.builtin import SECRET
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from resolvers.audit.auditedsender import AuditedSender
from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from store.audit.event import AuditAction
from tests.resolvers.audit.test_auditing import Log

FIRST = Call(list_path(SECRET), "list", "secrets", query=(("limit", "500"),))
NEXT = Call(list_path(SECRET), "list", "secrets", query=(("limit", "500"), ("continue", "token")))


class Answers:
    """A sender that answers every call."""

    name = "alpha"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        return b"{}"


async def reads(log: Log, auditor: Auditor) -> int:
    """Returns the number of recorded reads of secrets."""
    await auditor.flush()
    return sum(event.count for event in await log.all() if event.action is AuditAction.SECRET_READ)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def auditor(log: Log) -> Auditor:
    return Auditor(log)


@pytest.fixture
def sender(auditor: Auditor) -> AuditedSender:
    return AuditedSender(Answers(), Caller(name="alice"), auditor, "alice")


async def test_the_pages_of_a_list_of_one_operation_are_one_read(
    sender: AuditedSender, auditor: Auditor, log: Log
) -> None:
    operation = Deadline(10)
    for call in (FIRST, NEXT, NEXT):
        await sender.send(call, operation)

    assert await reads(log, auditor) == 1


async def test_a_page_of_another_operation_is_a_read_of_its_own(
    sender: AuditedSender, auditor: Auditor, log: Log
) -> None:
    first, second = Deadline(10), Deadline(10)
    await sender.send(FIRST, first)
    await sender.send(NEXT, second)

    assert await reads(log, auditor) == 2


async def test_nothing_is_kept_of_operations_that_are_over(sender: AuditedSender) -> None:
    for _ in range(3):
        await sender.send(FIRST, Deadline(10))

    assert len(sender._begun or ()) == 0
