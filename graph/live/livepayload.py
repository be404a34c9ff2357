"""The payloads of a subscription as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from graph.live.livedocument import LiveDocument, Selected
from graph.live.totalsjson import Errors, without_errors
from graph.schema.livetypes import LIVE_CLUSTER, LIVE_ERROR
from k8s.kinds.kind import Kind
from resolvers.arguments.globalids import object_id
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.kindkeys import key_of_kind, own_key
from resolvers.live.changes import Place, RowChange
from resolvers.live.dependency import Dependency
from resolvers.live.evaluation import ClusterState

TOTALS: Final[Place] = ("", ("", "totals"))
"""The row of no cluster that has `totalCount` and `groups`."""
_OBJECT: Final = "object"

Values = Mapping[str, object]


class PayloadBody(bytes):
    """The JSON of a payload.

    Attributes:
        has_news: Whether something that is selected has changed, apart from the states of clusters.
        states: The states of the clusters, if they are selected.
    """

    has_news: bool
    states: Mapping[str, ClusterState] | None


class PayloadWriter:
    """Encodes the payloads of one subscription."""

    def __init__(self, live: LiveDocument) -> None:
        """Takes the subscription."""
        self._live = live
        self._clusters: dict[str, str] = {}
        self._kinds: dict[tuple[str, str], tuple[str, Kind]] = {}
        self._noted: set[Dependency] = set()
        self._errors: dict[Place, Errors] = {}

    def note_kinds(self, clusters: Iterable[FleetCluster], watches: Iterable[Dependency]) -> None:
        """Notes the kinds of the list in each cluster, for the ids of objects, also of those that are gone."""
        roots = {one for one in watches if one.is_root}
        if roots <= self._noted:
            return
        ids = {cluster.name: cluster.id for cluster in clusters}
        for one in roots:
            if one.cluster not in ids:
                continue
            kind = one.held.target.kind
            of_kind, _key = own_key(key_of_kind(kind.group, kind.name, ("", ""))) if self._live.has_kinds else ("", "")
            self._kinds[one.cluster, of_kind] = ids[one.cluster], kind
        self._noted = roots

    def note_errors(self, evaluated: Iterable[Place], errors: Mapping[Place, Errors]) -> None:
        """Notes the errors of rows that were evaluated; those of all others stay."""
        for place in evaluated if self._errors else ():
            self._errors.pop(place, None)
        self._errors |= errors

    def note_cluster(self, cluster: str, cluster_id: str) -> None:
        """Notes the id of a cluster that is itself an object of the list."""
        self._clusters[cluster] = cluster_id

    def encoded(
        self, changes: Sequence[RowChange], clusters: Mapping[str, ClusterState], resume: str, extensions: Values
    ) -> PayloadBody:
        """Returns a payload as a response."""
        rows = [change for change in changes if change.place != TOTALS]
        totals = next((change.object for change in changes if change.place == TOTALS), None)
        errors: list[Values] = []
        shown: dict[str, object] = {}
        known: dict[str, msgspec.Raw] = {}
        if totals is not None:
            json, failed = without_errors(totals)
            known = msgspec.json.decode(json, type=dict[str, msgspec.Raw])
            errors += failed
        for field in self._live.root.inner:
            match field.name:
                case "changes":
                    shown[field.key] = self._changes(field, rows, errors)
                case "clusters":
                    shown[field.key] = [_report(field, *item) for item in sorted(clusters.items())]
                case "resume":
                    shown[field.key] = resume
                case "__typename":
                    shown[field.key] = f"{self._live.type_name}Changes"
                case _:
                    shown[field.key] = known.get(field.key)
        body: dict[str, object] = {"data": {self._live.root.key: shown}}
        body |= {"errors": errors} if errors else {}
        encoded = PayloadBody(msgspec.json.encode(body | ({"extensions": extensions} if extensions else {})))
        is_selected = self._live.selects
        encoded.has_news = totals is not None or is_selected("resume") or bool(rows and is_selected("changes"))
        encoded.states = dict(clusters) if is_selected("clusters") else None
        return encoded

    def _changes(self, field: Selected, changes: Sequence[RowChange], errors: list[Values]) -> Sequence[Values]:
        """Returns the changes as they are selected; adds the errors of their objects at their paths."""
        key = next((one.key for one in field.inner if one.name == _OBJECT), None)
        shown = []
        for index, change in enumerate(changes):
            if change.object is not None and key is not None:
                path, failed = [self._live.root.key, field.key, index, key], self._errors.get(change.place, ())
                errors += [{**error, "path": [*path, *error["path"][3:]]} for error in failed]
            shown.append(self._change(field, change))
        return shown

    def _change(self, field: Selected, change: RowChange) -> Values:
        values = {
            "type": change.type.value,
            "id": self._id(change.place),
            "cluster": change.place[0],
            "isInitial": change.is_initial,
            _OBJECT: None if change.object is None else msgspec.Raw(change.object),
        }
        return _shaped(field, f"{self._live.type_name}Change", values)

    def _id(self, place: Place) -> str:
        if self._live.is_of_clusters:
            return self._clusters[place[0]]
        of_kind, (namespace, name) = own_key(place[1])
        cluster_id, kind = self._kinds[place[0], of_kind]
        return object_id(cluster_id, kind, namespace or None, name)


def _report(field: Selected, name: str, state: ClusterState) -> Values:
    values: dict[str, Any] = {"name": name, "state": state.freshness.value, "since": state.since}
    values |= {"isResynced": state.is_resynced, "error": state.error}
    shown = dict(_shaped(field, LIVE_CLUSTER, values))
    if state.error is not None:
        error = {"code": state.error.code, "message": state.error.message}
        shown |= {one.key: _shaped(one, LIVE_ERROR, error) for one in field.inner if one.name == "error"}
    return shown


def _shaped(field: Selected, type_name: str, values: Values) -> Values:
    """Returns what is selected of an object of a type, by key."""
    return {one.key: type_name if one.name == "__typename" else values[one.name] for one in field.inner}
