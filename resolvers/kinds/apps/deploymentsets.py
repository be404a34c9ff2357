"""The new and the old replica sets of a deployment, as `kubectl describe` tells them apart.

The new one has the deployment's template: all fields are equal but for the label pod-template-hash. Of several, the
oldest one is new.

Source: `GetAllReplicaSets`, `findNewReplicaSet` in k8s.io/kubectl/pkg/util/deployment/deployment.go.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from msgspec import to_builtins

from k8s.kinds import builtin as kinds
from k8s.kinds.models import built_in_structures
from k8s.reading.rowdecoders import Row
from resolvers.links.fetching import Fetch
from resolvers.links.labels import label_selector, selector_reads
from resolvers.links.members import Family, Shape
from resolvers.links.owners import REFERENCES, UID, own_key, owned, owner_key
from resolvers.lists.rows import Rows
from resolvers.pacing import worked

DEPLOYMENT_SETS = Family(kinds.DEPLOYMENT)

_TEMPLATE: Final = "spec.template"
_HASH: Final = "pod-template-hash"
_READS: Final = (UID, _TEMPLATE, *selector_reads("spec.selector"))


@DEPLOYMENT_SETS.link(
    *_READS,
    to=kinds.REPLICA_SET,
    description="The replica set of its current template, as in `kubectl describe`; null before there is one.",
)
async def new_replica_set(deployments: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads replica sets with their templates, and compares these."""
    return [new for new, _ in await _sets(deployments, fetch)]


@DEPLOYMENT_SETS.link(
    *_READS,
    to=kinds.REPLICA_SET,
    shape=Shape.MANY,
    description="The replica sets of its earlier templates, as in `kubectl describe`; the oldest one first, "
    "in pages by name.",
)
async def old_replica_sets(deployments: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads replica sets with their templates, and compares these."""
    return [old for _, old in await _sets(deployments, fetch)]


async def _sets(deployments: Rows, fetch: Fetch) -> list[tuple[Row | None, list[Row]]]:
    """Returns the new and the old replica sets of each deployment."""
    reads = ("metadata.creationTimestamp", "metadata.labels", *_template_paths())
    sets = await fetch.children(kinds.REPLICA_SET, *REFERENCES, *reads)
    of_deployment = await owned(sets, lambda cluster, row: owner_key(cluster, row, kinds.DEPLOYMENT))

    def of_one(index: int) -> tuple[Row | None, list[Row]]:
        deployment, cluster = deployments.rows[index], deployments.clusters[index]
        return _told_apart(deployment, of_deployment.get(own_key(cluster, deployment, kinds.DEPLOYMENT), ()))

    return await worked(of_one, range(len(deployments)))


def _told_apart(deployment: Row, sets: Sequence[Row]) -> tuple[Row | None, list[Row]]:
    selector = label_selector(deployment.spec.selector) if deployment.spec else None
    if selector is None:
        return None, []
    own = [one for one in sets if selector.selects(one.metadata.labels or {})]
    own.sort(key=lambda one: (one.metadata.creationTimestamp or "", one.metadata.name))
    wanted = _template(deployment)
    new = next((one for one in own if _template(one) == wanted), None)
    return new, [one for one in own if one is not new]


def _template(row: Row) -> Any:
    """Returns the template as JSON, without the label that replica sets add."""
    template: Any = to_builtins(row.spec.template) if row.spec else None
    labels = ((template or {}).get("metadata") or {}).get("labels")
    if isinstance(labels, dict):
        labels.pop(_HASH, None)
    return template


@cache
def _template_paths() -> tuple[str, ...]:
    return tuple(_leaves("PodTemplateSpec", _TEMPLATE))


def _leaves(structure: str, path: str) -> Iterator[str]:
    for field in built_in_structures()[structure].fields:
        below = f"{path}.{field.key}"
        if field.structure is None:
            yield below
        else:
            yield from _leaves(field.structure, below)
