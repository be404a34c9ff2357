"""Discovery of the kinds that an API server serves, custom and aggregated ones included.

Servers since Kubernetes 1.27 list all of them in two documents (aggregated discovery, apidiscovery.k8s.io, in version
v2 or v2beta1), older ones in a document for each group and version. A group whose own server refuses, hangs or sends
something else is reported, and affects no other. As Go clients read these documents, null is the same as an absent
field.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final, TypeAlias, TypeVar
from weakref import WeakValueDictionary

from k8s.apiserver.discoverydocuments import GROUPS, LEGACY_GROUPS
from k8s.apiserver.limits import DiscoveryLimits
from k8s.apiserver.rootdocuments import (
    AggregatedDocument,
    GroupVersion,
    LegacyDocuments,
    RootDocuments,
    asked_versions,
    listed_versions,
)
from k8s.apiserver.served import Served
from k8s.apiserver.servedcollection import ServedCollection, api_version
from k8s.errors import (
    AnswerTooLarge,
    BrokenOff,
    ClusterError,
    NotConnected,
    ProtocolBroken,
    StatusError,
    TimedOut,
    without_frames,
)
from k8s.reading.decoder import Decoder, TooMuchToDecode, Undecodable
from k8s.transport.call import JSON, Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import DISCOVERY_PATHS, ApiPath, group_path
from k8s.transport.sender import Sender
from k8s.turns.steps import start
from k8s.turns.turns import Pace

T = TypeVar("T")

SharedServed: TypeAlias = WeakValueDictionary[bytes, Served]
"""Everything that servers serve, by a digest of their documents: equal documents are decoded and kept once."""

_AGGREGATED: Final = ",".join(
    (
        f"{JSON};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        f"{JSON};g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        JSON,
    )
)
_MOST_BYTES: Final = 8 * 2**20
"""The limit of one document. A custom resource takes 500 to 700 bytes; a server with 5,000 of them sends 3.5 MB."""
_PATIENCE: Final = 0.5
"""The part of the deadline in which an older server answers for one group; others may wait for its connection."""
_DIGESTED_BYTES: Final = 2**20
"""Bytes of a document that are digested in one slice, which takes about a millisecond."""


async def read_served(
    sender: Sender, deadline: Deadline, *, most_kinds: int = DiscoveryLimits().kinds, shared: SharedServed | None = None
) -> Served:
    """Returns everything that a server serves.

    Args:
        sender: Sends requests to the server.
        deadline: The deadline of all requests together.
        most_kinds: The limit of kinds; others are left out, and counted in `problems`.
        shared: Earlier results with the same limit, to which this one is added.

    Raises:
        ClusterError: There was no answer, a refusal, or an answer that no API server gives.
    """
    discovery = _Discovery(sender, deadline)
    documents = [await discovery.read(root) for root in DISCOVERY_PATHS]
    digest = await _digest(documents)
    served = None if shared is None else shared.get(digest)
    if served is None:
        collection = ServedCollection(most_kinds)
        for document, root in zip(documents, DISCOVERY_PATHS, strict=True):
            await document.add_to(collection, is_core=root == DISCOVERY_PATHS[0])
        served = collection.served()
        if shared is not None:
            shared[digest] = served
    return served


async def _digest(documents: Iterable[RootDocuments]) -> bytes:
    digest, pace = blake2b(digest_size=32), Pace()
    for document in documents:
        for part in document.parts():
            digest.update(len(part).to_bytes(8, "big"))
            for start_byte in range(0, len(part), _DIGESTED_BYTES):
                digest.update(part[start_byte : start_byte + _DIGESTED_BYTES])
                await pace.breathe()
    return digest.digest()


class _Discovery:
    """The requests of one discovery."""

    def __init__(self, sender: Sender, deadline: Deadline) -> None:
        self._sender = sender
        self._deadline = deadline

    async def read(self, root: ApiPath) -> RootDocuments:
        """Reads the documents below a root; a server whose aggregated one is too large is asked group by group."""
        try:
            body = await self._send(root, _AGGREGATED)
            groups = await self._decoded(GROUPS, body)
        except AnswerTooLarge:
            body = await self._send(root, JSON)
            groups = await self._decoded(GROUPS, body)
        if groups.kind == "APIGroupDiscoveryList":
            return AggregatedDocument(body, groups.items or ())
        listed, has_more = await listed_versions(await self._decoded(LEGACY_GROUPS, body))
        return LegacyDocuments(listed, await self._of_versions(asked_versions(listed)), has_more)

    async def _send(self, root: ApiPath, accept: str) -> bytes:
        call = Call(root, "get", "the kinds that it serves", accept=accept, most_bytes=_MOST_BYTES)
        return await self._sender.send(call, self._deadline)

    async def _of_versions(self, places: Sequence[GroupVersion]) -> Mapping[GroupVersion, bytes | ClusterError]:
        """Returns the documents of groups and versions, or the error of each one; raises it if all of them failed."""
        answers = await asyncio.gather(*(start(self._of_version(place)) for place in places))
        errors = [answer for answer in answers if isinstance(answer, ClusterError)]
        if errors and len(errors) == len(places):  # it is not the fault of one group
            raise errors[0]
        return dict(zip(places, answers, strict=True))

    async def _of_version(self, place: GroupVersion) -> bytes | ClusterError:
        """Returns the document of a group's version, or the error that concerns only its kinds."""
        call = Call(group_path(*place), "get", f"the kinds of {api_version(*place)}", most_bytes=_MOST_BYTES)
        deadline = Deadline(min(self._deadline.left_s, self._deadline.timeout_s * _PATIENCE))
        try:
            return await self._sender.send(call, deadline)
        except NotConnected:
            raise
        except (StatusError, ProtocolBroken, TimedOut, BrokenOff) as error:
            return without_frames(error)

    async def _decoded(self, decoder: Decoder[T], body: bytes) -> T:
        try:
            return await decoder.read(body)
        except TooMuchToDecode:
            cause = (
                f"its list of the kinds that it serves has {len(body) / 2**20:.1f} MiB, and more values than are "
                "decoded at once; of usual lists the limit is about 6 MiB. Remove custom resources, or versions, that "
                "nobody uses."
            )
            raise AnswerTooLarge(self._sender.name, cause) from None
        except Undecodable as error:
            raise ProtocolBroken(self._sender.name, "its list of the kinds that it serves is invalid.") from error
