"""`viewerCan`: the right of the caller's identity in a cluster to do something to an object or to a kind.

The clusters decide. One SelfSubjectRulesReview answers for all objects of a namespace; a SelfSubjectAccessReview is
sent where that leaves no decision.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from k8s.apiserver.access import Permission
from k8s.errors import ClusterError
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.listednames import any_of
from k8s.reading.rowdecoders import Row
from k8s.transport.path import PathInvalid, checked_namespace, checked_segment
from resolvers.access.deciding import AccessTarget, Decider, Decision
from resolvers.errors import BadUserInput
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.cluster import CLUSTERS
from resolvers.links.members import ANY_KIND, Argument, Arguments, Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected, mapped
from resolvers.together import together
from resolvers.unexpected import contained

VERBS: Final = (
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "approve",
    "attest",
    "bind",
    "escalate",
    "impersonate",
    "sign",
    "use",
    "*",
)
"""Verbs of the Kubernetes API and verbs that only RBAC has; `*` is all of them."""

_WORD: Final = re.compile(r"[a-z][-a-z0-9]{0,62}", re.ASCII)
_GROUP: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", re.ASCII)
_VERB: Final = Argument("verb", str, "As in RBAC: `get`, `list`, `create`, `update`, `patch`, `delete`, ...")
_SUBRESOURCE: Final = Argument(
    "subresource", str | None, "For example `log`, `exec` or `scale`; left out, the object itself."
)


@dataclass(frozen=True, slots=True)
class AccessQuery:
    """A permission to decide on; namespace and name are empty for all, and for fields of objects, which have them."""

    permission: Permission
    namespace: str = ""
    name: str = ""


def object_access(kind: Kind | None) -> Family:
    """Returns the field `viewerCan` of the objects of a kind; None for a type whose objects may be of any kind."""
    family = Family(kind or ANY_KIND)

    def checked(arguments: Mapping[str, object]) -> AccessQuery:
        return AccessQuery(_permission("", "", arguments))

    @family.remote(
        description="True if the cluster now allows the caller to do this to the object. Null with an error if the "
        "cluster does not answer; null without one if it does not let the caller ask.",
        returns=bool | None,
        name="viewerCan",
        arguments=Arguments((_VERB, _SUBRESOURCE), checked),
    )
    async def viewer_can(rows: Rows, operation: Operation, query: AccessQuery) -> Sequence[Decision]:
        """Sends a few small requests for each cluster and namespace, for any number of objects."""
        indexes: dict[tuple[FleetCluster, Kind], list[int]] = {}
        async for batch in batches(enumerate(rows)):
            for index, (cluster, row) in batch:
                indexes.setdefault((cluster, type(row).kind), []).append(index)
        decisions: list[Decision] = [None] * len(rows)

        async def decide(cluster: FleetCluster, of: Kind, own: Sequence[int]) -> None:
            targets = await collected(_target(of, rows.rows[index]) for index in own)
            asked = replace(query, permission=replace(query.permission, group=of.group, resource=of.plural))
            of_cluster = await _decisions(operation, cluster, asked, targets)
            async for batch in batches(zip(own, of_cluster, strict=True)):
                for index, decision in batch:
                    decisions[index] = decision

        await together(*(decide(*place, own) for place, own in indexes.items()))
        return decisions

    return family


def _query(arguments: Mapping[str, object]) -> AccessQuery:
    """Returns the checked arguments of a cluster's field.

    Raises:
        BadUserInput: the resource, verb, namespace, name or subresource is invalid.
    """
    plural, group, kind = _resource(str(arguments["resource"]))
    namespace, name = arguments.get("namespace"), arguments.get("name")
    try:
        checked = checked_namespace(namespace) if isinstance(namespace, str) else ""
        named = checked_segment(name) if isinstance(name, str) else ""
    except PathInvalid as error:
        raise BadUserInput(f"viewerCan: {error}") from error
    if checked and kind is not None and not kind.namespaced:
        raise BadUserInput(f"viewerCan: {kind.name} objects have no namespace; leave it out.")
    return AccessQuery(_permission(group, plural, arguments), checked, named)


@CLUSTERS.remote(
    description="True if the cluster now allows the caller to do this to a resource of it. Null with an error if the "
    "cluster does not answer; null without one if it does not let the caller ask.",
    returns=bool | None,
    name="viewerCan",
    arguments=Arguments(
        (
            Argument(
                "resource",
                str,
                "As in kubectl: `pods`, `deployments.apps`, `widgets.example.com`; a built-in group may be left out.",
            ),
            _VERB,
            Argument("namespace", str | None, "In this namespace; left out, in all of them at once."),
            Argument("name", str | None, "To the object of this name; left out, to all."),
            _SUBRESOURCE,
        ),
        _query,
    ),
)
async def cluster_viewer_can(clusters: Rows, operation: Operation, query: AccessQuery) -> Sequence[Decision]:
    """Sends one small request for each cluster; fields that ask about one namespace share it."""
    target = AccessTarget(query.namespace, query.name)
    decisions = await together(*(_decisions(operation, cluster, query, [target]) for cluster in clusters.rows))
    return [decision for (decision,) in decisions]


async def _decisions(
    operation: Operation, cluster: FleetCluster, query: AccessQuery, targets: Sequence[AccessTarget]
) -> Sequence[Decision]:
    try:
        with contained(cluster.name):
            decisions = await Decider(operation, cluster, query.permission).decide(targets)
    except ClusterError as error:
        return [error] * len(targets)
    return await mapped(decisions.__getitem__, targets)


def _target(kind: Kind, row: Row) -> AccessTarget:
    return AccessTarget(row.metadata.namespace if kind.namespaced else "", row.metadata.name)


def _resource(text: str) -> tuple[str, str, Kind | None]:
    """Returns plural and group, and the built-in kind if it is one; the core group comes first."""
    plural, dot, group = text.partition(".")
    if not _WORD.fullmatch(plural) or (dot and not _GROUP.fullmatch(group)):
        raise BadUserInput(
            f"viewerCan: {text[:80]!r} is no resource; write its plural, or plural.group, "
            "and a subresource in `subresource`."
        )
    of_plural = sorted((kind for kind in BUILT_IN if kind.plural == plural), key=lambda kind: kind.group)
    kind = next((kind for kind in of_plural if not dot or kind.group == group), None)
    return plural, group if kind is None else kind.group, kind


def _permission(group: str, plural: str, arguments: Mapping[str, object]) -> Permission:
    verb, subresource = str(arguments["verb"]), arguments.get("subresource")
    if verb not in VERBS:
        raise BadUserInput(f"viewerCan: {verb[:80]!r} is no verb; write one of {any_of(VERBS)}.")
    if isinstance(subresource, str) and not _WORD.fullmatch(subresource):
        raise BadUserInput(f"viewerCan: {subresource[:80]!r} is no subresource; write one such as log, exec or scale.")
    return Permission(verb, group, plural, subresource=subresource if isinstance(subresource, str) else "")
