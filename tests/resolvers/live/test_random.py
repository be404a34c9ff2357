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


def apis() -> list[SimulatedApi]:
    return [SimulatedApi(name, "pods", "nodes", version=99_990) for name in ("east", "west")]


async def _is_fresh(question: Question, clients: list[Client], clusters: list[SimulatedApi], doing: object) -> None:
    """Waits until nothing happens any more, and compares."""
    await asyncio.sleep(_QUIET_S)
    expected = {place: row for api in clusters for place, row in question.fresh(api).items()}
    for client in clients:
        client.check()
        assert client.state == expected, doing
        for api in clusters:
            is_live = "pods" in api.allowed
            assert client.clusters[api.name][0] == ("LIVE" if is_live else "FAILED"), (doing, client.clusters)


async def _history(seed: int, question: Question) -> tuple[list[str], list[str]]:
    """Runs through a random history; returns the changes and the clusters that were resynced."""
    random = Random(seed)
    clusters = apis()
    for api in clusters:
        for _ in range(60):
            random_change(api, random)
    server = Server(clusters, question)
    clients = [Client(server), Client(server, pause=lambda: random.choice((0, 0, 1.0)))]
    backups = [api.saved() for api in clusters]
    done: list[str] = []
    for client in clients:
        client.begin()
    for _ in range(14):
        for _ in range(random.randrange(40)):
            random_change(random.choice(clusters), random)
            if random.random() < 0.3:
                await asyncio.sleep(random.choice((0.0, 0.01, 0.1, 0.5)))
        at = random.randrange(2)
        api = clusters[at]
        fault = random.choice(
            ("cut", "compact", "kill", "client", "client", "down", "rights", "nodes", "restore", "join")
        )
        done.append(f"{fault} {api.name}")
        match fault:
            case "cut":
                api.cut()
            case "compact":
                api.compact()
                api.cut()
            case "down":
                api.is_down = True
                api.cut()
                await asyncio.sleep(random.choice((1, 30, 400)))
                random_change(api, random)
                api.is_down = False
            case "rights" | "nodes":
                plural = "pods" if fault == "rights" else "nodes"
                api.allowed.discard(plural)
                await asyncio.sleep(random.choice((5, 20)))
                if random.random() < 0.5:
                    await _is_fresh(question, clients, clusters, (seed, done))
                api.allowed.add(plural)
            case "restore":
                api.restore(backups[at])
                await asyncio.sleep(_QUIET_S)  # versions that are given again would be taken for those of before
            case "client":
                client = random.choice(clients)
                client.check()
                await client.cut()
                for _ in range(random.choice((0, 1, 3, 30))):
                    random_change(random.choice(clusters), random)
                await asyncio.sleep(random.choice((0, 0.05, 1, 90)))
                client.begin()
            case "kill":
                for client in clients:
                    client.check()
                    await client.cut()
                await server.kill()
                for _ in range(random.choice((0, 1, 3, 30))):
                    random_change(random.choice(clusters), random)
                if random.random() < 0.2:
                    api.compact()
                server = Server(clusters, question)
                for client in clients:
                    client.begin(server)
            case "join":
                server.hidden.add(api.name)
                await asyncio.sleep(20)
                for client in clients:
                    client.check()
                    assert not [place for place in client.state if place[0] == api.name]
                    assert api.name not in client.clusters
                server.hidden.clear()
        if random.random() < 0.6:
            await _is_fresh(question, clients, clusters, (seed, done))
            backups = [api.saved() for api in clusters]
    await _is_fresh(question, clients, clusters, (seed, done))
    for client in clients:
        await client.cut()
    await server.kill()
    return [change for client in clients for change in client.changes], clients[0].resynced


@pytest.mark.parametrize("seed", range(12))
def test_the_state_of_a_client_equals_a_fresh_query(seed: int) -> None:
    changes, _resynced = run(_history(seed, QUESTIONS[seed % len(QUESTIONS)]))
    assert set(changes) == {"ADDED", "MODIFIED", "DELETED"}
