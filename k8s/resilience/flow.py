"""What an API server may treat unlike all else: one identity that does one thing to one kind.

API priority and fairness tells requests apart by user, verb and resource (flowcontrol.apiserver.k8s.io/v1), an
aggregated API or a conversion webhook that hangs is one of some kinds, and a disruption budget is one of some objects:
what becomes of one flow says nothing about the others.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from k8s.transport.call import Call
from k8s.transport.path import ApiPath, api_target

_READS: Final = frozenset({"get", "list"})


@dataclass(frozen=True, slots=True)
class Flow:
    """Requests that share their verdicts.

    Attributes:
        identity: Whom the API server sees, in words that no two identities share; empty for the stored credential.
        verb: What is done, as Kubernetes' RBAC says it.
        resource: What it is done to, with group and subresource (`k8s.transport.path`).
        target: Namespace and name of the one object that is written; empty for reads, and where no object is named.
    """

    identity: str
    verb: str
    resource: str
    target: str = ""

    @property
    def request(self) -> str:
        """In words for a message: `list pods`."""
        return f"{self.verb} {self.resource}"


def flow_of(call: Call, identity: str) -> Flow:
    """Returns the flow of a call that is made as `identity`."""
    return _flow(call.path, call.verb, identity)


@lru_cache(maxsize=4096)
def _flow(path: ApiPath, verb: str, identity: str) -> Flow:
    about = api_target(path)
    is_of_object = verb not in _READS and about.name
    return Flow(identity, verb, about.resource, f"{about.namespace}/{about.name}" if is_of_object else "")
