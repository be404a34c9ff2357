"""The audit log of a kube-apiserver, which proves how many requests a query costs."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from tests.controlplane.users import UNAUDITED

_THROUGH_WITHIN_S = 5.0
_POLL_INTERVAL_S = 0.005

# Both stages are kept: a request counts from its arrival, so that no finished answer is ever missing in the count,
# and gets its status when it is through.
_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "rules": [{"level": "None", "users": list(UNAUDITED)}, {"level": "Metadata"}],
}


def write_policy(path: Path) -> Path:
    """Writes the file for `--audit-policy-file`; JSON is YAML."""
    path.write_bytes(msgspec.json.encode(_POLICY))
    return path


@dataclass(frozen=True)
class AuditedRequest:
    """One request that arrived at the API server; `status` is None while it runs."""

    verb: str
    uri: str
    user: str
    groups: tuple[str, ...]
    impersonated_user: str | None
    impersonated_groups: tuple[str, ...]
    user_agent: str
    resource: str
    subresource: str
    namespace: str
    name: str
    status: int | None


class AuditLog:
    """A reader of the file that a kube-apiserver writes with `--audit-log-mode=blocking`."""

    def __init__(self, path: Path) -> None:
        """Takes the path, which need not exist yet."""
        self.path = path
        self._end = 0
        self._under_way: set[str] = set()

    def mark(self) -> int:
        """Returns the present end of the log, after a whole line, for `requests_since`.

        Waits until earlier requests have ended: a cancelled one may still be in progress.
        """
        self._wait_until_through()
        return self._end

    def requests_since(self, mark: int, *, user: str | None = None, user_agent: str = "") -> list[AuditedRequest]:
        """Returns the requests after `mark`, oldest first; waits until they have ended, and so have a status.

        Args:
            mark: An earlier result of `mark`.
            user: Only requests of this authenticated user (before impersonation).
            user_agent: Only requests whose User-Agent begins with this text.
        """
        self._wait_until_through()
        requests: dict[str, AuditedRequest] = {}
        for event in self._events_since(mark):
            if event.stage == "RequestReceived":
                requests[event.audit_id] = event.request()
            elif event.audit_id in requests and event.response_status:
                started = requests[event.audit_id]
                requests[event.audit_id] = replace(
                    event.request(), status=event.response_status.code, verb=started.verb
                )
        return [r for r in requests.values() if r.user_agent.startswith(user_agent) and user in (None, r.user)]

    def _wait_until_through(self) -> None:
        """Waits until no request is in progress, with a timeout: a client may keep its request open."""
        until_s = time.monotonic() + _THROUGH_WITHIN_S
        self._read_on()
        while self._under_way and time.monotonic() < until_s:
            time.sleep(_POLL_INTERVAL_S)
            self._read_on()
        self._under_way.clear()

    def _read_on(self) -> None:
        """Records the requests that have arrived or ended since the last end of the log."""
        for line in self._lines_since(self._end):
            self._end += len(line) + 1
            event = _DECODER.decode(line)
            if event.stage == "RequestReceived":
                self._under_way.add(event.audit_id)
            else:
                self._under_way.discard(event.audit_id)

    def _events_since(self, mark: int) -> list[_Event]:
        return [_DECODER.decode(line) for line in self._lines_since(mark)]

    def _lines_since(self, mark: int) -> list[bytes]:
        """Reads the complete lines; the last one may be incomplete."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(mark)
            return file.read().split(b"\n")[:-1]


class _User(msgspec.Struct):
    username: str = ""
    groups: tuple[str, ...] = ()


class _Status(msgspec.Struct):
    code: int | None = None


class _Reference(msgspec.Struct):
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""


class _Event(msgspec.Struct, rename="camel"):
    """The fields of an audit.k8s.io/v1 Event that tests need."""

    audit_id: str = msgspec.field(name="auditID")
    stage: str
    verb: str
    request_uri: str = msgspec.field(name="requestURI")
    user: _User
    impersonated_user: _User | None = None
    user_agent: str = ""
    object_ref: _Reference = msgspec.field(default_factory=_Reference)
    response_status: _Status | None = None

    def request(self) -> AuditedRequest:
        return AuditedRequest(
            verb=self.verb,
            uri=self.request_uri,
            user=self.user.username,
            groups=self.user.groups,
            impersonated_user=self.impersonated_user.username if self.impersonated_user else None,
            impersonated_groups=self.impersonated_user.groups if self.impersonated_user else (),
            user_agent=self.user_agent,
            resource=self.object_ref.resource,
            subresource=self.object_ref.subresource,
            namespace=self.object_ref.namespace,
            name=self.object_ref.name,
            status=None,
        )


_DECODER = msgspec.json.Decoder(_Event)
