"""Values of one Secret, which no other reader returns: those of named keys, from a request of their own."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from k8s import errors
from k8s.kinds.builtin import SECRET
from k8s.reading.decoder import Decoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import PathInvalid, object_path
from k8s.transport.sender import Sender


class _Secret(msgspec.Struct):
    kind: str | None = None
    data: dict[str, str | None] | None = None


_DECODER: Final = Decoder(_Secret)


async def read_secret_values(
    sender: Sender, *, namespace: str, name: str, keys: Sequence[str], deadline: Deadline
) -> Mapping[str, str | None]:
    """Returns those of the keys that a Secret has, with the values in base64, as the API server sends them.

    Source: `Secret` of the core/v1 API. Go writes empty values as null.

    Raises:
        ClusterError: the cluster failed, or did not allow it; the error never quotes a value.
    """
    try:
        path = object_path(SECRET, namespace, name)
    except PathInvalid as error:  # the name is the cluster's own
        raise errors.ProtocolBroken(sender.name, f"it has an object that can be none: {error}") from error
    call = Call(path, verb="get", target=f"{SECRET} {name} in namespace {namespace}", most_bytes=None)
    body = await sender.send(call, deadline)
    cause = f"its answer to {call.verb} {call.target} is not what the Kubernetes API sends."
    secret = await _DECODER.answer(body, cluster=sender.name, cause=cause)
    if secret.kind not in {None, "", SECRET.name}:
        raise errors.ProtocolBroken(sender.name, f"its answer to {call.verb} {call.target} is of another kind.")
    data = secret.data or {}
    return {key: data[key] for key in keys if key in data}
