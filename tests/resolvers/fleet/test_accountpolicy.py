"""The check that all grants of an account still exist."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from k8s.errors import ErrorCode
from resolvers.authorization import AccountHolder
from resolvers.fleet.accountpolicy import CurrentGrants, GrantsUnavailable
from store.clusters.cluster import ClusterRecord
from store.clusters.grant import GrantedClusters, GrantId, GrantRecord, Subject
from store.errors import NotFound, StoreUnavailable
from tests.resolvers.test_authorization import ALICE, ALPHA, EDIT, VIEW, grant


class Stored:
    """The current grants and cluster."""

    def __init__(self) -> None:
        self.grants = [grant(ALICE), grant(ALICE, EDIT)]
        self.grants = [replace(item, id=GrantId(f"g-{at}")) for at, item in enumerate(self.grants)]
        self.record: ClusterRecord | None = ALPHA
        self.is_away = False

    async def of(self, subjects: Collection[Subject]) -> Sequence[GrantRecord]:
        if self.is_away:
            raise StoreUnavailable("The database is locked.")
        return [item for item in self.grants if item.subject in subjects]

    async def get(self, name: str) -> ClusterRecord:
        if self.record is None:
            raise NotFound(name, "gone")
        return self.record


HOLDER = AccountHolder((ALICE,), (EDIT, VIEW), grants=("g-0", "g-1"))


@pytest.fixture
def stored() -> Stored:
    return Stored()


@pytest.fixture
def grants(stored: Stored) -> CurrentGrants:
    return CurrentGrants(stored, stored)


async def test_it_is_while_nothing_was_taken_back(grants: CurrentGrants, stored: Stored) -> None:
    elsewhere = replace(grant(ALICE, clusters=GrantedClusters(names=("beta",))), id=GrantId("g-2"))
    stored.grants.append(elsewhere)

    assert await grants.match(ALPHA, HOLDER)


async def test_it_is_not_after_more_was_given(grants: CurrentGrants, stored: Stored) -> None:
    """An operation that began before would use rights that were granted later."""
    assert not await grants.match(ALPHA, replace(HOLDER, grants=("g-1",)))


async def test_it_is_not_after_one_of_the_grants_was_removed(grants: CurrentGrants, stored: Stored) -> None:
    stored.grants.pop()

    assert not await grants.match(ALPHA, HOLDER)


async def test_it_is_not_after_the_cluster_changed_or_went(grants: CurrentGrants, stored: Stored) -> None:
    stored.record = replace(ALPHA, labels={"env": "other"})
    assert not await grants.match(ALPHA, HOLDER)

    stored.record = None
    assert not await grants.match(ALPHA, HOLDER)


async def test_while_nobody_can_tell_it_is_worth_asking_again(grants: CurrentGrants, stored: Stored) -> None:
    stored.is_away = True

    with pytest.raises(GrantsUnavailable) as raised:
        await grants.match(ALPHA, HOLDER)

    assert (raised.value.code, raised.value.retryable) == (ErrorCode.INTERNAL, True)
