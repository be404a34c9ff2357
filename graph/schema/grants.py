"""Grants in the schema: a query field and two mutations, for administrators.

Grants are few and small, so graphql-core executes these fields; `graph.executor` takes over the others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeAlias

import strawberry
from strawberry.types import Info
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField

from graph.schema.enums import described
from k8s.errorcode import ErrorCode
from resolvers.errors import AlreadyGranted, UnknownGrant
from resolvers.grants.grantarguments import GrantArguments
from resolvers.grants.managedgrants import RemovedGrant
from resolvers.grants.reconciling import Reconciled
from resolvers.kinds.leaves import StringMap, Time
from resolvers.operation.operation import Operation
from store.clusters.grant import GrantRecord, RoleKind, SubjectKind
from store.errors import NameTaken, NotFound

described(SubjectKind, name="GrantSubjectKind")
described(RoleKind, name="GrantRoleKind")
described(ErrorCode)


@strawberry.type(name="Grant", description="The access of one user or group to clusters, with a role.")
class GrantType:
    """A stored grant."""

    id: strawberry.ID = strawberry.field(description="The argument of `deleteGrant` and `fleetgraph grants remove`.")
    subject_kind: SubjectKind = strawberry.field(
        name="subjectKind", description="The kind of the subject: a user or a group."
    )
    subject_name: str = strawberry.field(
        name="subjectName", description="The user or group, as authentication names it."
    )
    cluster_names: list[str] | None = strawberry.field(
        name="clusterNames", description="The clusters, if they are selected by name."
    )
    cluster_labels: StringMap | None = strawberry.field(
        name="clusterLabels",
        description="The labels of the clusters, if they are selected by labels; empty for all clusters.",
    )
    role_kind: RoleKind = strawberry.field(
        name="roleKind", description="The kind of the role: a ClusterRole or a Role."
    )
    role_name: str = strawberry.field(name="roleName", description="The name of the ClusterRole or Role.")
    namespaces: list[str] | None = strawberry.field(
        description="The namespaces of the grant; null for the whole cluster."
    )
    created_at: Time = strawberry.field(name="createdAt", description="The time of the grant.")
    created_by: str = strawberry.field(name="createdBy", description="The caller who granted it.")

    @classmethod
    def of(cls, record: GrantRecord) -> "GrantType":
        """Converts a stored grant."""
        names, labels, namespaces = record.clusters.names, record.clusters.labels, record.role.namespaces
        return cls(
            id=strawberry.ID(record.id),
            subject_kind=record.subject.kind,
            subject_name=record.subject.name,
            cluster_names=None if names is None else list(names),
            cluster_labels=None if labels is None else StringMap(dict(labels)),
            role_kind=record.role.kind,
            role_name=record.role.name,
            namespaces=None if namespaces is None else list(namespaces),
            created_at=Time(record.created_at.isoformat()),
            created_by=record.created_by,
        )


@strawberry.type(description="The clean-up of service accounts in one cluster at the end of a grant.")
class GrantCleanup:
    """The result of the clean-up in one cluster."""

    cluster: str = strawberry.field(description="Its name.")
    accounts_removed: int = strawberry.field(
        name="accountsRemoved", description="The number of removed accounts, which no grant needs any more."
    )
    bindings_changed: int = strawberry.field(
        name="bindingsChanged", description="The number of changed bindings of other accounts."
    )
    code: ErrorCode | None = strawberry.field(description="The error, if it is not done yet; the server retries.")
    message: str | None = strawberry.field(description="The message of the error.")

    @classmethod
    def of(cls, reconciled: Reconciled) -> "GrantCleanup":
        """Converts the result of a reconciliation."""
        error = reconciled.error
        return cls(
            cluster=reconciled.cluster,
            accounts_removed=reconciled.removed,
            bindings_changed=reconciled.changed,
            code=None if error is None else error.code,
            message=None if error is None else str(error),
        )


@strawberry.type(description="A removed grant, and the clean-up in its clusters.")
class DeletedGrant:
    """The result of `deleteGrant`."""

    grant: GrantType = strawberry.field(description="The removed grant.")
    clusters: list[GrantCleanup] = strawberry.field(description="The clean-up in each of its clusters.")

    @classmethod
    def of(cls, removed: RemovedGrant) -> "DeletedGrant":
        """Converts a removed grant."""
        return cls(
            grant=GrantType.of(removed.record),
            clusters=[GrantCleanup.of(reconciled) for reconciled in removed.reconciled],
        )


@strawberry.input(description="A grant: for a user or a group, in clusters by names, by labels or all, of one role.")
class GrantInput:
    """The argument of `createGrant`."""

    user: str | None = strawberry.field(default=None, description="The user, as authentication names it.")
    group: str | None = strawberry.field(default=None, description="Or the group, likewise.")
    cluster_names: list[str] | None = strawberry.field(
        default=None, name="clusterNames", description="Clusters of these names, including later ones."
    )
    cluster_labels: str | None = strawberry.field(
        default=None,
        name="clusterLabels",
        description="Or all clusters with these labels, such as `env=prod,region=eu`.",
    )
    all_clusters: bool = strawberry.field(default=False, name="allClusters", description="Or every cluster.")
    cluster_role: str | None = strawberry.field(
        default=None, name="clusterRole", description="The ClusterRole; in the whole cluster, or in `namespaces`."
    )
    role: str | None = strawberry.field(default=None, description="Or the Role of this name in each of `namespaces`.")
    namespaces: list[str] | None = strawberry.field(default=None, description="Only in these.")


_Granted: TypeAlias = Annotated[GrantInput, strawberry.argument(description="The grant.")]
_GrantId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The grant's `id`.")]


@strawberry.type(description="Changes by administrators; refused over GET, and for other callers.")
class Mutation:
    """The root of mutations."""

    @strawberry.mutation(
        name="createGrant",
        description="Grants a role in clusters; it holds from the next query of that user or group on.",
    )
    async def create_grant(self, info: Info[Operation, None], grant: _Granted) -> GrantType | None:
        """Stores a grant."""
        arguments = GrantArguments(
            user=grant.user,
            group=grant.group,
            cluster_names=grant.cluster_names,
            cluster_labels=grant.cluster_labels,
            all_clusters=grant.all_clusters,
            cluster_role=grant.cluster_role,
            role=grant.role,
            namespaces=grant.namespaces,
        )
        with _store_errors():
            return GrantType.of(await info.context.grants.add(info.context.caller, arguments))

    @strawberry.mutation(
        name="deleteGrant", description="Removes a grant at once, and its service accounts and bindings in clusters."
    )
    async def delete_grant(self, info: Info[Operation, None], id: _GrantId) -> DeletedGrant | None:  # noqa: A002  GraphQL's name
        """Removes a grant."""
        with _store_errors():
            return DeletedGrant.of(await info.context.grants.remove(info.context.caller, id))


@strawberry.type
class _Queries:
    @strawberry.field(description="All grants, ordered by user and group; for administrators.")
    async def grants(self, info: Info[Operation, None]) -> list[GrantType] | None:
        """Returns all grants."""
        return [GrantType.of(record) for record in await info.context.grants.all(info.context.caller)]


def grant_queries() -> list[StrawberryField]:
    """Returns the fields of the query type."""
    return get_object_definition(_Queries, strict=True).fields


@contextmanager
def _store_errors() -> Iterator[None]:
    """Raises errors of the store as errors of the query."""
    try:
        yield
    except NameTaken as error:
        raise AlreadyGranted(str(error)) from error
    except NotFound as error:
        raise UnknownGrant(str(error)) from error
