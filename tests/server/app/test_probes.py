"""The probes of a kubelet."""

import pytest

from server.observe.logs import configure_logging
from server.settings.settings import Settings
from store.errors import KeyRingError, StoreUnavailable
from tests.server.http_parts import Fakes, FakeStore


async def test_a_server_that_can_serve_is_ready() -> None:
    async with Fakes().client() as client:
        response = await client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (StoreUnavailable("the disk of db-1 is full"), "the database does not answer"),
        (KeyRingError("v7 is missing"), "an encryption key is missing"),
    ],
)
async def test_without_its_store_it_lives_but_is_not_ready(error: Exception, reason: str) -> None:
    async with Fakes(store=FakeStore(error)).client() as client:
        ready, live = await client.get("/readyz"), await client.get("/healthz")

    assert (ready.status_code, ready.json()) == (503, {"status": "unavailable", "reason": reason})
    assert (live.status_code, live.json()) == (200, {"status": "ok"})


async def test_a_stopping_server_lives_but_is_not_ready() -> None:
    fakes = Fakes()
    fakes.draining.begin()

    async with fakes.client() as client:
        ready, live = await client.get("/readyz"), await client.get("/healthz")

    assert (ready.status_code, ready.json()["reason"]) == (503, "the server is stopping")
    assert live.status_code == 200


async def test_a_lasting_outage_is_logged_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())
    fakes = Fakes(store=FakeStore(StoreUnavailable("gone")))

    async with fakes.client() as client:
        for _ in range(3):
            await client.get("/readyz")

    assert capsys.readouterr().err.count('"readiness"') == 1
