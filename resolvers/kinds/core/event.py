"""Events of an object, for objects of every kind, and members of events beyond their Kubernetes fields."""

from collections.abc import Sequence
from operator import attrgetter

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.eventsubject import add_subjects
from resolvers.kinds.leaves import Time
from resolvers.links.fetching import Fetch
from resolvers.links.joining import is_selectable
from resolvers.links.members import ANY_KIND, Family, Shape
from resolvers.links.owners import is_of_group
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected

EVENTS = Family(ANY_KIND)
_READS = tuple(f"involvedObject.{key}" for key in ("apiVersion", "kind", "namespace", "name", "uid"))
_Subject = tuple[object, str | None, str | None, str | None]


@EVENTS.link(
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    to=kinds.EVENT,
    shape=Shape.MANY,
    description="Its recent events; by default, API servers delete events after an hour. The newest come first with "
    '`orderBy: [{path: "lastSeen", direction: DESC}]`.',
)
async def events(objects: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads events by involved object: of few objects by selector, a request each; of many from each cluster's list."""
    of_kinds: Sequence[Kind] = await collected(type(row).kind for row in objects.rows)
    if fetch.has_few_parents and all(is_selectable(row.metadata.name) for row in objects.rows):
        selectors = [
            f"involvedObject.kind={kind.name},involvedObject.name={row.metadata.name}"
            for kind, row in zip(of_kinds, objects.rows, strict=True)
        ]
        namespaces = [_namespace(kind, row) for kind, row in zip(of_kinds, objects.rows, strict=True)]
        lists = await fetch.selected(kinds.EVENT, selectors, *_READS, namespaces=namespaces)
    else:
        lists = await _from_one_list(objects, of_kinds, fetch)
    return await collected(
        [event for event in candidates if _is_about(event, kind, row)]
        for kind, row, candidates in zip(of_kinds, objects.rows, lists, strict=True)
    )


async def _from_one_list(objects: Rows, of_kinds: Sequence[Kind], fetch: Fetch) -> Sequence[Sequence[Row]]:
    about: dict[_Subject, list[Row]] = {}
    async for batch in batches(await fetch.children(kinds.EVENT, *_READS)):
        for cluster, event in batch:
            subject = event.involvedObject
            if subject is not None:
                about.setdefault((cluster, subject.kind, subject.namespace or None, subject.name), []).append(event)
    return await collected(
        about.get((cluster, kind.name, _namespace(kind, row), row.metadata.name), [])
        for kind, (cluster, row) in zip(of_kinds, objects, strict=True)
    )


def _namespace(kind: Kind, row: Row) -> str | None:
    return row.metadata.namespace or None if kind.namespaced else None


def _is_about(event: Row, kind: Kind, row: Row) -> bool:
    """Returns whether an event is about this very object; kubelets write a node's name in place of its uid.

    Without the uid, the API group decides between kinds of the same name. API servers refuse events about an object in
    another namespace than their own.
    """
    subject, namespace = event.involvedObject, _namespace(kind, row)
    return (
        subject is not None
        and (subject.kind, subject.namespace or None, subject.name) == (kind.name, namespace, row.metadata.name)
        and namespace in {None, event.metadata.namespace}
        and (not subject.uid or subject.uid in {row.metadata.uid, row.metadata.name})
        and ((subject.uid or "") == row.metadata.uid or is_of_group(subject, kind.group))
    )


def _event_family(kind: Kind, *, last: str, first: str, count: str, source: str, reporter: str, subject: str) -> Family:
    """Returns the members of a kind of event, whose older fields have these names.

    Source: `printEvent` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    family = Family(kind)
    last_of, first_of, count_of = attrgetter(last), attrgetter(first), attrgetter(count)
    source_of, reporter_of = attrgetter(source), attrgetter(reporter)

    @family.derived(
        "series.lastObservedTime",
        last,
        "eventTime",
        first,
        "metadata.creationTimestamp",
        description="The time at which it was last observed, as in kubectl's LAST SEEN column: the first that is there "
        f"of series.lastObservedTime, {last}, eventTime, {first} and metadata.creationTimestamp. Order events by it: "
        "each of the others is null in some events.",
    )
    def last_seen(event: Row) -> Time | None:
        """Returns the first of its times that is there."""
        series = event.series
        return (  # type: ignore[no-any-return]  # decoded as str or None
            (series and series.lastObservedTime)
            or last_of(event)
            or event.eventTime
            or first_of(event)
            or event.metadata.creationTimestamp
        )

    @family.derived(
        "series.count",
        count,
        description="The number of times that it was observed, as in kubectl's COUNT column: series.count, else "
        f"{count}, and at least 1.",
    )
    def occurrences(event: Row) -> int:
        """Returns the count of its series, or its own."""
        return (event.series.count if event.series else count_of(event)) or 1

    @family.derived(
        first,
        "eventTime",
        description="The time at which it was first observed, as in kubectl's FIRST SEEN column: "
        f"{first}, else eventTime.",
    )
    def first_seen(event: Row) -> Time | None:
        """Returns the first of its times that is there."""
        return first_of(event) or event.eventTime  # type: ignore[no-any-return]  # decoded as str or None

    @family.derived(
        f"{source}.component",
        f"{source}.host",
        reporter,
        "reportingInstance",
        description="The component that reported it and its instance, as in kubectl's SOURCE column: "
        "`kubelet, worker-1`.",
    )
    def source_text(event: Row) -> str:
        """Returns kubectl's SOURCE.

        Source: `formatEventSource` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
        """
        older = source_of(event)
        component = (older.component if older is not None else None) or reporter_of(event) or ""
        instance = (older.host if older is not None else None) or event.reportingInstance
        return f"{component}, {instance}" if instance else component

    add_subjects(family, subject)
    return family


CORE_EVENTS = _event_family(
    kinds.EVENT,
    last="lastTimestamp",
    first="firstTimestamp",
    count="count",
    source="source",
    reporter="reportingComponent",
    subject="involvedObject",
)
NEWER_EVENTS = _event_family(
    kinds.EVENTS_EVENT,
    last="deprecatedLastTimestamp",
    first="deprecatedFirstTimestamp",
    count="deprecatedCount",
    source="deprecatedSource",
    reporter="reportingController",
    subject="regarding",
)
