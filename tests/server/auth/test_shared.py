"""One verification of a token for all who present it at once, and none that began before they did."""

import asyncio
from dataclasses import dataclass, field

import pytest

from resolvers.caller import Caller
from server.auth.shared import SharedVerification
from store.errors import StoreUnavailable


@dataclass
class Known:
    """An authenticator of tokens that begin with `fgt_valid`; it answers when `gate` is set."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    calls: list[str] = field(default_factory=list)
    error: Exception | None = None
    revoked: set[str] = field(default_factory=set)

    async def caller(self, token: str) -> Caller | None:
        self.calls.append(token)
        is_valid = token.startswith("fgt_valid") and token not in self.revoked
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return Caller(name=token) if is_valid else None


async def let_all_start() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_all_who_wait_share_one_verification() -> None:
    known = Known()
    shared = SharedVerification(known)

    asking = [asyncio.create_task(shared.caller("fgt_valid")) for _ in range(500)]
    await let_all_start()
    late = [asyncio.create_task(shared.caller("fgt_valid")) for _ in range(500)]
    await let_all_start()
    known.gate.set()

    assert {await outcome for outcome in (*asking, *late)} == {Caller(name="fgt_valid")}
    assert known.calls == ["fgt_valid"] * 2


async def test_who_comes_after_a_revocation_does_not_get_the_verification_that_began_before() -> None:
    known = Known()
    shared = SharedVerification(known)

    before = asyncio.create_task(shared.caller("fgt_valid"))
    await let_all_start()
    known.revoked.add("fgt_valid")
    after = asyncio.create_task(shared.caller("fgt_valid"))
    await let_all_start()
    known.gate.set()

    assert (await before, await after) == (Caller(name="fgt_valid"), None)


async def test_who_goes_away_takes_nothing_from_others() -> None:
    known = Known()
    shared = SharedVerification(known)

    gone, stays = (asyncio.create_task(shared.caller("fgt_valid")) for _ in range(2))
    await let_all_start()
    gone.cancel()
    known.gate.set()

    assert await stays == Caller(name="fgt_valid")


async def test_everybody_hears_of_an_outage_and_the_next_asks_again() -> None:
    known = Known(error=StoreUnavailable("away"))
    known.gate.set()
    shared = SharedVerification(known)

    failed = await asyncio.gather(*(shared.caller("fgt_valid") for _ in range(3)), return_exceptions=True)
    known.error = None

    assert [type(outcome) for outcome in failed] == [StoreUnavailable] * 3
    assert await shared.caller("fgt_valid") == Caller(name="fgt_valid")


@pytest.mark.parametrize("valid", ["fgt_valid", "eyJ.valid"])
async def test_a_flood_of_made_up_tokens_delays_nobody(valid: str) -> None:
    known = Known()
    shared = SharedVerification(known)

    flood = [asyncio.create_task(shared.caller(f"{kind}_{number}")) for number in range(400) for kind in ("fgt", "eyJ")]
    await let_all_start()
    one = asyncio.create_task(shared.caller(valid))
    await let_all_start()
    calls = list(known.calls)
    known.gate.set()

    assert calls[-1] == valid
    assert len(calls) == len(flood) + 1
    assert set(await asyncio.gather(*flood)) == {None}
    assert await one == (Caller(name=valid) if valid.startswith("fgt_valid") else None)
