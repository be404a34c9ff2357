"""Members of network policies beyond their Kubernetes fields."""

from collections.abc import Sequence
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.networking.policypeer import PEER_READS, PEER_SELECTORS, PolicyPeer, allowed, destinations, sources
from resolvers.kinds.networking.policypods import allowed_pods
from resolvers.kinds.podspecs.relations import NETWORK_POLICY_PODS
from resolvers.links.fetching import Fetch
from resolvers.links.labels import selector_reads
from resolvers.links.members import Family, Shape
from resolvers.links.selecting import add_selected
from resolvers.links.selectortext import selector_text
from resolvers.lists.rows import Rows

NETWORK_POLICIES = Family(kinds.NETWORK_POLICY)

ALL_PODS: Final = "<none>"
"""kubectl's text for an empty selector, which selects all pods."""


@NETWORK_POLICIES.derived(
    *selector_reads("spec.podSelector"),
    description="Its selector, as in kubectl's POD-SELECTOR column: `app=web,tier in (a,b)`; `<none>` for all pods of "
    "its namespace.",
)
def pod_selector_text(policy: Row) -> str:
    """Returns kubectl's POD-SELECTOR; never null, since a policy without a selector selects every pod."""
    return selector_text(policy.spec.podSelector if policy.spec else None) or ALL_PODS


@NETWORK_POLICIES.derived(
    *PEER_READS,
    description="The peers that may connect to its pods, and those that its pods may connect to; traffic of a "
    "direction in `spec.policyTypes` for which there is no peer is blocked.",
)
def allowed_peers(policy: Row) -> list[PolicyPeer]:
    """Returns the peers of all rules."""
    return allowed(policy)


@NETWORK_POLICIES.link(
    "metadata.namespace",
    *PEER_SELECTORS["ingress"],
    to=kinds.POD,
    shape=Shape.MANY,
    description="The pods of any namespace that its ingress rules allow to connect to its pods; all pods if a rule is "
    "for anyone. Blocks of addresses are in `allowedPeers`.",
    lists=lambda _checked: 2,
)
async def allowed_sources(policies: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads all pods, and the labels of namespaces if a policy selects by them."""
    return await allowed_pods(policies, fetch, sources)


@NETWORK_POLICIES.link(
    "metadata.namespace",
    *PEER_SELECTORS["egress"],
    to=kinds.POD,
    shape=Shape.MANY,
    description="The pods of any namespace that its egress rules allow its pods to connect to; all pods if a rule is "
    "for anyone. Blocks of addresses are in `allowedPeers`.",
    lists=lambda _checked: 2,
)
async def allowed_destinations(policies: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads all pods, and the labels of namespaces if a policy selects by them."""
    return await allowed_pods(policies, fetch, destinations)


add_selected(
    NETWORK_POLICIES,
    NETWORK_POLICY_PODS,
    description="The pods that it selects; an empty selector selects all of its namespace.",
)
