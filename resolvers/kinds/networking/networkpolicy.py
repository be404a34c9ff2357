"""Members of network policies beyond their Kubernetes fields."""

from collections.abc import Iterator

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.pod import PODS
from resolvers.kinds.networking.policypeer import PEER_READS, PolicyPeer, allowed
from resolvers.links.labels import EVERYTHING, ObjectSelector, label_selector, selector_reads
from resolvers.links.members import Family
from resolvers.links.selecting import Selecting, add_selected, add_selecting
from resolvers.links.selectortext import selector_text

NETWORK_POLICIES = Family(kinds.NETWORK_POLICY)

_SELECTOR_READS = selector_reads("spec.podSelector")


@NETWORK_POLICIES.derived(
    *_SELECTOR_READS,
    description="Its selector, as in kubectl's POD-SELECTOR column: `app=web,tier in (a,b)`; null for all pods of its "
    "namespace, kubectl's `<none>`.",
)
def pod_selector_text(policy: Row) -> str | None:
    """Returns kubectl's POD-SELECTOR."""
    return selector_text(policy.spec.podSelector if policy.spec else None)


@NETWORK_POLICIES.derived(
    *PEER_READS,
    description="The peers that may connect to its pods, and those that its pods may connect to; traffic of a "
    "direction in `spec.policyTypes` for which there is no peer is blocked.",
)
def allowed_peers(policy: Row) -> list[PolicyPeer]:
    """Returns the peers of all rules."""
    return allowed(policy)


def _selectors(policy: Row) -> Iterator[ObjectSelector]:
    selector = policy.spec.podSelector if policy.spec else None
    selecting = EVERYTHING if selector is None else label_selector(selector)
    if selecting is not None:
        yield selecting


POLICY_PODS = Selecting(kinds.NETWORK_POLICY, kinds.POD, _SELECTOR_READS, _selectors)

add_selected(
    NETWORK_POLICIES,
    POLICY_PODS,
    description="The pods that it selects; an empty selector selects all of its namespace.",
)
add_selecting(
    PODS, POLICY_PODS, description="The network policies that select it; without any, all traffic is allowed."
)
