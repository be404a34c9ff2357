"""Clients that continue with a token at another process: they get what has changed since, or all rows again."""

import asyncio
from collections.abc import Callable

import pytest

from resolvers.errors import BadUserInput
from tests.resolvers.live.followers import Client, Question, Server
from tests.resolvers.live.simulatedapi import SimulatedApi
from tests.resolvers.live.virtualtime import run

LINKED = Question(is_linked=True)
Between = Callable[[SimulatedApi], None]


def api_of(pods: int = 40) -> SimulatedApi:
    api = SimulatedApi("east", "pods", "nodes")
    for number in range(3):
        api.put("nodes", "", f"n{number}", spec={})
    for number in range(pods):
        put(api, f"p{number}")
    return api


def put(api: SimulatedApi, name: str, phase: str = "Running") -> None:
    api.put("pods", "a", name, spec={"nodeName": f"n{len(name) % 3}"}, status={"phase": phase})


async def continued(question: Question, between: Between, api: SimulatedApi | None = None) -> Client:
    """Returns a client that was cut off, and has continued at another process after something had happened."""
    api = api or api_of()
    server = Server([api], question)
    client = Client(server)
    client.begin()
    await asyncio.sleep(100)
    assert client.state == question.fresh(api)
    await client.cut()
    await server.kill()
    client.changes.clear()
    between(api)
    other = Server([api], question)
    client.begin(other)
    await asyncio.sleep(3)
    client.check()
    await client.cut()
    await other.kill()
    assert client.state == question.fresh(api)
    assert client.clusters["east"][0] == "LIVE"
    return client


def change(api: SimulatedApi) -> None:
    put(api, "p1", "Failed")
    put(api, "new")
    api.delete("pods", ("a", "p2"))


@pytest.mark.parametrize(
    ("question", "changes"),
    [
        (Question(), ["ADDED", "DELETED", "MODIFIED"]),
        (LINKED, ["ADDED", "DELETED", "MODIFIED"]),
        (Question(phase="Running"), ["ADDED", "DELETED", "DELETED"]),
        (Question(phase="Failed"), ["ADDED"]),
    ],
    ids=["all", "linked", "filtered", "seldom"],
)
def test_only_what_has_changed_is_sent(question: Question, changes: list[str]) -> None:
    client = run(continued(question, change))
    assert sorted(client.changes) == changes
    assert not client.resynced


@pytest.mark.parametrize("question", [Question(), LINKED], ids=["all", "linked"])
def test_nothing_is_sent_if_nothing_has_changed(question: Question) -> None:
    def beat(api: SimulatedApi) -> None:
        api.put("nodes", "", "n1", spec={}, labels={"alive": "yes"})
        api.compact()

    client = run(continued(question, beat))
    assert not client.changes
    assert not client.resynced


def test_an_object_that_was_deleted_and_created_again_is_one_change() -> None:
    def again(api: SimulatedApi) -> None:
        api.delete("pods", ("a", "p7"))
        put(api, "p7", "Pending")

    assert run(continued(Question(), again)).changes == ["MODIFIED"]


def test_what_came_and_went_was_never_there() -> None:
    def flicker(api: SimulatedApi) -> None:
        put(api, "short")
        api.delete("pods", ("a", "short"))

    assert not run(continued(Question(), flicker)).changes


def test_a_quiet_list_has_a_young_token() -> None:
    async def main() -> None:
        api, question = api_of(), Question(phase="Failed")
        server = Server([api], question)
        client = Client(server)
        client.begin()
        for _ in range(60):
            await asyncio.sleep(60)
            put(api, "p1", "Pending")
            api.put("nodes", "", "n1", spec={})
        await asyncio.sleep(70)
        await client.cut()
        await server.kill()
        api.forget(before=api.version - 5)
        put(api, "p1", "Failed")
        other = Server([api], question)
        client.begin(other)
        await asyncio.sleep(3)
        assert (client.changes, client.resynced) == (["ADDED"], [])
        assert client.payloads <= 80
        await client.cut()
        await other.kill()

    run(main())


def test_changes_behind_a_link_bring_all_rows_again() -> None:
    client = run(continued(LINKED, lambda api: api.put("nodes", "", "n2", spec={"unschedulable": True})))
    assert client.resynced == ["east"]
    assert client.changes == ["ADDED"] * 40


