"""Names that nobody answers for: one lookup of each at a time, and everything else goes on."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from k8s.lookups import Lookups

FAMILY = socket.AF_UNSPEC


class Resolver:
    """Answers for all names but those in a dead zone, whose lookups hang until the test is over."""

    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.is_over = threading.Event()

    def __call__(self, host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        self.hosts.append(host)
        if host.endswith(".dead"):
            self.is_over.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "nobody answers")
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port)),
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", port, 0, 0)),
        ]


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    made = Resolver()
    yield made
    made.is_over.set()


async def test_a_name_is_looked_up_once_for_all_who_ask_and_fails_for_all(resolver: Resolver) -> None:
    lookups = Lookups(resolver)

    asked = [asyncio.create_task(lookups.addresses("a.dead", 443, FAMILY)) for _ in range(50)]
    for _ in range(5):
        await asyncio.sleep(0)
    asked[0].cancel()
    resolver.is_over.set()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] + [socket.gaierror] * 49
    assert (resolver.hosts, lookups._under_way) == (["a.dead"], {})


async def test_names_that_hang_leave_others_and_all_other_threads_alone(resolver: Resolver) -> None:
    lookups = Lookups(resolver)
    hanging = [asyncio.create_task(lookups.addresses(f"{name}.dead", 443, FAMILY)) for name in range(20)]

    found = await lookups.addresses("a.test", 443, FAMILY)

    assert [(each["hostname"], each["host"], each["port"]) for each in found] == [
        ("a.test", "192.0.2.1", 443),
        ("a.test", "2001:db8::1", 443),
    ]
    assert await asyncio.to_thread(len, "abc") == 3
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_name_is_looked_up_again_afterwards(resolver: Resolver) -> None:
    lookups = Lookups(resolver)

    for _ in range(2):
        await lookups.addresses("a.test", 443, FAMILY)

    assert resolver.hosts == ["a.test"] * 2
