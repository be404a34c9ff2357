"""The rows of a list that is followed: the state after all payloads so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from graph.document.followedlist import FollowedList
from graph.document.responsekeys import ResponseKeys
from k8s.errors import ErrorCode
from server.cli.query.table import AnswerTable, answer_tables


class _Extensions(msgspec.Struct):
    code: str = ""
    retryable: bool = False


class FollowedError(msgspec.Struct):
    """An error of a payload."""

    message: str = ""
    extensions: _Extensions = msgspec.field(default_factory=_Extensions)


class FollowingEnded(Exception):
    """A payload with errors instead of data, the last one of its subscription."""

    def __init__(self, errors: Sequence[FollowedError]) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = errors

    @property
    def is_invalid(self) -> bool:
        """Returns whether the subscription has never begun, such as for a token of `resume` with another key."""
        return any(error.extensions.code == ErrorCode.BAD_USER_INPUT for error in self.errors)

    @property
    def is_retryable(self) -> bool:
        """Returns whether the same subscription may succeed later, such as at the next server."""
        return bool(self.errors) and all(error.extensions.retryable for error in self.errors)


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
        taken_at: The time of the latest payload.
    """

    listed: FollowedList
    clusters: Sequence[ReportedCluster] = ()
    errors: Sequence[str] = ()
    resume: str = ""
    taken_at: datetime = field(default_factory=lambda: datetime.now().astimezone())
    _rows: dict[str, _FollowedChange] = field(default_factory=dict)
    _total: int | None = None
    _table: AnswerTable | None = None

    def apply(self, payload: bytes) -> None:
        """Takes a payload.

        Raises:
            FollowingEnded: It has errors instead of data.
            msgspec.DecodeError: It is no payload.
        """
        response = msgspec.json.decode(payload, type=_FollowedResponse)
        found = (response.data or {}).get(self.listed.key)
        if found is None:
            raise FollowingEnded(response.errors)
        self.errors = [error.message for error in response.errors]
        resynced = {cluster.name for cluster in found.clusters if cluster.is_resynced}
        if resynced:
            self._rows = {key: row for key, row in self._rows.items() if row.cluster not in resynced}
        for change in found.changes:
            self._rows.pop(change.id, None)
            if change.object is not None:
                self._rows[change.id] = change
        self.clusters, self.resume = found.clusters, found.resume
        self._total = found.total_count if found.total_count is not None else self._total
        self.taken_at, self._table = datetime.now().astimezone(), None

    def forget(self) -> None:
        """Begins anew, without rows."""
        self.resume, self._table = "", None
        self._rows.clear()

    def table(self) -> AnswerTable:
        """Returns the rows as a table, by cluster and then by their first columns; the cluster is always shown."""
        self._table = self._table or self._sorted_table()
        return self._table

    def _sorted_table(self) -> AnswerTable:
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
