"""Grants, on every database."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from store.clusters.cluster import ClusterId, ClusterRecord, IdentityMode, NewSnapshot, SnapshotOrigin
from store.clusters.clusters import Clusters
from store.clusters.grant import GrantedClusters, GrantedRole, NewGrant, RoleKind, Subject, SubjectKind
from store.clusters.grants import Grants
from store.clusters.snapshots import Snapshots
from store.database.database import Database
from store.errors import InvalidValue, NameTaken, NotFound
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from store.registry import InstallationIds
from tests.store.clock import Clock
from tests.store.samples import CONNECTION, new_cluster

ALICE = Subject(SubjectKind.USER, "alice")
DEVELOPERS = Subject(SubjectKind.GROUP, "developers")
VIEW = GrantedRole(RoleKind.CLUSTER_ROLE, "view")
ALPHA = GrantedClusters(names=("alpha",))


def new_grant(
    subject: Subject = ALICE, clusters: GrantedClusters = ALPHA, role: GrantedRole = VIEW, created_by: str = "root"
) -> NewGrant:
    return NewGrant(subject=subject, clusters=clusters, role=role, created_by=created_by)


@pytest.fixture
def grants(database: Database, clock: Clock) -> Grants:
    return Grants(database, clock=clock)


async def test_a_grant_is_given_back_as_it_was_stored(grants: Grants) -> None:
    role = GrantedRole(RoleKind.ROLE, "deployer", ("shop", "pay"))

    stored = await grants.add(new_grant(DEVELOPERS, GrantedClusters(labels={"env": "prod"}), role))

    assert await grants.get(stored.id) == stored
    assert (stored.subject, dict(stored.clusters.labels or {}), stored.role) == (DEVELOPERS, {"env": "prod"}, role)
    assert stored.created_by == "root"


async def test_all_are_ordered_by_subject(grants: Grants) -> None:
    for subject in (ALICE, DEVELOPERS, Subject(SubjectKind.USER, "Zoë")):
        await grants.add(new_grant(subject))

    assert [record.subject.name for record in await grants.all()] == ["developers", "Zoë", "alice"]


async def test_a_user_is_not_the_group_of_the_same_name(grants: Grants) -> None:
    await grants.add(new_grant(Subject(SubjectKind.GROUP, "alice")))

    assert await grants.of([ALICE]) == ()


async def test_only_the_grants_of_the_asked_subjects_are_read(grants: Grants) -> None:
    mine = await grants.add(new_grant())
    ours = await grants.add(new_grant(DEVELOPERS))
    await grants.add(new_grant(Subject(SubjectKind.USER, "bob")))

    assert await grants.of([ALICE, DEVELOPERS]) == (ours, mine)


async def test_somebody_in_thousands_of_groups(grants: Grants) -> None:
    ours = await grants.add(new_grant(DEVELOPERS))
    many = [Subject(SubjectKind.GROUP, f"group-{number}") for number in range(3000)]

    assert await grants.of([*many, DEVELOPERS]) == (ours,)


async def test_the_same_grant_is_stored_once(grants: Grants) -> None:
    stored = await grants.add(new_grant())

    with pytest.raises(NameTaken, match=f"The same grant exists: {stored.id}"):
        await grants.add(new_grant(created_by="somebody else"))


async def test_a_removed_grant_is_gone(grants: Grants) -> None:
    stored = await grants.add(new_grant())

    assert await grants.remove(stored.id) == stored
    assert await grants.all() == ()
    with pytest.raises(NotFound, match="No grant has the id"):
        await grants.remove(stored.id)


@pytest.mark.parametrize("grant_id", ["", "\0", "grant-1", "\ud800"])
async def test_an_id_that_is_none(grants: Grants, grant_id: str) -> None:
    with pytest.raises(NotFound):
        await grants.get(grant_id)


@pytest.mark.parametrize("name", ["", " alice", "a\r\nb", "x" * 513, "system:masters", "System:node", "\ud800"])
def test_names_that_no_grant_is_for(name: str) -> None:
    with pytest.raises(InvalidValue):
        Subject(SubjectKind.USER, name)


@pytest.mark.parametrize("name", ["alice", "alice@example.com", "https://idp.example.com#42", "Jörg", "日本", "a b"])
def test_names_that_a_grant_may_be_for(name: str) -> None:
    assert Subject(SubjectKind.GROUP, name).name == name


@pytest.mark.parametrize("name", ["view", "system:node", "a b", "Köln: read, write", "*", "a?b#c", "...", "a" * 253])
def test_any_name_of_a_role_can_be_granted(name: str) -> None:
    assert GrantedRole(RoleKind.CLUSTER_ROLE, name).name == name


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a%2fb", "a\nb", "a\x1b", "a\ud800", "a" * 254])
def test_what_is_no_path_segment_is_no_name_of_a_role(name: str) -> None:
    with pytest.raises(InvalidValue, match="is not a valid ClusterRole name"):
        GrantedRole(RoleKind.CLUSTER_ROLE, name)


@pytest.mark.parametrize(
    ("kind", "name", "namespaces"),
    [
        (RoleKind.CLUSTER_ROLE, "", None),
        (RoleKind.CLUSTER_ROLE, "..", None),
        (RoleKind.CLUSTER_ROLE, "a/b", None),
        (RoleKind.CLUSTER_ROLE, "view", ()),
        (RoleKind.CLUSTER_ROLE, "view", ("Shop",)),
        (RoleKind.CLUSTER_ROLE, "view", ("..",)),
        (RoleKind.CLUSTER_ROLE, "view", tuple(f"n{number}" for number in range(101))),
        (RoleKind.ROLE, "deployer", None),
    ],
)
def test_roles_that_cannot_be_granted(kind: RoleKind, name: str, namespaces: tuple[str, ...] | None) -> None:
    with pytest.raises(InvalidValue):
        GrantedRole(kind, name, namespaces)


@pytest.mark.parametrize(
    ("names", "labels"), [(None, None), ((), None), (("Alpha",), None), (None, {"-": "x"}), (("a",), {"a": "b"})]
)
def test_clusters_that_cannot_be_meant(names: tuple[str, ...] | None, labels: dict[str, str] | None) -> None:
    with pytest.raises(InvalidValue):
        GrantedClusters(names=names, labels=labels)


def test_clusters_are_meant_by_name_or_by_all_labels(clock: Clock) -> None:
    record = ClusterRecord(
        id=ClusterId("1"),
        name="alpha",
        labels={"env": "prod", "region": "eu"},
        connection=CONNECTION,
        description="",
        created_at=clock(),
        updated_at=clock(),
    )

    assert ALPHA.include(record)
    assert GrantedClusters(labels={"env": "prod", "region": "eu"}).include(record)
    assert GrantedClusters(labels={}).include(record)
    assert not GrantedClusters(names=("beta",)).include(record)
    assert not GrantedClusters(labels={"env": "prod", "region": "us"}).include(record)


class ComparedName(str):
    """A name that counts its comparisons."""

    __slots__ = ()
    comparisons = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        ComparedName.comparisons += 1
        return str.__eq__(self, other)


def test_a_cluster_is_found_among_many_names_at_once(clock: Clock) -> None:
    """Each caller's grants are compared with all clusters."""
    granted = GrantedClusters(names=tuple(ComparedName(f"c{number}") for number in range(1000)))
    record = ClusterRecord(
        id=ClusterId("1"),
        name="c999",
        labels={},
        connection=CONNECTION,
        description="",
        created_at=clock.now,
        updated_at=clock.now,
    )
    ComparedName.comparisons = 0

    assert granted.include(record)
    assert ComparedName.comparisons <= 1


