"""The unit that an API server may treat differently from all others: one identity, one verb and one kind.

API priority and fairness separates requests by user, verb and resource (flowcontrol.apiserver.k8s.io/v1). An aggregated
API or a conversion webhook that hangs concerns a few kinds, and a disruption budget a few objects. So a failure of one
flow says nothing about the others.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from k8s.transport.call import Call
from k8s.transport.path import ApiPath, api_target

_READS: Final = frozenset({"get", "list"})


@dataclass(frozen=True, slots=True)
class Flow:
    """Requests that share a circuit breaker and pauses.

    Attributes:
        identity: The user that the API server sees, as a text of its own for each identity; empty for the stored
            credential.
        verb: The verb of Kubernetes' RBAC.
        resource: The resource with group and subresource (`k8s.transport.path`).
        target: Namespace and name of the one object that is written; the namespace alone if the object is not named, as
            in a creation; empty for reads, and for creations of objects of the whole cluster.
    """

    identity: str
    verb: str
    resource: str
    target: str = ""

    @property
    def request(self) -> str:
        """Returns the request as a message shows it: `list pods`."""
        return f"{self.verb} {self.resource}"


def flow_of(call: Call, identity: str) -> Flow:
    """Returns the flow of a call that is made as `identity`."""
    return _flow(call.path, call.verb, identity)


@lru_cache(maxsize=4096)
def _flow(path: ApiPath, verb: str, identity: str) -> Flow:
    about = api_target(path)
    is_of_one_place = verb not in _READS and (about.namespace or about.name)
    return Flow(identity, verb, about.resource, f"{about.namespace}/{about.name}" if is_of_one_place else "")
