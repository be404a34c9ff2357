"""The facts of credentials that administrators see, and no other caller."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from k8s.credentials.credential import BearerToken, PodServiceAccount, Secret, dump_credential
from k8s.credentials.expiry import CredentialFacts, CredentialKind
from k8s.transport.limits import ConnectionLimits
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.credentials import ClusterCredential, FactsCache, cluster_credential, stored_facts
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.network import Network
from store.clusters.cluster import ClusterConnection, ClusterId, ClusterRecord, OpenedCluster, SnapshotOrigin
from store.clusters.grant import GrantedClusters, GrantedRole, GrantId, GrantRecord, RoleKind, Subject, SubjectKind
from store.errors import CredentialUnreadable
from tests.k8s.credentials.test_expiry import jwt
from tests.store.samples import refusing

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = NOW + timedelta(days=3)
TOKEN = dump_credential(BearerToken(Secret(jwt({"exp": ENDS.timestamp()}))))
RECORD = ClusterRecord(
    id=ClusterId("1"),
    name="alpha",
    labels={},
    connection=ClusterConnection(server="https://alpha.example.com"),
    description="",
    created_at=NOW,
    updated_at=NOW,
)
CLUSTER = OpenedCluster(record=RECORD, open_credential=lambda: TOKEN)
SNAPSHOT = replace(
    RECORD,
    connection=SnapshotOrigin(import_id="i", file_name="f", taken_at=NOW, version="v1", objects=1, kinds=1),
)


class Registered:
    async def open(self) -> Sequence[OpenedCluster]:
        return (CLUSTER,)


class ViewGrants:
    """Grants every caller the role view."""

    async def of(self, _subjects: Collection[Subject]) -> Sequence[GrantRecord]:
        grant = GrantRecord(
            id=GrantId("g"),
            subject=Subject(SubjectKind.USER, "alice"),
            clusters=GrantedClusters(names=("alpha",)),
            role=GrantedRole(RoleKind.CLUSTER_ROLE, "view"),
            created_at=NOW,
            created_by="root",
        )
        return (grant,)


async def test_administrators_see_what_a_credential_is_and_nobody_else() -> None:
    fleet = Fleet(Registered(), connect=Network(ConnectionLimits()), grants=ViewGrants())

    (for_operator,) = await fleet.clusters(OPERATOR)
    (for_alice,) = await fleet.clusters(Caller(name="alice"))
    await fleet.close()

    assert for_operator.credential == CredentialFacts(CredentialKind.TOKEN, ENDS)
    assert for_alice.credential is None


@pytest.mark.parametrize(
    "cluster",
    [
        OpenedCluster(record=SNAPSHOT, open_credential=lambda: b""),
        OpenedCluster(record=RECORD, open_credential=refusing(CredentialUnreadable("changed"))),
        OpenedCluster(record=RECORD, open_credential=lambda: b"{}"),
    ],
    ids=["snapshot", "unreadable", "unknown"],
)
def test_what_has_no_credential_that_can_be_read_shows_none(cluster: OpenedCluster) -> None:
    assert stored_facts(cluster) is None


def test_facts_are_kept_for_a_registration_and_forgotten_with_it() -> None:
    known = FactsCache()
    renewed = OpenedCluster(
        record=replace(RECORD, updated_at=ENDS), open_credential=lambda: dump_credential(PodServiceAccount())
    )

    assert known.of(CLUSTER) is known.of(CLUSTER)
    assert known.of(renewed) == CredentialFacts(CredentialKind.POD_SERVICE_ACCOUNT, None)
    known.retain([renewed])
    assert known.of(OpenedCluster(record=RECORD, open_credential=lambda: b"")) is None


def test_it_is_told_without_anything_that_is_secret() -> None:
    assert cluster_credential(None) is None
    assert cluster_credential(CredentialFacts(CredentialKind.TOKEN, NOW)) == ClusterCredential(
        CredentialKind.TOKEN,
        NOW.isoformat(),  # type: ignore[arg-type]  # a Time is a text
        isExpiring=True,
    )
