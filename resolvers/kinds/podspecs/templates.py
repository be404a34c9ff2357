"""Members of all kinds with a template of pods: the names and images of its containers."""

from operator import attrgetter
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family

USUAL_TEMPLATE: Final = "spec.template"
"""The path of the template in workloads."""


def add_template_fields(family: Family, template: str = USUAL_TEMPLATE) -> None:
    """Adds the columns of kubectl that all kinds with a template have.

    Args:
        family: the members of the kind.
        template: the path of the template.
    """

    @family.derived(
        f"{template}.spec.containers.name",
        description="The names of the containers of its template, in their order, as kubectl's CONTAINERS column shows "
        "them: without init containers.",
    )
    def container_names(row: Row) -> list[str]:
        """Returns the names of the containers."""
        return [container.name or "" for container in containers(row, template)]

    @family.derived(
        f"{template}.spec.containers.image",
        description="The images of the containers of its template, in their order, as kubectl's IMAGES column shows "
        "them: without init containers.",
    )
    def images(row: Row) -> list[str]:
        """Returns the images of the containers."""
        return [container.image or "" for container in containers(row, template)]


def containers(row: Row, template: str) -> "list[Row]":
    """Returns the containers of the template at a path of an object, without init containers."""
    spec = template_spec(row, template)
    return [*items_of(spec.containers)] if spec is not None else []


def template_spec(row: Row, template: str = USUAL_TEMPLATE) -> Row | None:
    """Returns the spec of the pods in the template at a path of an object; None without one."""
    try:
        return attrgetter(f"{template}.spec")(row)
    except AttributeError:  # a value on the way is null
        return None
