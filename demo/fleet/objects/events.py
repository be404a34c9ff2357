"""Events as objects, in both of the API's shapes (core and events.k8s.io)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from demo.fleet.chance import hexadecimal
from demo.fleet.machines.site import Site
from demo.fleet.manifest import Manifest, manifest
from demo.fleet.moment import HOUR_S, MINUTE_S, stamp

EVENT_TTL_S = HOUR_S
"""The seconds for which API servers retain events (`--event-ttl`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An occurrence at an object, once or repeatedly.

    Attributes:
        kind: The kind of the object, with its apiVersion if that is not `v1`: `apps/v1/Deployment`.
        first_s, last_s: The times of the first and last occurrence.
        is_warning: Whether it is a warning.
    """

    kind: str
    namespace: str
    name: str
    reason: str
    message: str
    source: str
    last_s: float
    first_s: float = 0.0
    count: int = 1
    is_warning: bool = False
    host: str = ""

    @property
    def begun_s(self) -> float:
        """Returns the time of the first occurrence."""
        return self.first_s or self.last_s


def continued(happening: Happening, elapsed_s: float) -> Happening:
    """Returns an occurrence some time after the start of the fleet; a repeated one repeats every minute."""
    if happening.count == 1:
        return happening
    minutes = int(elapsed_s // MINUTE_S)
    return replace(happening, count=happening.count + minutes, last_s=happening.last_s + minutes * MINUTE_S)


def events(site: Site, happenings: Iterable[Happening], now_s: float) -> Iterator[Manifest]:
    """Yields the events that have not expired."""
    for happening in happenings:
        if now_s - EVENT_TTL_S < happening.last_s <= now_s:
            yield from _shapes(site, happening)


def event_name(happening: Happening) -> str:
    """Returns the name of an event in both shapes; it stays the same while the count increases."""
    identity = (happening.kind, happening.namespace, happening.name, happening.reason, happening.begun_s)
    return f"{happening.name}.{hexadecimal(16, *identity, happening.message)}"


def _shapes(site: Site, happening: Happening) -> Iterator[Manifest]:
    name, namespace = event_name(happening), happening.namespace or "default"
    metadata: Manifest = {
        "name": name,
        "namespace": namespace,
        "uid": site.uid("Event", namespace, name),
        "creationTimestamp": stamp(happening.begun_s),
    }
    kind = "Warning" if happening.is_warning else "Normal"
    source: Manifest = {"component": happening.source, **({"host": happening.host} if happening.host else {})}
    first, last = stamp(happening.begun_s), stamp(happening.last_s)
    object_ = _reference(site, happening)
    yield manifest(
        "v1", "Event", metadata=metadata, involvedObject=object_, type=kind,
        reason=happening.reason, message=happening.message, source=source, count=happening.count,
        firstTimestamp=first, lastTimestamp=last, eventTime=None,
        reportingComponent=happening.source, reportingInstance=happening.host,
    )  # fmt: skip
    yield manifest(
        "events.k8s.io/v1", "Event", metadata=metadata, regarding=object_, type=kind,
        reason=happening.reason, note=happening.message, deprecatedSource=source, deprecatedCount=happening.count,
        deprecatedFirstTimestamp=first, deprecatedLastTimestamp=last, eventTime=None,
        reportingController=happening.source, reportingInstance=happening.host,
    )  # fmt: skip


def _reference(site: Site, happening: Happening) -> Manifest:
    api_version, _, kind = happening.kind.rpartition("/")
    uid = happening.name if kind == "Node" else site.uid(kind, happening.namespace, happening.name)
    reference: Manifest = {"apiVersion": api_version or "v1", "kind": kind, "name": happening.name, "uid": uid}
    return {**reference, "namespace": happening.namespace} if happening.namespace else reference
