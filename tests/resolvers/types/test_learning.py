"""Learning: what clusters serve, kept while they are down, stored, and told to those who listen."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from k8s.errors import ProtocolBroken, TimedOut
from k8s.schemas.clustertypes import ClusterTypes, LearnedDocument
from k8s.schemas.limits import SchemaLimits
from k8s.schemas.storedtypes import decode_types, encode_types
from resolvers.caller import OPERATOR
from resolvers.fleet.fleet import Fleet
from resolvers.messages.language import Language
from resolvers.messages.translation import translated
from resolvers.types.firsthours import FirstHours
from resolvers.types.learnedtypes import LearnedTypes
from resolvers.types.learning import TypeLearning
from resolvers.types.typechoice import TypeChoice
from store.clusters.cluster import ClusterId
from store.clusters.learnedtypes import LearnedTypesRecord
from tests.resolvers.types.schemaserver import GROUP, Registered, SchemaServer, TypesInMemory


@pytest.fixture
def registered() -> Registered:
    return Registered([SchemaServer("alpha", {"size": "integer"}), SchemaServer("beta", {"size": "integer"})])


@pytest.fixture
async def fleet(registered: Registered) -> AsyncIterator[Fleet]:
    made = registered.fleet()
    yield made
    await made.close()


@pytest.fixture
def types() -> LearnedTypes:
    return LearnedTypes()


@pytest.fixture
def store() -> TypesInMemory:
    return TypesInMemory()


@pytest.fixture
def learning(fleet: Fleet, types: LearnedTypes, store: TypesInMemory) -> TypeLearning:
    return TypeLearning(fleet, types, choice=TypeChoice(), store=store)


async def learn(learning: TypeLearning) -> dict[str, bool]:
    """Returns by cluster whether its types have changed; fails if one failed."""
    results = [await learning.learn(cluster) for cluster in await learning.clusters()]
    assert [result.error for result in results] == [None] * len(results)
    return {result.cluster: result.has_changed for result in results}


async def fields(types: LearnedTypes, fleet: Fleet, *names: str) -> set[str]:
    """Returns the fields of the specs of Widgets in the schema of some clusters; empty without Widgets."""
    clusters = await fleet.clusters(OPERATOR)
    key = types.key([cluster.id for cluster in clusters if not names or cluster.name in names])
    if key is None:
        return set()
    made = await types.types(key)
    (root,) = made.kinds.values()
    spec = made.structures[root].field("spec")
    assert spec is not None
    assert spec.structure is not None
    return {one.name for one in made.structures[spec.structure].fields}


async def test_a_schema_has_what_its_clusters_serve_together(
    learning: TypeLearning, types: LearnedTypes, fleet: Fleet, registered: Registered
) -> None:
    registered.servers[1].fields = {"size": "integer", "colour": "string"}

    assert await learn(learning) == {"alpha": True, "beta": True}

    assert await fields(types, fleet) == {"size", "colour"}
    assert await fields(types, fleet, "alpha") == {"size"}


async def test_clusters_with_the_same_types_have_one_key(
    learning: TypeLearning, types: LearnedTypes, fleet: Fleet
) -> None:
    await learn(learning)
    ids = [cluster.id for cluster in await fleet.clusters(OPERATOR)]

    assert types.key(ids) == types.key(ids[:1]) == types.key(ids[1:])
    assert types.key([]) is None


async def test_equal_kinds_are_kept_once_for_all_clusters(
    learning: TypeLearning, types: LearnedTypes, fleet: Fleet, store: TypesInMemory
) -> None:
    restored = LearnedTypes()
    await learn(learning)
    await TypeLearning(fleet, restored, choice=TypeChoice(), store=store).restore()

    for learned in (types, restored):
        one, other = learned.of("id-alpha"), learned.of("id-beta")
        assert one is not None
        assert other is not None
        assert one.documents[0].packed is other.documents[0].packed


async def test_equal_kinds_of_different_documents_are_kept_once(learning: TypeLearning, types: LearnedTypes) -> None:
    await learn(learning)
    one = types.of("id-alpha")
    assert one is not None
    (document,) = renewed(one)

    types.put("id-beta", ClusterTypes((replace(document, hash="another"),)))

    other = types.of("id-beta")
    assert other is not None
    assert other.documents[0].hash == "another"
    assert other.documents[0].packed is one.documents[0].packed


def renewed(types: ClusterTypes) -> tuple[LearnedDocument, ...]:
    """Returns equal documents that share nothing."""
    limits = SchemaLimits()
    return decode_types(encode_types(types, {}, limits), limits).types.documents


async def test_a_schema_is_never_made_of_a_part_of_its_types(
    learning: TypeLearning, types: LearnedTypes, registered: Registered
) -> None:
    await learn(learning)
    key = types.key(["id-alpha", "id-beta"])
    assert key is not None

    for number in range(40):
        for server in registered.servers:
            server.fields = {f"size{number}": "integer"}
        await learn(learning)

    with pytest.raises(LookupError, match="have changed their types"):
        await types.types(key)


async def test_what_has_not_changed_costs_one_request_and_no_write(
    learning: TypeLearning, registered: Registered, store: TypesInMemory
) -> None:
    await learn(learning)
    before = len(registered.servers[0].asked)

    assert await learn(learning) == {"alpha": False, "beta": False}

    assert registered.servers[0].asked[before:] == ["/openapi/v3"]
    assert store.writes == 2


async def test_changes_are_followed_and_told(
    learning: TypeLearning, types: LearnedTypes, fleet: Fleet, registered: Registered
) -> None:
    told: list[object] = []
    types.listen(lambda: told.append(None))
    await learn(learning)
    assert len(told) == 2

    registered.servers[0].fields = {"weight": "number"}
    assert await learn(learning) == {"alpha": True, "beta": False}
    assert await fields(types, fleet) == {"size", "weight"}

    registered.servers[0].fields = registered.servers[1].fields = None
    await learn(learning)
    assert await fields(types, fleet) == set()
    assert len(told) == 5


async def test_an_operation_that_began_before_a_change_still_gets_its_types(
    learning: TypeLearning, types: LearnedTypes, fleet: Fleet, registered: Registered
) -> None:
    await learn(learning)
    key = types.key(["id-alpha", "id-beta"])
    assert key is not None

    for server in registered.servers:
        server.fields = None
    await learn(learning)

    assert (await types.types(key)).kinds


async def test_a_failing_cluster_keeps_its_types(
    learning: TypeLearning, types: LearnedTypes, fleet: Fleet, registered: Registered
) -> None:
    await learn(learning)
    registered.servers[0].error = TimedOut("alpha", "no answer.")

    results = [await learning.learn(cluster) for cluster in await learning.clusters()]

    assert [result.error is None for result in results] == [False, True]
    assert await fields(types, fleet, "alpha") == {"size"}


async def test_a_removed_cluster_is_forgotten(
    learning: TypeLearning, types: LearnedTypes, registered: Registered
) -> None:
    await learn(learning)
    del registered.servers[0]

    await learn(learning)

    assert types.of("id-alpha") is None
    assert types.of("id-beta") is not None


async def test_a_restart_while_clusters_are_down_has_the_same_types(
    learning: TypeLearning, fleet: Fleet, registered: Registered, store: TypesInMemory
) -> None:
    await learn(learning)
    for server in registered.servers:
        server.error = TimedOut(server.name, "no answer.")

    restarted = LearnedTypes()
    again = TypeLearning(fleet, restarted, choice=TypeChoice(), store=store)
    await again.restore()
    await learn_failing(again)

    assert await fields(restarted, fleet) == {"size"}


async def test_what_another_release_stored_is_learned_anew(
    learning: TypeLearning, types: LearnedTypes, fleet: Fleet, store: TypesInMemory
) -> None:
    store.records = {
        ClusterId("id-alpha"): LearnedTypesRecord(cluster_id=ClusterId("id-alpha"), fingerprint="f", content=b"??")
    }
    await learning.restore()
    assert types.of("id-alpha") is None

    await learn(learning)

    assert await fields(types, fleet) == {"size"}
    assert store.records[ClusterId("id-alpha")].content != b"??"


async def test_groups_that_are_not_chosen_have_no_types(
    fleet: Fleet, types: LearnedTypes, store: TypesInMemory
) -> None:
    learning = TypeLearning(fleet, types, choice=TypeChoice.of(["*", f"-{GROUP}"]), store=store)

    await learn(learning)

    assert await fields(types, fleet) == set()


async def test_a_choice_that_was_narrowed_holds_after_a_restart(
    learning: TypeLearning, fleet: Fleet, store: TypesInMemory, registered: Registered
) -> None:
    await learn(learning)
    for server in registered.servers:
        server.error = TimedOut(server.name, "no answer.")

    narrowed = LearnedTypes()
    again = TypeLearning(fleet, narrowed, choice=TypeChoice.of([f"-{GROUP}"]), store=store)
    await again.restore()

    assert await fields(narrowed, fleet) == set()


async def learn_failing(learning: TypeLearning) -> None:
    """Asks all clusters, each of which fails."""
    for cluster in await learning.clusters():
        assert (await learning.learn(cluster)).error is not None


async def test_fields_without_a_type_are_named_by_cluster(learning: TypeLearning, registered: Registered) -> None:
    registered.servers[1].fields = {"size": "integer", "": "string"}
    assert learning.problems("id-beta") == ()

    await learn(learning)
    alpha, beta = [learning.problems(cluster.id) for cluster in await learning.clusters()]

    assert alpha == ()
    assert [(one.group, one.kind, one.version, one.problem.partition(" ")[0]) for one in beta] == [
        (GROUP, "Widget", "v1", "spec.")
    ]


async def test_what_leaves_types_as_they_were_is_named_until_it_ends(
    learning: TypeLearning, registered: Registered
) -> None:
    await learn(learning)
    registered.servers[0].error = ProtocolBroken("alpha", "its index of schemas is invalid.")

    await learning.learn((await learning.clusters())[0])

    (problem,) = learning.problems("id-alpha")
    words = "its types cannot be learned: its index of schemas is invalid. Those that were learned before stay."
    assert problem.problem == words
    assert translated(words, Language.CHINESE) != words
    registered.servers[0].error = TimedOut("alpha", "no answer.")
    await learning.learn((await learning.clusters())[0])
    assert learning.problems("id-alpha") == ()  # the envelope has it


async def test_other_limits_hold_after_a_restart(
    learning: TypeLearning, fleet: Fleet, store: TypesInMemory, registered: Registered
) -> None:
    registered.servers[0].fields = {f"size{number}": "integer" for number in range(3)}
    await learn(learning)

    for limits, expected in ((SchemaLimits(fields=2), set()), (SchemaLimits(), {"size0", "size1", "size2"})):
        restarted = LearnedTypes()
        again = TypeLearning(fleet, restarted, choice=TypeChoice(), store=store, limits=limits)
        await again.restore()
        await learn(again)
        made = await restarted.types(restarted.key(["id-alpha"]) or frozenset())
        found = {field.name for name, one in made.structures.items() if "_" in name for field in one.fields}
        assert found == expected

    asked = len(registered.servers[0].asked)
    last = TypeLearning(fleet, LearnedTypes(), choice=TypeChoice(), store=store)
    await last.restore()
    await learn(last)
    assert registered.servers[0].asked[asked:] == ["/openapi/v3"]


async def test_a_kind_keeps_its_hour_after_a_restart(
    fleet: Fleet, registered: Registered, store: TypesInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour in (7, 9):
        types = LearnedTypes()
        monkeypatch.setattr(types, "first_hours", FirstHours(lambda hour=hour: hour))  # type: ignore[misc]  # a default value
        learning = TypeLearning(fleet, types, choice=TypeChoice(), store=store)
        await learning.restore()
        await learn(learning)
        assert types.first_hours.by_kind == {(GROUP, "Widget"): 7}


async def test_kinds_that_come_and_go_take_no_memory(learning: TypeLearning, types: LearnedTypes) -> None:
    await learn(learning)
    for number in range(3000):
        types.first_hours.learn([("gone.io", f"K{number}")])

    await learning.clusters()

    assert set(types.first_hours.by_kind) == {(GROUP, "Widget")}
