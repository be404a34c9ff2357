"""The identity of fleetgraph in a cluster for a caller, which follows from the grants alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from resolvers.authorization import (
    ADMINISTRATOR,
    AccountHolder,
    Authorization,
    Impersonated,
    SnapshotReader,
    authorization_of,
    subjects_of,
)
from resolvers.caller import OPERATOR, Caller
from store.clusters.cluster import ClusterConnection, ClusterId, ClusterRecord, IdentityMode, SnapshotOrigin
from store.clusters.grant import GrantedClusters, GrantedRole, GrantId, GrantRecord, RoleKind, Subject, SubjectKind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALPHA = ClusterRecord(
    id=ClusterId("1"),
    name="alpha",
    labels={"env": "prod"},
    connection=ClusterConnection(server="https://alpha.example.com"),
    description="",
    created_at=NOW,
    updated_at=NOW,
)
SNAPSHOT = replace(
    ALPHA,
    name="dump",
    connection=SnapshotOrigin(import_id="i", file_name="f", taken_at=NOW, version="v1", objects=1, kinds=1),
)
ALICE = Subject(SubjectKind.USER, "alice")
DEVELOPERS = Subject(SubjectKind.GROUP, "developers")
OPERATORS = Subject(SubjectKind.GROUP, "operators")
CALLER = Caller(name="alice", groups=frozenset({"developers", "operators", "everybody"}))
VIEW = GrantedRole(RoleKind.CLUSTER_ROLE, "view")
EDIT = GrantedRole(RoleKind.CLUSTER_ROLE, "edit", ("shop",))


def grant(subject: Subject, role: GrantedRole = VIEW, clusters: GrantedClusters | None = None) -> GrantRecord:
    return GrantRecord(
        id=GrantId("grant-1"),
        subject=subject,
        clusters=clusters or GrantedClusters(labels={"env": "prod"}),
        role=role,
        created_at=NOW,
        created_by="root",
    )


def test_without_a_grant_there_that_cluster_does_not_exist() -> None:
    assert authorization_of(ALPHA, CALLER, []) is None
    assert authorization_of(ALPHA, CALLER, [grant(ALICE, clusters=GrantedClusters(names=("beta",)))]) is None


def test_an_administrator_is_the_stored_credential_whatever_is_granted() -> None:
    assert authorization_of(ALPHA, OPERATOR, []) == Authorization(ADMINISTRATOR)
    assert authorization_of(ALPHA, replace(CALLER, is_administrator=True), [grant(ALICE)]) == Authorization(
        ADMINISTRATOR
    )


def test_an_account_stands_for_those_who_have_grants_and_has_the_sum_of_their_roles() -> None:
    authorization = authorization_of(ALPHA, CALLER, [grant(DEVELOPERS), grant(OPERATORS, EDIT), grant(OPERATORS)])

    assert authorization == Authorization(AccountHolder((DEVELOPERS, OPERATORS), (EDIT, VIEW)), (EDIT, VIEW))


def test_members_of_a_group_without_grants_of_their_own_are_the_same_account() -> None:
    grants = [grant(DEVELOPERS)]
    bob = Caller(name="bob", groups=frozenset({"developers"}))

    assert authorization_of(ALPHA, CALLER, grants) == authorization_of(ALPHA, bob, grants)


def test_by_impersonation_a_caller_is_itself_with_all_its_groups() -> None:
    record = replace(ALPHA, identity=IdentityMode.IMPERSONATION)

    authorization = authorization_of(record, CALLER, [grant(DEVELOPERS)])

    assert authorization == Authorization(Impersonated("alice", ("developers", "everybody", "operators")), (VIEW,))


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (GrantedRole(RoleKind.CLUSTER_ROLE, "cluster-admin"), SnapshotReader(reads_secrets=True)),
        (GrantedRole(RoleKind.CLUSTER_ROLE, "fleetgraph-reader"), SnapshotReader(reads_secrets=False)),
        (GrantedRole(RoleKind.CLUSTER_ROLE, "view"), None),
        (GrantedRole(RoleKind.CLUSTER_ROLE, "cluster-admin", ("shop",)), None),
        (GrantedRole(RoleKind.ROLE, "cluster-admin", ("shop",)), None),
    ],
)
def test_a_snapshot_opens_to_roles_that_read_whole_clusters(role: GrantedRole, expected: SnapshotReader | None) -> None:
    authorization = authorization_of(SNAPSHOT, CALLER, [grant(ALICE, role)])

    assert (authorization.identity if authorization else None) == expected


def test_names_that_no_grant_can_be_for_have_none() -> None:
    strange = Caller(name="system:masters", groups=frozenset({"", "a\nb", "x" * 2000, "developers"}))

    assert subjects_of(strange) == (DEVELOPERS,)
    assert subjects_of(Caller(name="developers")) == (Subject(SubjectKind.USER, "developers"),)
