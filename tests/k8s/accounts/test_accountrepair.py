"""Repair of an account after a refusal, and the intervals between repairs."""

import asyncio
import sys

import pytest

from k8s import errors
from k8s.accounts.accounts import ReconcileResult
from k8s.accounts.bindings import BoundRole
from k8s.accounts.repair import (
    LONGEST_PAUSE_FOR_MISSING_S,
    LONGEST_PAUSE_S,
    PAUSE_FOR_ALLOWED_S,
    PAUSE_FOR_TOKEN_S,
    SHORTEST_PAUSE_S,
    AccountRepair,
)
from k8s.kinds.builtin import NODE, POD
from k8s.transport.bodymemory import PORTION, Portion
from k8s.transport.call import Call
from k8s.transport.path import list_path, object_path
from tests.k8s.clock import Clock

PODS = Call(list_path(POD), "list", "pods")
NODES = Call(list_path(NODE), "list", "nodes")
FORBIDDEN = errors.Forbidden("alpha", "no.", status=403)
UNAUTHENTICATED = errors.Unauthenticated("alpha", "no.", status=401)
NOTHING = ReconcileResult(0, ())
SOMETHING = ReconcileResult(1, ())


class Account:
    """The result of a repair, with counts of repairs and of renewed tokens."""

    def __init__(self) -> None:
        self.result: ReconcileResult | errors.ClusterError = NOTHING
        self.gate: asyncio.Event | None = None
        self.looks = 0
        self.renewals = 0

    async def keep(self) -> ReconcileResult:
        self.looks += 1
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.result, errors.ClusterError):
            raise self.result
        return self.result

    def renew(self) -> None:
        self.renewals += 1


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def repair(account: Account, clock: Clock) -> AccountRepair:
    return AccountRepair(account.keep, renew=account.renew, clock=clock)


async def test_what_was_missing_makes_a_refused_call_worth_sending_again(
    repair: AccountRepair, account: Account
) -> None:
    account.result = SOMETHING

    assert await repair.repairs(PODS, FORBIDDEN, since=0)
    assert await repair.repairs(NODES, FORBIDDEN, since=0)  # sent before that

    assert (account.looks, account.renewals) == (1, 0)


async def test_an_account_that_was_made_anew_needs_another_token(repair: AccountRepair, account: Account) -> None:
    account.result = ReconcileResult(0, (), is_new=True)

    assert await repair.repairs(PODS, FORBIDDEN, since=0)

    assert account.renewals == 1


async def test_a_token_that_is_not_accepted_is_renewed_though_nothing_is_missing(
    repair: AccountRepair, account: Account, clock: Clock
) -> None:
    assert await repair.repairs(PODS, UNAUTHENTICATED, since=0)
    assert not await repair.repairs(PODS, UNAUTHENTICATED, since=1)
    clock.now_s += SHORTEST_PAUSE_S
    assert await repair.repairs(PODS, UNAUTHENTICATED, since=1)

    assert account.renewals == 2


async def test_what_was_never_allowed_is_looked_after_less_and_less_often(
    repair: AccountRepair, account: Account, clock: Clock
) -> None:
    for _second in range(600):
        assert not await repair.repairs(PODS, FORBIDDEN, since=0)
        clock.now_s += 1

    assert account.looks <= 3 + 600 / LONGEST_PAUSE_S


async def test_what_was_allowed_is_looked_after_at_once_and_once(
    repair: AccountRepair, account: Account, clock: Clock
) -> None:
    repair.allowed(PODS)
    assert not await repair.repairs(NODES, FORBIDDEN, since=0)

    assert not await repair.repairs(PODS, FORBIDDEN, since=0)
    assert not await repair.repairs(PODS, FORBIDDEN, since=0)

    assert account.looks == 2


async def test_what_was_allowed_of_one_object_says_nothing_of_another(repair: AccountRepair, account: Account) -> None:
    """A role may name objects, and a caller may then request the others as often as it likes."""
    one, other = (Call(object_path(POD, "shop", name), "get", "pod") for name in ("one", "other"))
    for _ in range(20):
        repair.allowed(one)
        assert not await repair.repairs(other, FORBIDDEN, since=0)

    assert account.looks == 1


async def test_what_was_allowed_of_one_node_says_nothing_of_a_list_of_all(
    repair: AccountRepair, account: Account
) -> None:
    """A role may name an object, which may then be listed by its name."""
    one = Call(list_path(NODE), "list", "nodes", query=(("fieldSelector", "metadata.name=one"),))
    for _ in range(20):
        repair.allowed(one)
        assert not await repair.repairs(NODES, FORBIDDEN, since=0)

    assert account.looks == 1


