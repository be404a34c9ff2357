"""Random changes, filters, links, cuts, faults and resumptions: the state of a client equals a fresh query."""

import asyncio
from random import Random

import pytest

from tests.resolvers.live.followers import Client, Question, Server, random_change
from tests.resolvers.live.simulatedapi import SimulatedApi
from tests.resolvers.live.virtualtime import run

QUESTIONS = (
    Question(),
    Question(phase="Running"),
    Question(is_linked=True),
    Question(phase="Running", is_linked=True, only_schedulable=True),
)
_QUIET_S = 200.0
_FAULTS = ("cut", "compact", "kill", "client", "client", "down", "rights", "nodes", "restore", "join", "edit", "edit")


class History:
    """A random history of two clusters, and of two clients of one server; the second one is slow."""

    def __init__(self, seed: int, question: Question) -> None:
        self.random = Random(seed)  # noqa: S311  a fixed seed
        self.question = question
        self.clusters = [SimulatedApi(name, "pods", "nodes", version=99_990) for name in ("east", "west")]
        self.server = Server(self.clusters, question)
        slowly = Client(self.server, pause=lambda: self.random.choice((0, 0, 1.0)))
        self.clients = [Client(self.server), slowly]
        self.done: list[object] = [seed]

    async def run(self) -> None:
        for _ in range(120):
            random_change(self.random.choice(self.clusters), self.random)
        backups = {api: api.saved() for api in self.clusters}
        for client in self.clients:
            client.begin()
        for _ in range(14):
            await self._change(40, self.random.choice((0.0, 0.01, 0.1, 0.5)))
            api, fault = self.random.choice(self.clusters), self.random.choice(_FAULTS)
            self.done.append(f"{fault} {api.name}")
            if fault == "restore":
                api.restore(backups[api])
                await asyncio.sleep(_QUIET_S)  # versions that are given again would be taken for those of before
            else:
                await getattr(self, f"_{fault}")(api)
            if self.random.random() < 0.6:
                await self._check()
                backups = {api: api.saved() for api in self.clusters}
        await self._check()
        for client in self.clients:
            await client.cut()
        await self.server.kill()

    async def _check(self) -> None:
        """Waits until nothing happens any more, and compares."""
        await asyncio.sleep(_QUIET_S)
        expected = {place: row for api in self.clusters for place, row in self.question.fresh(api).items()}
        for client in self.clients:
            client.check()
            assert client.state == expected, self.done
            for api in self.clusters:
                is_live = "pods" in api.allowed
                assert client.clusters[api.name][0] == ("LIVE" if is_live else "FAILED"), (self.done, client.clusters)

    async def _change(self, most: int, wait_s: float = 0.0) -> None:
        for _ in range(self.random.randrange(most)):
            random_change(self.random.choice(self.clusters), self.random)
            if self.random.random() < 0.3:
                await asyncio.sleep(wait_s)

    async def _cut(self, api: SimulatedApi) -> None:
        api.cut()

    async def _compact(self, api: SimulatedApi) -> None:
        api.compact()
        api.cut()

    async def _down(self, api: SimulatedApi) -> None:
        api.is_down = True
        api.cut()
        await asyncio.sleep(self.random.choice((1, 30, 400)))
        random_change(api, self.random)
        api.is_down = False

    async def _rights(self, api: SimulatedApi, plural: str = "pods") -> None:
        api.allowed.discard(plural)
        await asyncio.sleep(self.random.choice((5, 20)))
        if self.random.random() < 0.5:
            await self._check()
        api.allowed.add(plural)

    async def _nodes(self, api: SimulatedApi) -> None:
        await self._rights(api, "nodes")

    async def _client(self, _api: SimulatedApi) -> None:
        client = self.random.choice(self.clients)
        client.check()
        await client.cut()
        await self._change(self.random.choice((1, 2, 4, 30)))
        await asyncio.sleep(self.random.choice((0, 0.05, 1, 90)))
        client.begin()

    async def _kill(self, api: SimulatedApi) -> None:
        for client in self.clients:
            client.check()
            await client.cut()
        await self.server.kill()
        await self._change(self.random.choice((1, 2, 4, 30)))
        if self.random.random() < 0.2:
            api.compact()
        self.server = Server(self.clusters, self.question)
        for client in self.clients:
            client.begin(self.server)

    async def _edit(self, api: SimulatedApi) -> None:
        """The registration of a cluster is edited: it begins anew, while a reader may be behind."""
        await self._change(30)
        self.server.edits[api.name] += 1
        await asyncio.sleep(self.random.choice((0, 0.2, 6)))

    async def _join(self, api: SimulatedApi) -> None:
        """A cluster leaves the list, and is there again."""
        self.server.hidden.add(api.name)
        await asyncio.sleep(20)
        for client in self.clients:
            client.check()
            assert not [place for place in client.state if place[0] == api.name]
            assert api.name not in client.clusters
        self.server.hidden.clear()


@pytest.mark.parametrize("seed", range(12))
def test_the_state_of_a_client_equals_a_fresh_query(seed: int) -> None:
    history = History(seed, QUESTIONS[seed % len(QUESTIONS)])
    run(history.run())
    assert {"ADDED", "DELETED"} <= {change for client in history.clients for change in client.changes}
