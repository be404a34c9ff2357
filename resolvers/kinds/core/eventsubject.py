"""The objects that events are about, which may be of any kind."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Final

from k8s.kinds.builtin import BUILT_IN
from k8s.reading.rowdecoders import Row
from resolvers.links.fetching import Fetch
from resolvers.links.members import ANY_KIND, Family
from resolvers.links.owners import group_of
from resolvers.links.targets import Target, target_of_each
from resolvers.lists.rows import Rows
from resolvers.pacing import collected

_KEYS: Final = ("apiVersion", "kind", "namespace", "name")
_GROUPS: Final[Mapping[str, str]] = {kind.name: kind.group for kind in reversed(BUILT_IN)}
"""The group of each built-in kind, for references without one; core comes first."""


def add_subjects(family: Family, subject: str) -> None:
    """Adds the links from a kind of event to its objects; `subject` is the field that refers to the main one."""
    _add(
        family,
        subject,
        name="object",
        description="The object that it is about; null if it does not exist any more. It is found by its name, so an "
        "object that was created again under the same name is found as well.",
    )
    _add(family, "related", name="relatedObject", description="A second object that it is about; often null.")


def _add(family: Family, path: str, *, name: str, description: str) -> None:
    of_event = attrgetter(path)

    @family.link(*(f"{path}.{key}" for key in _KEYS), to=ANY_KIND, name=name, description=description)
    async def subject(events: Rows, fetch: Fetch) -> Sequence[Row | None]:
        """Reads the objects by name."""
        fetch.is_across_namespaces = True  # objects of the whole cluster have events in the namespace `default`
        targets = await collected(map(_target(of_event), events.rows))
        return await target_of_each(fetch, events.clusters, targets)


def _target(of_event: Callable[[Row], Row | None]) -> Callable[[Row], Target | None]:
    def target(event: Row) -> Target | None:
        reference = of_event(event)
        if reference is None or not reference.kind or not reference.name:
            return None
        group = group_of(reference) if reference.apiVersion else _GROUPS.get(reference.kind, "")
        return Target(group, reference.kind, reference.name, reference.namespace or None)

    return target
