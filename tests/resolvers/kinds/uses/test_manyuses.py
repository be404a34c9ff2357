"""Objects with many references to one object: what is kept of them, and what it costs."""

from collections.abc import Generator

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.reading.selection import LEAF
from resolvers.caller import OPERATOR
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.kinds.uses import finding
from resolvers.kinds.uses.finding import USE_BYTES, users_of
from resolvers.kinds.uses.users import USERS
from resolvers.links.fetching import Fetch
from resolvers.lists.rows import Rows
from resolvers.memory.share import MemoryShare
from resolvers.operation.operation import Operation
from tests.graph.fleets import CURSOR_KEY, cluster_of, fleet_of
from tests.resolvers.decoded import row
from tests.resolvers.kinds.uses.test_usedby import Json, cluster, user
from tests.resolvers.links.owning import RecordingSender, answered, object_of


def _cluster(variables: int) -> RecordingSender:
    """Returns a cluster whose pod has two containers with so many variables each."""
    entry = {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    spec: Json = {"containers": [{"name": name, "env": [entry] * variables} for name in ("a", "b")]}
    return cluster(object_of(kinds.SECRET, "s"), user(kinds.POD, "p", spec))


async def _found(variables: int, most_uses: int) -> tuple[list[int], int]:
    """Returns the number of uses that each user keeps, and the memory that is held."""
    sender = _cluster(variables)
    operation = Operation(fleet_of([sender]), caller=OPERATOR, cursor_key=CURSOR_KEY)
    secrets = Rows([row(kinds.SECRET, metadata={"name": "s"})], [cluster_of(sender)])
    fetch = Fetch(operation, secrets, lambda _kind: LEAF)
    (users,) = await users_of(secrets, fetch, USERS[kinds.SECRET], most_uses)
    return [len(one.uses) for one in users], operation.memory.held_bytes


async def test_each_user_keeps_as_many_uses_as_are_needed_and_they_are_charged() -> None:
    one, least = await _found(50, 1)
    some, more = await _found(50, 30)
    every, most = await _found(50, MAX_ITEMS)

    assert (one, some, every) == ([1], [30], [100])
    assert (more - least, most - least) == (29 * USE_BYTES, 99 * USE_BYTES)


async def _charges(engine: Engine, field: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Returns the bytes of all charges of a query for a field."""
    charges, charge = list[int](), MemoryShare.charge

    def recorded(share: MemoryShare, size_bytes: int) -> None:
        charges.append(size_bytes)
        charge(share, size_bytes)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryShare, "charge", recorded)
        await answered(engine, f"{{ secrets {{ nodes {{ {field} }} }} }}", _cluster(50))
    return charges


async def test_uses_are_charged_when_they_are_found_and_when_they_are_made(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_ways = await _charges(engine, "usedAs { way }", monkeypatch)
    of_one = await _charges(engine, "isUsed", monkeypatch)

    assert (of_ways.count(100 * USE_BYTES), of_one.count(100 * USE_BYTES)) == (2, 0)
    assert USE_BYTES in of_one


async def test_the_ways_of_one_user_are_limited(engine: Engine) -> None:
    answer = await answered(engine, "{ secrets { nodes { isUsed usedAs { way } } } }", _cluster(MAX_ITEMS // 2 + 1))

    (node,) = answer["data"]["secrets"]["nodes"]
    assert (node["isUsed"], len(node["usedAs"])) == (True, MAX_ITEMS)


async def test_templates_that_refer_to_many_claims_are_followed_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"data-db-{place}" for place in range(20)]
    templates: Json = {"volumeClaimTemplates": [{"metadata": {"name": "data"}}] * 50}
    sender = cluster(object_of(kinds.STATEFUL_SET, "db") | {"spec": templates})
    steps = 0

    async def counted(work: Generator[None, None, None]) -> None:
        nonlocal steps
        steps += sum(1 for _ in work)

    monkeypatch.setattr(finding, "stepped", counted)
    claims = [row(kinds.PERSISTENT_VOLUME_CLAIM, metadata={"name": name}) for name in names]
    operation = Operation(fleet_of([sender]), caller=OPERATOR, cursor_key=CURSOR_KEY)
    objects = Rows(claims, [cluster_of(sender)] * len(claims))
    found = await users_of(objects, Fetch(operation, objects, lambda _: LEAF), USERS[kinds.PERSISTENT_VOLUME_CLAIM])

    assert [len(users) for users in found] == [1] * 20
    assert steps > 20 * 50 // 64
