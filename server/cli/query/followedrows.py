"""The rows of a list that is followed: the state after all payloads so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from graph.document.followedlist import FollowedList
from graph.document.responsekeys import ResponseKeys
from server.cli.query.table import AnswerTable, answer_tables


class FollowedError(msgspec.Struct):
    """An error of a payload."""

    message: str = ""


class ReportedCluster(msgspec.Struct, rename="camel"):
    """A cluster in the envelope of a payload."""

    name: str
    state: str
    is_resynced: bool | None = False
    error: FollowedError | None = None


class _FollowedChange(msgspec.Struct):
    type: str
    id: str
    cluster: str
    object: dict[str, Any] | None = None


class _FollowedPayload(msgspec.Struct, rename="camel"):
    changes: list[_FollowedChange] = []
    clusters: list[ReportedCluster] = []
    resume: str = ""
    total_count: int | None = None


class _FollowedResponse(msgspec.Struct):
    data: dict[str, _FollowedPayload | None] | None = None
    errors: list[FollowedError] = []


@dataclass
class FollowedRows:
    """The rows, clusters and errors of a list.

    Attributes:
        clusters: The envelope.
        errors: The messages of the latest payload.
        resume: Continues behind the latest payload; empty at the beginning.
        is_refused: Whether the latest payload has errors without data, so that it is the last one.
    """

    listed: FollowedList
    clusters: Sequence[ReportedCluster] = ()
    errors: Sequence[str] = ()
    resume: str = ""
    is_refused: bool = False
    _rows: dict[str, _FollowedChange] = field(default_factory=dict)
    _total: int | None = None

    def apply(self, payload: bytes) -> None:
        """Takes a payload; raises msgspec.DecodeError if it is none."""
        response = msgspec.json.decode(payload, type=_FollowedResponse)
        self.errors = [error.message for error in response.errors]
        found = (response.data or {}).get(self.listed.key)
        self.is_refused = found is None
        if found is None:
            return
        resynced = {cluster.name for cluster in found.clusters if cluster.is_resynced}
        if resynced:
            self._rows = {key: row for key, row in self._rows.items() if row.cluster not in resynced}
        for change in found.changes:
            self._rows.pop(change.id, None)
            if change.object is not None:
                self._rows[change.id] = change
        self.clusters, self.resume = found.clusters, found.resume
        self._total = found.total_count if found.total_count is not None else self._total

    def forget(self) -> None:
        """Begins anew, without rows."""
        self.resume, self.is_refused = "", False
        self._rows.clear()

    def table(self) -> AnswerTable:
        """Returns the rows as a table, by cluster and then by their first columns; the cluster is always shown."""
        shown = self.listed.keys
        if "cluster" not in shown.children:
            shown = ResponseKeys({"cluster": ResponseKeys(), **shown.children})
        rows = [{"cluster": row.cluster, **(row.object or {})} for row in self._rows.values()]
        keys = ResponseKeys({self.listed.key: ResponseKeys({"nodes": shown})})
        (table,) = answer_tables(keys, {self.listed.key: {"nodes": rows}})
        clusters = [row.cluster for row in self._rows.values()]
        ordered = sorted(range(len(clusters)), key=lambda at: (clusters[at], table.rows[at]))
        return AnswerTable(
            table.title,
            table.columns,
            [table.rows[at] for at in ordered],
            [table.objects[at] for at in ordered],
            self._total,
        )
