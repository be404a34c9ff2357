"""The errors of kinds that a server serves in no version that can be read."""

import pytest

from k8s.apiserver.bestversion import best_kind, kind_unavailable
from k8s.apiserver.discovery import read_served
from k8s.kinds.kind import Kind
from k8s.transport.deadline import Deadline
from tests.k8s.apiserver.discoveryserver import DiscoveryServer, Resource

BINDING = Kind("", "v1", "Binding", "bindings")


@pytest.mark.parametrize(
    ("verbs", "named"), [(("create",), "create"), (("create", "delete"), "create and delete"), ((), "none")]
)
async def test_a_kind_whose_objects_are_only_sent_has_no_other_shape(verbs: tuple[str, ...], named: str) -> None:
    served = await read_served(DiscoveryServer([Resource(kind=BINDING, verbs=verbs)]), Deadline(10))

    assert best_kind(BINDING, served) is None
    assert str(kind_unavailable("alpha", BINDING, served)) == (
        f"cluster 'alpha': it serves bindings with the verbs {named} only, so no object of it can be read."
    )
