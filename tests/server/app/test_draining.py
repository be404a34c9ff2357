"""Stopping without losing what runs."""

import asyncio

from tests.server.http_parts import FakeExecutor, Fakes, code_of


async def test_a_running_query_finishes_while_new_ones_are_refused() -> None:
    gate = asyncio.Event()
    fakes = Fakes(FakeExecutor(gate=gate))
    running = asyncio.create_task(fakes.post())
    await fakes.executor.started.wait()

    fakes.draining.begin()
    refused = await fakes.post()
    finishing = asyncio.create_task(fakes.draining.finish(timeout_s=5))
    gate.set()

    assert (refused.status_code, refused.headers["retry-after"], refused.headers["connection"]) == (503, "5", "close")
    assert (await running).status_code == 200
    assert await finishing == 0
    assert len(fakes.executor.requests) == 1


async def test_a_query_that_runs_too_long_is_cut_off_and_its_caller_told() -> None:
    fakes = Fakes(FakeExecutor(gate=asyncio.Event()))
    running = asyncio.create_task(fakes.post())
    await fakes.executor.started.wait()

    fakes.draining.begin()
    cut = await fakes.draining.finish(timeout_s=0.01)

    response = await running
    assert cut == 1
    assert (response.status_code, code_of(response)) == (503, "INTERNAL")
    assert fakes.executor.was_cancelled


async def test_an_idle_server_has_nothing_to_wait_for() -> None:
    fakes = Fakes()
    await fakes.post()

    fakes.draining.begin()

    assert await fakes.draining.finish(timeout_s=0) == 0
