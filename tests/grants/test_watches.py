"""Watches as service accounts that are made for them."""

import pytest

from k8s.errors import ClusterError
from k8s.kinds.builtin import CONFIG_MAP
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from tests.grants.installations import Installation, caller
from tests.k8s.watches.followed import Followed

pytestmark = pytest.mark.controlplane

ANN = caller("ann@example.com")


class Heard(Followed):
    """A listener that notes each state."""

    def __init__(self, held: HeldObjects) -> None:
        self.states = [held.freshness]
        super().__init__(held)

    def refreshed(self) -> None:
        self.states.append(self.held.freshness)
        super().refreshed()


async def watches_of(installation: Installation) -> SharedWatches:
    [cluster] = await installation.fleet.clusters(ANN)
    assert cluster.watches is not None
    return cluster.watches()


async def test_a_new_account_watches_at_once_and_one_without_the_right_does_not(
    installation: Installation, account_namespace: str
) -> None:
    await installation.grant("view", "alpha", user=ANN.name, namespaces=(account_namespace,))
    watches = await watches_of(installation)
    granted, others = WatchTarget(CONFIG_MAP, account_namespace), WatchTarget(CONFIG_MAP)
    with watches.held(granted) as seen, watches.held(others) as all_:
        heard = Heard(seen)
        await heard.live()
        assert heard.states == [Freshness.SYNCING, Freshness.LIVE]
        error: ClusterError = await Followed(all_).failed()
        assert error.reason == "Forbidden"
