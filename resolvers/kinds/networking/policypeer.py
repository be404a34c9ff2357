"""The peers that a network policy allows, in text."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import islice
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.links.labels import selector_reads
from resolvers.links.selectortext import selector_text

_TYPES: Final = "spec.policyTypes"
_PEERS: Final = {"ingress": "spec.ingress.from", "egress": "spec.egress.to"}
PEER_SELECTORS: Final = {
    way: (
        _TYPES,
        *(path for key in ("podSelector", "namespaceSelector") for path in selector_reads(f"{peers}.{key}")),
        f"{peers}.ipBlock.cidr",
    )
    for way, peers in _PEERS.items()
}
"""The paths of the peers of each direction."""
PEER_READS: Final = (
    *(path for paths in PEER_SELECTORS.values() for path in paths),
    *(f"{peers}.ipBlock.except" for peers in _PEERS.values()),
    *(f"spec.{way}.ports.{key}" for way in _PEERS for key in ("port", "endPort", "protocol")),
)
"""The paths of a policy that its peers are read from."""


class TrafficDirection(StrEnum):
    """The direction of traffic, as the pods of a policy see it."""

    Ingress = "Ingress"
    Egress = "Egress"


class PolicyPeer(Struct, frozen=True):
    """A peer that a network policy allows, with its ports. One without selectors and addresses is anyone."""

    direction: Annotated[TrafficDirection, Meta(description="Whether the peer connects to the pods, or they to it.")]
    namespaces: Annotated[
        str | None,
        Meta(
            description="The selector of its namespaces (`env=prod`), empty for all namespaces. Null without one: "
            "`pods` are then those of the policy's own namespace."
        ),
    ]
    pods: Annotated[
        str | None,
        Meta(
            description="The selector of its pods (`app=web`), empty for all pods. Null without one: with "
            "`namespaces`, these are all pods there; without, it is the addresses of `cidr`, or anyone."
        ),
    ]
    cidr: Annotated[str | None, Meta(description="Its addresses (`10.0.0.0/8`); null for pods, and for anyone.")]
    excluded: Annotated[list[str], Meta(description="Addresses of the CIDR that are not allowed.")]
    ports: Annotated[
        list[str], Meta(description="The ports, such as `80/TCP`, `8000-8080/TCP` or `dns/UDP`; empty for all ports.")
    ]


def allowed(policy: Row) -> list[PolicyPeer]:
    """Returns the peers of all rules, those of ingress first.

    Source: `printNetworkPolicySpecIngressFrom` in k8s.io/kubectl/pkg/describe/describe.go.
    """
    return [*islice(_peers(policy), MAX_ITEMS)]


def sources(spec: Row) -> Iterator[Sequence[Row] | None]:
    """Yields the peers of each ingress rule; None or an empty list for anyone."""
    return (rule.from_ for rule in _rules(spec, TrafficDirection.Ingress))


def destinations(spec: Row) -> Iterator[Sequence[Row] | None]:
    """Yields the peers of each egress rule; None or an empty list for anyone."""
    return (rule.to for rule in _rules(spec, TrafficDirection.Egress))


def _rules(spec: Row, direction: TrafficDirection) -> Sequence[Row]:
    """Returns the rules of a direction; none if the policy's types leave it out, whatever rules it has.

    Source: `describeNetworkPolicySpec` in k8s.io/kubectl/pkg/describe/describe.go. API servers fill in missing types.
    """
    types = items_of(spec.policyTypes)
    if types and direction.value not in types:
        return ()
    return items_of(spec.ingress if direction is TrafficDirection.Ingress else spec.egress)


def _peers(policy: Row) -> Iterator[PolicyPeer]:
    spec = policy.spec
    if spec is None:
        return
    for rule in _rules(spec, TrafficDirection.Ingress):
        yield from _of_rule(TrafficDirection.Ingress, rule.from_, rule)
    for rule in _rules(spec, TrafficDirection.Egress):
        yield from _of_rule(TrafficDirection.Egress, rule.to, rule)


def _of_rule(direction: TrafficDirection, peers: Sequence[Row] | None, rule: Row) -> Iterator[PolicyPeer]:
    ports = [_port(port) for port in items_of(rule.ports)]
    if not peers:
        yield PolicyPeer(direction, None, None, None, [], ports)
    for peer in items_of(peers):
        block = peer.ipBlock
        yield PolicyPeer(
            direction,
            _text(peer.namespaceSelector),
            _text(peer.podSelector),
            block.cidr if block else None,
            [*items_of(block.except_)] if block else [],
            ports,
        )


def _text(selector: Row | None) -> str | None:
    return None if selector is None else selector_text(selector) or ""


def _port(port: Row) -> str:
    first = "*" if port.port is None else str(port.port)
    last = "" if port.endPort is None else f"-{port.endPort}"
    return f"{first}{last}/{port.protocol or 'TCP'}"
