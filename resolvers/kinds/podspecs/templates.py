"""Members of all kinds with a template of pods: its containers, and the objects that it names or that select its pods.

The labels of a template are those of its pods, so the services and disruption budgets that select its pods are found
without reading any pod.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.kinds.podspecs.references import (
    claim_names,
    claim_reads,
    config_map_names,
    config_map_reads,
    secret_names,
    secret_reads,
    service_account_reads,
    service_account_uses,
)
from resolvers.kinds.podspecs.relations import BUDGET_PODS, NETWORK_POLICY_PODS, SERVICE_PODS
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, namespace_of
from resolvers.links.selecting import Selecting
from resolvers.lists.rows import Rows
from resolvers.names import list_name
from resolvers.pacing import mapped

USUAL_TEMPLATE: Final = "spec.template"
"""The path of the template in workloads."""
_HOME: Final = ("metadata.name", "metadata.namespace")


class TemplateMetadata(Struct, frozen=True):
    """The namespace and the labels of the pods of a template."""

    namespace: str | None
    labels: dict[str, Any] | None


class TemplateRow(Struct, frozen=True):
    """The pods of the template of a workload, as selectors see them."""

    metadata: TemplateMetadata
    workload: Any


def add_template_fields(family: Family, template: str = USUAL_TEMPLATE) -> None:
    """Adds the columns of kubectl that all kinds with a template have."""

    @family.derived(
        f"{template}.spec.containers.name",
        description="The names of the containers of its template, in their order, as in kubectl's CONTAINERS column: "
        "without init containers.",
    )
    def container_names(row: Row) -> list[str]:
        """Returns the names of the containers."""
        return [container.name or "" for container in _containers(row, template)]

    @family.derived(
        f"{template}.spec.containers.image",
        description="The images of the containers of its template, in their order, as in kubectl's IMAGES column: "
        "without init containers.",
    )
    def images(row: Row) -> list[str]:
        """Returns the images of the containers."""
        return [container.image or "" for container in _containers(row, template)]


def add_template_names(family: Family, kind: Kind, template: str = USUAL_TEMPLATE) -> None:
    """Adds links to the config maps, secrets, claims and the service account that a template names."""
    spec = f"{template}.spec"
    add_named(
        family,
        Naming(kind, kinds.CONFIG_MAP, (*_HOME, *config_map_reads(spec)), _named_by(template, config_map_names)),
        description="The config maps that its template names, in volumes and the environments of containers, in their "
        "order; those that do not exist are left out.",
    )
    add_named(
        family,
        Naming(kind, kinds.SECRET, (*_HOME, *secret_reads(spec)), _named_by(template, secret_names)),
        description="The secrets that its template names, in volumes, in the environments of containers and for "
        "pulling images, in their order; those that do not exist are left out.",
    )
    add_named(
        family,
        Naming(kind, kinds.SERVICE_ACCOUNT, (*_HOME, *service_account_reads(spec)), _named_by(template, _account)),
        shape=Shape.ONE,
        description="The service account that its pods run as: `default` if its template names none; null if it does "
        "not exist.",
    )
    if kind is kinds.STATEFUL_SET:  # its claims are those that it makes
        return
    add_named(
        family,
        Naming(kind, kinds.PERSISTENT_VOLUME_CLAIM, (*_HOME, *claim_reads(spec)), _named_by(template, claim_names)),
        description="The persistent volume claims that its template names, in their order; those that do not exist are "
        "left out, and those of ephemeral volumes are its pods'.",
    )


def add_template_selecting(family: Family, template: str = USUAL_TEMPLATE) -> None:
    """Adds links to the services, disruption budgets and network policies that select the pods of a template."""
    _add_selecting(
        family, SERVICE_PODS, template, "The services whose selectors match the labels of its pods, by its template."
    )
    _add_selecting(
        family,
        BUDGET_PODS,
        template,
        "The disruption budgets whose selectors match the labels of its pods, by its template.",
    )
    _add_selecting(
        family,
        NETWORK_POLICY_PODS,
        template,
        "The network policies that apply to its pods, by the labels of its template.",
    )


def labels_of_template(row: Row, template: str = USUAL_TEMPLATE) -> TemplateRow:
    """Returns the pods of the template of an object, as selectors see them; reads `metadata.labels` of the template."""
    metadata = _below(row, f"{template}.metadata")
    labels = metadata.labels if metadata is not None else None
    return TemplateRow(TemplateMetadata(namespace_of(row), labels), row)


def _add_selecting(family: Family, selecting: Selecting, template: str, description: str) -> None:
    async def found(parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        pods = await mapped(partial(labels_of_template, template=template), parents.rows)
        return await selecting.selecting(Rows(pods, parents.clusters), fetch)

    reads = ("metadata.namespace", f"{template}.metadata.labels")
    name = list_name(selecting.of)
    family.link(*reads, to=selecting.of, shape=Shape.MANY, description=description, name=name)(found)


def _named_by(template: str, names: Callable[[Row | None], Sequence[str]]) -> Callable[[Row], Iterator[NamedPlace]]:
    def places(row: Row) -> Iterator[NamedPlace]:
        home = namespace_of(row)
        return ((home, name) for name in names(_below(row, f"{template}.spec")))

    return places


def _account(spec: Row | None) -> Sequence[str]:
    return [use.name for use in service_account_uses(spec)]


def _containers(row: Row, template: str) -> Sequence[Row]:
    spec = _below(row, f"{template}.spec")
    return items_of(spec.containers) if spec is not None else ()


def _below(row: Row, path: str) -> Row | None:
    """Returns the value at a path of an object; None if a value on the way is absent."""
    try:
        return attrgetter(path)(row)
    except AttributeError:
        return None


POD_TEMPLATES: Final = Family(kinds.POD_TEMPLATE)
"""The members of the kind that has nothing but a template."""
add_template_fields(POD_TEMPLATES, "template")
add_template_names(POD_TEMPLATES, kinds.POD_TEMPLATE, "template")
