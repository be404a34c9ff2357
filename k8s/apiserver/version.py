"""The release of an API server."""

import msgspec

from k8s.reading.decoder import Decoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import VERSION_PATH
from k8s.transport.sender import Sender

_CALL = Call(VERSION_PATH, "get", "its version")
_MAX_CHARACTERS = 128


class _VersionInfo(msgspec.Struct, rename="camel"):
    """`version.Info` of k8s.io/apimachinery; servers add more."""

    git_version: str


_DECODER = Decoder(_VersionInfo)


async def read_version(sender: Sender, deadline: Deadline) -> str:
    """Returns the server's release in its own words, such as `v1.37.2` or `v1.31.4+k3s1`.

    Raises:
        ClusterError: There was no answer, a refusal, or an answer that no Kubernetes API server gives.
    """
    body = await sender.send(_CALL, deadline)
    cause = "its answer has no version; is this the address of a Kubernetes API server?"
    version = await _DECODER.answer(body, cluster=sender.name, cause=cause)
    return version.git_version[:_MAX_CHARACTERS]
