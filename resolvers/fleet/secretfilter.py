"""A filter for snapshots that refuses requests for Secrets, as the RBAC of an API server would."""

from typing import Final

from k8s import errors
from k8s.kinds.builtin import SECRET
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import api_target
from resolvers.fleet.client import ClusterClient

_FORBIDDEN: Final = 403


class SecretFilter:
    """A client that passes on all requests but those for Secrets."""

    def __init__(self, whole: ClusterClient) -> None:
        self.name = whole.name
        self._whole = whole

    def __repr__(self) -> str:
        return f"WithoutSecrets({self.name!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the answer to `call`.

        Raises:
            Forbidden: The call is about Secrets; nothing is read.
            ClusterError: Any other failure.
        """
        if api_target(call.path).resource == SECRET.plural:
            cause = f"the role that was granted for this snapshot does not allow to {call.verb} {call.target}."
            raise errors.Forbidden(self.name, cause, status=_FORBIDDEN)
        return await self._whole.send(call, deadline, on_prefix=on_prefix)

    async def close(self) -> None:
        """Closes it at once."""
        await self._whole.close()

    async def retire(self) -> None:
        """Closes it as soon as no request is under way."""
        await self._whole.retire()