def test_a_version_that_is_too_old_brings_all_rows_again() -> None:
    def compacted(api: SimulatedApi) -> None:
        api.delete("pods", ("a", "p1"))
        api.compact()

    client = run(continued(Question(), compacted))
    assert client.resynced == ["east"]
    assert client.changes == ["ADDED"] * 39


def test_a_restored_server_brings_all_rows_again() -> None:
    api = api_of()
    backup = api.saved()
    put(api, "later")
    client = run(continued(Question(), lambda one: one.restore(backup), api))
    assert client.resynced == ["east"]
    assert len(client.state) == 40


def test_lost_rights_void_the_rows() -> None:
    async def main() -> None:
        api, question = api_of(), Question()
        server = Server([api], question)
        client = Client(server)
        client.begin()
        await asyncio.sleep(20)
        await client.cut()
        await server.kill()
        api.allowed.clear()
        other = Server([api], question)
        client.begin(other)
        await asyncio.sleep(20)
        assert (client.state, client.resynced) == ({}, ["east"])
        assert client.clusters["east"] == ["FAILED", False, "FORBIDDEN"]
        api.allowed |= {"pods", "nodes"}
        await asyncio.sleep(100)
        assert client.state == question.fresh(api)
        await client.cut()
        await other.kill()

    run(main())


def test_a_cluster_that_has_left_voids_its_rows() -> None:
    async def main() -> None:
        apis = [api_of(), SimulatedApi("west", "pods", "nodes")]
        put(apis[1], "one")
        server = Server(apis, Question())
        client = Client(server)
        client.begin()
        await asyncio.sleep(20)
        await client.cut()
        server.hidden.add("east")
        await asyncio.sleep(20)
        client.begin()
        await asyncio.sleep(20)
        client.check()
        assert client.resynced == ["east"]
        assert client.state == Question().fresh(apis[1])
        assert list(client.clusters) == ["west"]
        await client.cut()
        await server.kill()

    run(main())


@pytest.mark.parametrize("taken", [1, 2, 3, 4])
def test_a_cut_in_the_middle_of_the_beginning(taken: int) -> None:
    async def main() -> None:
        api, question = api_of(1700), Question()
        server = Server([api], question)
        client = Client(server)
        client.limit = taken
        client.begin()
        await asyncio.sleep(50)
        assert len(client.state) < 1700
        await client.cut()
        client.limit = 1000
        client.begin()
        await asyncio.sleep(50)
        client.check()
        assert client.state == question.fresh(api)
        assert client.clusters["east"][0] == "LIVE"
        await client.cut()
        await server.kill()

    run(main())


def test_clients_that_continue_at_the_same_place_share_the_work() -> None:
    async def main() -> None:
        api, question = api_of(), Question()
        server = Server([api], question)
        clients = [Client(server) for _ in range(20)]
        for client in clients:
            client.begin()
        await asyncio.sleep(70)
        for client in clients:
            await client.cut()
        await server.kill()
        change(api)
        other, watched = Server([api], question), api.watched
        for client in clients:
            client.begin(other)
        await asyncio.sleep(30)
        for client in clients:
            client.check()
            assert sorted(client.changes[40:]) == ["ADDED", "DELETED", "MODIFIED"]
            await client.cut()
        assert api.watched - watched == 2  # that of the list, and that from the old version
        assert other.encoded <= 5
        await other.kill()

    run(main())


@pytest.mark.parametrize("question", [Question(phase="Failed"), LINKED])
def test_a_token_of_another_question_is_refused(question: Question) -> None:
    token = run(continued(Question(), lambda _api: None)).token
    with pytest.raises(BadUserInput, match="no token of this subscription"):
        Server([], question).tokens.read(token)


@pytest.mark.parametrize(
    "forge", [lambda token: token[:-2], lambda token: "A" + token[1:], lambda _: "", lambda _: "ü"]
)
def test_a_forged_token_is_refused(forge: Callable[[str], str]) -> None:
    token = run(continued(Question(), lambda _api: None)).token
    tokens = Server([], Question()).tokens
    assert tokens.read(token).clusters["east"].rows == 40
    with pytest.raises(BadUserInput):
        tokens.read(forge(token))
