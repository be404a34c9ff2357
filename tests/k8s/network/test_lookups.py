"""Names without an answer: one lookup of each at a time, and no delay for others."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from k8s.network import lookups as lookups_module
from k8s.network.lookups import Lookups, _Outcome
from tests.k8s.wireserver import until

FAMILY = socket.AF_UNSPEC


class Resolver:
    """A resolver that answers for all names but those of a dead zone, whose lookups hang until the test ends."""

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
    resolver = Resolver()
    yield resolver
    resolver.is_over.set()


async def test_a_name_is_looked_up_once_for_all_who_ask_and_fails_for_all(resolver: Resolver) -> None:
    lookups = Lookups(resolver)

    lookups_of_a = [asyncio.create_task(lookups.addresses("a.dead", 443, FAMILY)) for _ in range(50)]
    for _ in range(5):
        await asyncio.sleep(0)
    lookups_of_a[0].cancel()
    resolver.is_over.set()
    outcomes = await asyncio.gather(*lookups_of_a, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] + [socket.gaierror] * 49
    assert (resolver.hosts, lookups._under_way) == (["a.dead"], {})


async def test_names_that_hang_leave_others_and_all_other_threads_alone(resolver: Resolver) -> None:
    lookups = Lookups(resolver)
    hanging = [asyncio.create_task(lookups.addresses(f"{name}.dead", 443, FAMILY)) for name in range(20)]

    addresses = await lookups.addresses("a.test", 443, FAMILY)

    assert [(address["hostname"], address["host"], address["port"]) for address in addresses] == [
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


async def test_however_many_names_hang_those_that_were_answered_do_not_wait(resolver: Resolver) -> None:
    lookups = Lookups(resolver, threads=8)
    await lookups.addresses("a.test", 443, FAMILY)
    hanging = [asyncio.create_task(lookups.addresses(f"{name}.dead", 443, FAMILY)) for name in range(50)]
    await until(lambda: len(resolver.hosts) > 6)

    addresses = await lookups.addresses("a.test", 443, FAMILY)

    assert addresses[0]["host"] == "192.0.2.1"
    assert sum(host.endswith(".dead") for host in resolver.hosts) == 6
    resolver.is_over.set()
    assert {type(error) for error in await asyncio.gather(*hanging, return_exceptions=True)} == {socket.gaierror}
    assert len(resolver.hosts) == 52


async def test_however_many_names_hung_before_those_that_are_new_do_not_wait(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups_module, "_SLOW_S", -1)
    lookups = Lookups(resolver, threads=8)
    resolver.is_over.set()
    await asyncio.gather(
        *(lookups.addresses(f"{name}.dead", 443, FAMILY) for name in range(50)), return_exceptions=True
    )
    resolver.is_over.clear()
    resolver.hosts.clear()
    hanging = [asyncio.create_task(lookups.addresses(f"{name}.dead", 443, FAMILY)) for name in range(50)]
    await until(lambda: len(resolver.hosts) == 4)

    addresses = await lookups.addresses("new.test", 443, FAMILY)

    assert addresses[0]["host"] == "192.0.2.1"
    assert len(resolver.hosts) == 5
    resolver.is_over.set()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_name_that_is_not_known_is_not_taken_for_one_that_hangs(resolver: Resolver) -> None:
    lookups = Lookups(resolver)
    resolver.is_over.set()

    with pytest.raises(socket.gaierror):
        await lookups.addresses("a.dead", 443, FAMILY)

    assert lookups._outcomes == {"a.dead": _Outcome.UNKNOWN}


async def test_it_remembers_as_many_names_as_it_may(resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups_module, "_MOST_REMEMBERED", 2)
    lookups = Lookups(resolver)

    for name in "abac":
        await lookups.addresses(f"{name}.test", 443, FAMILY)

    assert list(lookups._outcomes) == ["a.test", "c.test"]
