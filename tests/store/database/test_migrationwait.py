"""The wait for another process that migrates: what is logged, and when it ends."""

import pytest

from store.database.migrationwait import REMINDER_S, MigrationWait
from store.database.url import DatabaseUrl
from store.errors import StoreUnavailable
from tests.k8s.clock import Clock

URL = DatabaseUrl(dsn="postgresql://user:canary@host/fleet")


def test_the_wait_is_logged_once_and_then_every_30_s(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    waiting = MigrationWait(URL, 600, clock=clock)

    for _ in range(121):
        waiting.check()
        clock.now_s += REMINDER_S / 60

    assert caplog.messages == [
        "waiting up to 600 s for another process that migrates the database postgresql://host/fleet",
        "still waiting, for 30 s, for another process that migrates postgresql://host/fleet",
        "still waiting, for 60 s, for another process that migrates postgresql://host/fleet",
    ]


def test_a_wait_beyond_the_limit_is_an_error_with_the_way_out() -> None:
    clock = Clock()
    waiting = MigrationWait(URL, 600, clock=clock)
    clock.now_s += 600
    waiting.check()
    clock.now_s += 1

    with pytest.raises(StoreUnavailable, match=r"held its lock for more than 600 s\. Wait until"):
        waiting.check()
