"""Limits of callers' requests; over a limit, a request is refused before its body is read."""

import asyncio

import httpx
import pytest

from server.http.responses import Refusal
from server.ratelimit import ratelimit
from server.ratelimit.ratelimit import CallerLimiter, CallerLimits
from tests.server.http_parts import AUTHORIZED, Fakes, code_of


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Returns the time in seconds, which tests move."""
    now = [1000.0]
    monkeypatch.setattr(ratelimit, "monotonic", lambda: now[0])
    return now


async def let_all_start() -> None:
    for _ in range(500):
        await asyncio.sleep(0)


async def several(fakes: Fakes, number: int) -> tuple[httpx.AsyncClient, list["asyncio.Task[httpx.Response]"]]:
    transport = httpx.ASGITransport(app=fakes.app())
    client = httpx.AsyncClient(transport=transport, base_url="http://fleetgraph.test", headers=AUTHORIZED)
    asking = [asyncio.create_task(client.post("/graphql", json={"query": f"{{ ok{n} }}"})) for n in range(number)]
    await let_all_start()
    return client, asking


async def first_of(asking: list["asyncio.Task[httpx.Response]"]) -> httpx.Response:
    """Returns the one that is answered while all others wait."""
    done, _ = await asyncio.wait(asking, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    await let_all_start()
    (only,) = done
    return only.result()


async def test_requests_of_one_caller_wait_for_each_other() -> None:
    fakes = Fakes(caller_limits=CallerLimits(caller_requests=2))
    fakes.executor.gate = asyncio.Event()

    client, asking = await several(fakes, 5)
    await fakes.executor.started.wait()
    await let_all_start()
    at_once = len(fakes.executor.requests)
    fakes.executor.gate.set()
    answers = await asyncio.gather(*asking)
    await client.aclose()

    assert at_once == 2
    assert [answer.status_code for answer in answers] == [200] * 5
    assert [request.query for request in fakes.executor.requests] == [f"{{ ok{n} }}" for n in range(5)]


async def test_429_for_more_than_may_wait() -> None:
    fakes = Fakes(caller_limits=CallerLimits(caller_requests=2, caller_waiting=1))
    fakes.executor.gate = asyncio.Event()

    client, asking = await several(fakes, 4)
    refused = await first_of(asking)
    fakes.executor.gate.set()
    answers = await asyncio.gather(*asking)
    await client.aclose()

    assert (refused.status_code, code_of(refused)) == (429, "TOO_MANY_REQUESTS")
    assert refused.headers["retry-after"] == "1"
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 429]


async def test_429_after_waiting_too_long() -> None:
    limiter = CallerLimiter(CallerLimits(caller_requests=1, caller_wait_s=0.01))

    async with limiter.for_caller("a"):
        with pytest.raises(Refusal, match=r"None ended within 0\.01 s") as refused:
            async with limiter.for_caller("a"):
                pass

    assert refused.value.status == 429


async def test_one_caller_s_requests_do_not_count_for_another() -> None:
    limiter = CallerLimiter(CallerLimits(caller_requests=1, caller_waiting=1, caller_requests_per_minute=1))

    async with limiter.for_caller("a"), limiter.for_caller("b"):
        pass


async def test_who_gives_up_waiting_leaves_no_gap() -> None:
    limiter = CallerLimiter(CallerLimits(caller_requests=1))

    async def ask() -> None:
        async with limiter.for_caller("a"):
            pass

    async with limiter.for_caller("a"):
        gone, stays = asyncio.create_task(ask()), asyncio.create_task(ask())
        await let_all_start()
        gone.cancel()
        await let_all_start()
    await stays

    assert gone.cancelled()
    async with limiter.for_caller("a"):
        pass


async def test_one_token_s_requests_are_bounded_before_anybody_knows_whose_it_is() -> None:
    fakes = Fakes(caller_limits=CallerLimits(caller_requests=2, caller_waiting=1))
    fakes.tokens.gate = asyncio.Event()

    client, asking = await several(fakes, 5)
    refused = [response.result() for response in asking if response.done()]
    verified = len(fakes.tokens.verified)
    fakes.tokens.gate.set()
    answers = await asyncio.gather(*asking)
    await client.aclose()

    assert [(response.status_code, response.headers["retry-after"]) for response in refused] == [(429, "1")] * 2
    assert "Your requests under way or waiting: 3; the limit is 3" in refused[0].text
    assert verified == 1
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 429, 429]


async def test_503_for_more_than_there_may_be_of_all_callers_and_nobody_is_asked_who_it_is() -> None:
    fakes = Fakes(caller_limits=CallerLimits(requests=2))
    fakes.executor.gate = asyncio.Event()

    client, asking = await several(fakes, 3)
    refused = await first_of(asking)
    verified = len(fakes.tokens.verified)
    fakes.executor.gate.set()
    await asyncio.gather(*asking)
    afterwards = await client.post("/graphql", json={"query": "{ ok }"})
    await client.aclose()

    assert (refused.status_code, code_of(refused), refused.headers["retry-after"]) == (503, "TOO_MANY_REQUESTS", "1")
    assert "the limit is 2 (FLEETGRAPH_MAX_CONCURRENT_REQUESTS)" in refused.text
    assert verified == 1
    assert afterwards.status_code == 200


async def test_requests_that_wait_for_others_of_their_caller_take_no_place_of_all_callers() -> None:
    fakes = Fakes(caller_limits=CallerLimits(requests=2, caller_requests=1))
    fakes.executor.gate = asyncio.Event()

    client, asking = await several(fakes, 5)
    refused = [response for response in asking if response.done()]
    fakes.executor.gate.set()
    answers = await asyncio.gather(*asking)
    await client.aclose()

    assert refused == []
    assert [answer.status_code for answer in answers] == [200] * 5


async def test_429_for_more_than_a_minute_s_worth_and_when_to_come_back(clock: list[float]) -> None:
    fakes = Fakes(caller_limits=CallerLimits(caller_requests_per_minute=3))
    app = fakes.app()

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://fleetgraph.test", headers=AUTHORIZED
    ) as client:
        at_once = [await client.post("/graphql", json={"query": "{ ok }"}) for _ in range(4)]
        clock[0] += 19.5
        too_early = await client.post("/graphql", json={"query": "{ ok }"})
        clock[0] += 0.6
        in_time = await client.post("/graphql", json={"query": "{ ok }"})

    assert [response.status_code for response in (*at_once, too_early, in_time)] == [200, 200, 200, 429, 429, 200]
    assert (at_once[3].headers["retry-after"], too_early.headers["retry-after"]) == ("20", "1")
    assert "more than 3 in a minute (FLEETGRAPH_MAX_CALLER_REQUESTS_PER_MINUTE)" in too_early.text


async def test_callers_are_forgotten_once_they_may_do_all_again(clock: list[float]) -> None:
    limiter = CallerLimiter(CallerLimits(caller_requests_per_minute=60))
    for number in range(1500):
        async with limiter.for_caller(f"caller-{number}"):
            pass
        clock[0] += 0.5

    assert len(limiter._callers) <= 1001


async def test_fa_17_a_thousand_requests_of_one_caller_leave_room_for_another() -> None:
    limiter = CallerLimiter(CallerLimits())
    gate = asyncio.Event()
    refused: list[int] = []

    async def ask() -> None:
        try:
            with limiter.any_caller():
                async with limiter.for_caller("many"):
                    await gate.wait()
        except Refusal as refusal:
            refused.append(refusal.status)

    asking = [asyncio.create_task(ask()) for _ in range(1000)]
    await let_all_start()
    with limiter.any_caller():
        async with limiter.for_caller("one"):
            worked_on = limiter._callers["many"].running
    gate.set()
    await asyncio.gather(*asking)

    assert worked_on == 20
    assert sorted(refused) == [429] * 900


async def test_who_goes_on_without_waiting_is_refused_late_and_holds_no_place_meanwhile(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit, "_REFUSED_AT_ONCE", 2)
    monkeypatch.setattr(ratelimit, "_DELAY_S", 3600.0)
    fakes = Fakes(caller_limits=CallerLimits(caller_requests=1, caller_waiting=1, requests=3))
    fakes.executor.gate = asyncio.Event()

    client, asking = await several(fakes, 8)
    at_once = [response.result().status_code for response in asking if response.done()]
    clock[0] += 1.0
    again = await client.post("/graphql", json={"query": "{ ok }"})
    fakes.executor.gate.set()
    await let_all_start()
    answered = [response.result().status_code for response in asking if response.done()]
    for response in asking:
        response.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await client.aclose()

    assert (at_once, again.status_code) == ([429, 429], 429)
    assert sorted(answered) == [200, 200, 429, 429]
