"""A cluster whose RBAC lets an identity list some kinds in some namespaces only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from k8s.errors import Forbidden
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from k8s.transport.sender import Sender
from tests.controlplane.json_object import JsonObject, JsonValue

_REVIEWS = "/apis/authorization.k8s.io/v1/"
_RULES = f"{_REVIEWS}selfsubjectrulesreviews"
_ACCESS = f"{_REVIEWS}selfsubjectaccessreviews"


@dataclass
class LimitedSender:
    """A sender within the permissions of an identity.

    Attributes:
        limited: kinds, and the namespaces in which they may be listed; all others may be listed everywhere.
        are_complete: whether a SelfSubjectRulesReview claims to be complete.
        reported: namespaces whose rules it reports.
        reviews_refused: whether the identity may not create reviews.
    """

    sender: Sender
    limited: Mapping[Kind, Collection[str]]
    are_complete: bool = True
    reported: Collection[str] | None = None
    reviews_refused: bool = False
    calls: list[Call] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """Returns the cluster's name."""
        return self.sender.name

    def take_requests(self) -> list[str]:
        """Returns and forgets the requests so far: paths, of reviews with the namespace."""
        requests = [f"{call.path}{_reviewed(call)}" for call in self.calls]
        self.calls.clear()
        return requests

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the sender's answer, or a refusal."""
        self.calls.append(call)
        if call.body is not None:
            if self.reviews_refused:
                raise self._refusal(call)
            return msgspec.json.encode({"status": self._review(call)})
        for kind, namespaces in self.limited.items():
            allowed = {list_path(kind, namespace) for namespace in namespaces} if kind.namespaced else set()
            is_listed = call.verb == "list" and call.path.endswith(f"/{kind.plural}")
            if is_listed and call.path.startswith(_root(kind)) and call.path not in allowed:
                raise self._refusal(call)
        return await self.sender.send(call, deadline, on_prefix=on_prefix)

    def _refusal(self, call: Call) -> Forbidden:
        return Forbidden(self.name, f"its RBAC does not allow to {call.verb} {call.target}.", status=403)

    def _review(self, call: Call) -> Mapping[str, JsonValue]:
        spec = _spec(call)
        if call.path == _RULES:
            is_reported = self.reported is None or spec.namespace in self.reported
            kinds = [kind for kind in BUILT_IN if is_reported and self._may_list(kind, spec.namespace)]
            rules: list[JsonValue] = [_rule(kind) for kind in kinds]
            return {"resourceRules": rules, "nonResourceRules": [], "incomplete": not self.are_complete}
        assert call.path == _ACCESS, call.path
        attributes = spec.resource_attributes
        resource = attributes["group"], attributes["resource"]
        kinds = [item for item in (*BUILT_IN, *self.limited) if (item.group, item.plural) == resource]
        is_ruled = attributes["verb"] in {"get", "list"} and "subresource" not in attributes
        return {"allowed": is_ruled and any(self._may_list(item, attributes.get("namespace", "")) for item in kinds)}

    def _may_list(self, kind: Kind, namespace: str) -> bool:
        return kind not in self.limited or namespace in self.limited[kind]


def _root(kind: Kind) -> str:
    return f"/apis/{kind.group}/" if kind.group else "/api/"


def _rule(kind: Kind) -> JsonObject:
    return {"verbs": ["get", "list"], "apiGroups": [kind.group], "resources": [kind.plural]}


class _Spec(msgspec.Struct, rename="camel"):
    namespace: str = ""
    resource_attributes: dict[str, str] = {}


class _ReviewRequest(msgspec.Struct):
    spec: _Spec


def _spec(call: Call) -> _Spec:
    assert call.body is not None
    return msgspec.json.decode(call.body, type=_ReviewRequest).spec


def _reviewed(call: Call) -> str:
    if call.body is None:
        return ""
    return f" {_spec(call).namespace or _spec(call).resource_attributes.get('namespace')}"
