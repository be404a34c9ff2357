"""A snapshot for those who may not read Secrets: what an API server's RBAC would refuse is refused here."""

from typing import Final

from k8s import errors
from k8s.kinds.builtin import SECRET
from k8s.transport.apitarget import api_target
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.fleet.client import ClusterClient

_FORBIDDEN: Final = 403


class SecretFilter:
    """Sends everything on but what concerns Secrets."""

    def __init__(self, whole: ClusterClient) -> None:
        self.name = whole.name
        self._whole = whole

    def __repr__(self) -> str:
        return f"WithoutSecrets({self.name!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The body of the answer to `call`.

        Raises:
            Forbidden: It is about Secrets; nothing is read.
            ClusterError: whatever else went wrong.
        """
        if api_target(call.path).resource == SECRET.plural:
            cause = f"who reads this snapshot as it was granted may not {call.verb} {call.target}."
            raise errors.Forbidden(self.name, cause, status=_FORBIDDEN)
        return await self._whole.send(call, deadline, on_prefix=on_prefix)

    async def close(self) -> None:
        """Ends it at once."""
        await self._whole.close()

    async def retire(self) -> None:
        """Ends it as soon as nothing is under way."""
        await self._whole.retire()
