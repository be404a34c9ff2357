"""The join of stateful sets and the claims that they make: `<template>-<stateful set>-<ordinal>` in their namespace.

Source: `getPersistentVolumeClaimName` in k8s.io/kubernetes/pkg/controller/statefulset/stateful_set_utils.go.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import items_of
from resolvers.kinds.storage.persistentvolumeclaim import PERSISTENT_VOLUME_CLAIMS
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.naming import namespace_of
from resolvers.lists.rows import Rows
from resolvers.pacing import collected, worked

CLAIMING_SETS = Family(kinds.STATEFUL_SET)

_READS: Final = ("metadata.namespace", "metadata.name", "spec.volumeClaimTemplates.metadata.name")
_CLAIM_READS: Final = ("metadata.namespace", "metadata.name")
_ORDINAL: Final = re.compile(r"-(?:0|[1-9][0-9]{0,9})")
_Key = tuple[FleetCluster, str | None, str]


@CLAIMING_SETS.link(
    *_READS,
    to=kinds.PERSISTENT_VOLUME_CLAIM,
    shape=Shape.MANY,
    description="The claims that it made for its pods, those of pods that are gone included, by their names: "
    "`<template>-<stateful set>-<ordinal>`.",
)
async def persistent_volume_claims(sets: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads claims, and joins them by name."""
    claims = await fetch.children(kinds.PERSISTENT_VOLUME_CLAIM, *_CLAIM_READS)
    by_prefix: dict[_Key, list[Row]] = {}

    def add(claim: tuple[FleetCluster, Row]) -> None:
        key = _claim_key(*claim)
        if key is not None:
            by_prefix.setdefault(key, []).append(claim[1])

    await worked(add, claims)
    return await worked(lambda one: [claim for key in _set_keys(*one) for claim in by_prefix.get(key, ())], sets)


@PERSISTENT_VOLUME_CLAIMS.link(
    *_CLAIM_READS,
    to=kinds.STATEFUL_SET,
    description="The stateful set that made it, by its name; null for other claims, and if that is gone.",
)
async def stateful_set(claims: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads stateful sets, and joins them by name."""
    keys = await collected(_claim_key(cluster, claim) for cluster, claim in claims)
    by_prefix: dict[_Key, Row] = {}
    if any(keys):

        def add(one: tuple[FleetCluster, Row]) -> None:
            by_prefix.update((key, one[1]) for key in _set_keys(*one))

        await worked(add, await fetch.children(kinds.STATEFUL_SET, *_READS))
    return await collected(by_prefix.get(key) if key is not None else None for key in keys)


def _claim_key(cluster: FleetCluster, claim: Row) -> _Key | None:
    """Returns the beginning of a claim's name, before its ordinal."""
    prefix, dash, ordinal = claim.metadata.name.rpartition("-")
    if not prefix or not _ORDINAL.fullmatch(dash + ordinal):
        return None
    return cluster, namespace_of(claim), prefix


def _set_keys(cluster: FleetCluster, one: Row) -> Iterator[_Key]:
    """Yields the beginnings of the names of a stateful set's claims."""
    names = {
        template.metadata.name
        for template in items_of(one.spec.volumeClaimTemplates if one.spec else None)
        if template.metadata is not None
    }
    return ((cluster, namespace_of(one), f"{name}-{one.metadata.name}") for name in sorted(names - {None, ""}))