async def test_what_is_allowed_and_refused_in_turn_is_looked_after_every_other_second(
    repair: AccountRepair, account: Account, clock: Clock
) -> None:
    for _ in range(3000):
        repair.allowed(PODS)
        assert not await repair.repairs(PODS, FORBIDDEN, since=0)
        clock.now_s += 0.02

    assert account.looks <= 2 + 60 / PAUSE_FOR_ALLOWED_S


async def test_what_was_allowed_is_evidence_still_after_a_pause(
    repair: AccountRepair, account: Account, clock: Clock
) -> None:
    for call in (PODS, NODES):
        repair.allowed(call)
        assert not await repair.repairs(call, FORBIDDEN, since=0)
    account.result = SOMETHING
    clock.now_s += PAUSE_FOR_ALLOWED_S

    assert await repair.repairs(NODES, FORBIDDEN, since=0)


async def test_a_token_that_is_not_accepted_is_renewed_while_a_refusal_rests(
    repair: AccountRepair, account: Account, clock: Clock
) -> None:
    assert not await repair.repairs(NODES, FORBIDDEN, since=0)

    assert await repair.repairs(PODS, UNAUTHENTICATED, since=0)
    for _ in range(100):
        await repair.repairs(PODS, UNAUTHENTICATED, since=repair.changes)
    assert (account.looks, account.renewals) == (2, 1)

    clock.now_s += PAUSE_FOR_TOKEN_S
    assert await repair.repairs(PODS, UNAUTHENTICATED, since=1)


async def test_a_token_that_is_not_accepted_is_renewed_by_a_look_that_is_under_way(
    repair: AccountRepair, account: Account
) -> None:
    account.gate = asyncio.Event()
    first = asyncio.create_task(repair.repairs(NODES, FORBIDDEN, since=0))
    await asyncio.sleep(0)
    second = asyncio.create_task(repair.repairs(PODS, UNAUTHENTICATED, since=0))
    await asyncio.sleep(0)
    account.gate.set()

    assert all(await asyncio.gather(first, second))
    assert (account.looks, account.renewals) == (1, 1)


async def test_a_look_takes_no_memory_of_the_body_that_was_refused() -> None:
    async def keep() -> ReconcileResult:
        assert PORTION.get() is None
        return NOTHING

    PORTION.set(Portion())
    await AccountRepair(keep, renew=lambda: None).repairs(PODS, FORBIDDEN, since=0)


async def test_a_role_that_stays_missing_is_looked_for_less_and_less_often(
    repair: AccountRepair, account: Account, clock: Clock
) -> None:
    account.result = ReconcileResult(0, (BoundRole("ClusterRole", "late"),))
    for _tenth in range(6000):
        await repair.repairs(PODS, FORBIDDEN, since=0)
        clock.now_s += 0.1

    assert account.looks <= 7 + 600 / LONGEST_PAUSE_FOR_MISSING_S


async def test_a_role_that_is_known_to_be_missing_is_looked_for_after_a_second(
    repair: AccountRepair, account: Account, clock: Clock
) -> None:
    account.result = ReconcileResult(0, (BoundRole("ClusterRole", "late"),))
    for _ in range(3):
        assert not await repair.repairs(PODS, FORBIDDEN, since=0)
        clock.now_s += 1
    account.result = SOMETHING

    assert await repair.repairs(PODS, FORBIDDEN, since=0)


async def test_many_that_are_refused_at_once_look_once(repair: AccountRepair, account: Account) -> None:
    account.gate, account.result = asyncio.Event(), SOMETHING
    waiting = [asyncio.create_task(repair.repairs(PODS, FORBIDDEN, since=0)) for _ in range(1000)]
    await asyncio.sleep(0)
    waiting[0].cancel()  # a cancelled waiter affects no other
    await asyncio.sleep(0)
    account.gate.set()

    assert await asyncio.gather(*waiting[1:]) == [True] * 999

    assert account.looks == 1


async def test_a_look_that_fails_leaves_the_refusal_as_the_answer(
    repair: AccountRepair, account: Account, clock: Clock
) -> None:
    account.result = errors.Unreachable("alpha", "gone.")

    assert not await repair.repairs(PODS, FORBIDDEN, since=0)
    assert not await repair.repairs(PODS, FORBIDDEN, since=0)

    assert account.looks == 1


async def test_closing_ends_a_look_that_is_under_way(repair: AccountRepair, account: Account) -> None:
    account.gate = asyncio.Event()
    waiting = asyncio.create_task(repair.repairs(PODS, FORBIDDEN, since=0))
    await asyncio.sleep(0)

    await repair.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_of_a_long_selector_nothing_is_kept(repair: AccountRepair) -> None:
    selector = "metadata.name=" + "x" * 1_000_000
    references = sys.getrefcount(selector)

    repair.allowed(Call(list_path(NODE), "list", "nodes", query=(("fieldSelector", selector),)))

    assert sys.getrefcount(selector) == references