async def test_a_cluster_tells_callers_apart_by_service_accounts_unless_told_otherwise(
    clusters: Clusters, clock: Clock
) -> None:
    added = await clusters.add(new_cluster("alpha"))
    clock.advance(seconds=1)
    changed = await clusters.set_identity("alpha", IdentityMode.IMPERSONATION)

    assert (added.identity, changed.identity) == (IdentityMode.SERVICE_ACCOUNT, IdentityMode.IMPERSONATION)
    assert changed.updated_at > added.updated_at
    assert (await clusters.add(new_cluster("alpha"), overwrite=True)).identity is IdentityMode.IMPERSONATION


async def test_a_snapshot_tells_nobody_apart(clusters: Clusters, database: Database, keys: KeyRing) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"content"

    origin = SnapshotOrigin(import_id="i", file_name="f", taken_at=Clock()(), version="v1", objects=0, kinds=0)
    await Snapshots(database, Cipher(keys)).put(NewSnapshot(name="dump", origin=origin), parts())

    with pytest.raises(InvalidValue, match="dump is a snapshot"):
        await clusters.set_identity("dump", IdentityMode.IMPERSONATION)
    with pytest.raises(InvalidValue, match="dump is a snapshot: no Prometheus records its usage"):
        await clusters.set_prometheus("dump", "https://prometheus")


async def test_a_cluster_that_is_removed_leaves_no_grant_for_its_name(clusters: Clusters, grants: Grants) -> None:
    for name in ("alpha", "beta"):
        await clusters.add(new_cluster(name))
    only = await grants.add(new_grant())
    both = await grants.add(new_grant(DEVELOPERS, GrantedClusters(names=("alpha", "beta"))))
    labelled = await grants.add(new_grant(DEVELOPERS, GrantedClusters(labels={})))

    await clusters.remove("alpha")

    left = {record.id: record.clusters.names for record in await grants.all()}
    assert left == {both.id: ("beta",), labelled.id: None}
    assert only.id not in left


async def test_an_installation_keeps_its_id(database: Database) -> None:
    ids = await asyncio.gather(*(InstallationIds(database).id() for _ in range(5)))

    assert len(set(ids)) == 1
    assert await InstallationIds(database).id() == ids[0]
