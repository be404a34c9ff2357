"""Discovery of the kinds that an API server serves, custom and aggregated ones included.

Servers since Kubernetes 1.27 list all of them in two documents (aggregated discovery, apidiscovery.k8s.io), older ones
in a document for each group and version. A group whose own server refuses, hangs or sends something else is reported,
and affects no other. As Go clients read these documents, null is the same as an absent field.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from k8s.apiserver.discoverydocuments import GROUPS, LEGACY_GROUPS, LEGACY_RESOURCES, DiscoveredGroup
from k8s.errors import (
    AnswerTooLarge,
    BrokenOff,
    ClusterError,
    NotConnected,
    ProtocolBroken,
    ResourceNotFound,
    StatusError,
    TimedOut,
    without_frames,
)
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.reading.decoder import Decoder, TooMuchToDecode, Undecodable
from k8s.transport.call import JSON, Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import DISCOVERY_PATHS, ApiPath, PathInvalid, group_path, kind_root
from k8s.transport.sender import Sender
from k8s.turns.steps import start

T = TypeVar("T")

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
_MOST_KINDS: Final = 20_000
_MOST_VERSIONS: Final = 2000
"""The limit of groups and versions of an older server, which has one or two for each vendor of operators."""
_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}", re.ASCII)


_CAUSES: Final[tuple[tuple[type[ClusterError], str], ...]] = (
    (ResourceNotFound, "it is gone"),
    (AnswerTooLarge, "its server sends a list of kinds that is too large"),
    (ProtocolBroken, "its server sends no list of kinds"),
    (ClusterError, "its server does not answer"),
)
"""Causes by error: the first that matches."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """The kinds that a server serves.

    Attributes:
        kinds: All kinds that can be listed, each in one version: that of `k8s.kinds.builtin`, else the preferred one.
        failed: Groups and versions whose kinds are not available now, with the cause.
    """

    kinds: tuple[Kind, ...]
    failed: Mapping[str, str]


async def discover(sender: Sender, deadline: Deadline) -> Discovered:
    """Returns all kinds of a server that can be listed.

    Raises:
        ClusterError: There was no answer, a refusal, or an answer that no API server gives.
    """
    failed: dict[str, str] = {}
    served: list[Kind] = []
    for root in DISCOVERY_PATHS:
        call = Call(root, "get", "the kinds that it serves", accept=_AGGREGATED, most_bytes=_MOST_BYTES)
        body = await sender.send(call, deadline)
        groups = await _decoded(sender, GROUPS, body)
        if groups.kind == "APIGroupDiscoveryList":
            served += [kind for group in groups.items or () for kind in _aggregated(group, failed)]
        else:
            served += await _legacy_kinds(sender, deadline, root=root, body=body, failed=failed)
        _refuse_many(sender, len(served), _MOST_KINDS)
    return Discovered(tuple(_once(served)), failed)


def _refuse_many(sender: Sender, count: int, most: int) -> None:
    if count > most:
        raise AnswerTooLarge(sender.name, f"it says that it serves {count} API versions or kinds; the limit is {most}.")


def _aggregated(group: DiscoveredGroup, failed: dict[str, str]) -> Iterable[Kind]:
    name = (group.metadata and group.metadata.name) or ""
    for version in group.versions or ():
        number = version.version or ""
        if version.freshness == "Stale":
            failed[f"{name}/{number}"] = "its server does not answer"
        for resource in version.resources or ():
            if "list" in (resource.verbs or ()) and resource.response_kind is not None:
                kind, is_namespaced = resource.response_kind.kind or "", resource.scope == "Namespaced"
                yield Kind(name, number, kind, resource.resource or "", namespaced=is_namespaced)


async def _legacy_kinds(
    sender: Sender, deadline: Deadline, *, root: ApiPath, body: bytes, failed: dict[str, str]
) -> Sequence[Kind]:
    groups = await _decoded(sender, LEGACY_GROUPS, body)
    places = [("", version) for version in groups.versions or ()]
    places += [
        (group.name or "", version.version or "") for group in groups.groups or () for version in group.versions or ()
    ]
    _refuse_many(sender, len(places), _MOST_VERSIONS)
    valid = [(group, version) for group, version in places if _is_version(group, version)]
    answers = await asyncio.gather(*(start(_of_version(sender, deadline, place)) for place in valid))
    errors = {place: answer for place, answer in zip(valid, answers, strict=True) if isinstance(answer, ClusterError)}
    if errors and len(errors) == len(valid):  # it is not the fault of one group
        raise next(iter(errors.values()))
    for place, error in errors.items():
        failed[_name(place)] = next(cause for kind, cause in _CAUSES if isinstance(error, kind))
    return [kind for answer in answers if not isinstance(answer, ClusterError) for kind in answer]


async def _of_version(sender: Sender, deadline: Deadline, place: tuple[str, str]) -> Sequence[Kind] | ClusterError:
    """Returns the kinds of a group's version, or the error that concerns only them."""
    group, version = place
    call = Call(group_path(group, version), "get", f"the kinds of {_name(place)}", most_bytes=_MOST_BYTES)
    try:
        body = await sender.send(call, Deadline(min(deadline.left_s, deadline.timeout_s * _PATIENCE)))
        resources = (await _decoded(sender, LEGACY_RESOURCES, body)).resources or ()
    except NotConnected:
        raise
    except (StatusError, ProtocolBroken, TimedOut, BrokenOff) as error:
        return without_frames(error)
    return [
        Kind(group, version, resource.kind or "", resource.name or "", namespaced=bool(resource.namespaced))
        for resource in resources or ()
        if "list" in (resource.verbs or ()) and "/" not in (resource.name or "")
    ]


def _name(place: tuple[str, str]) -> str:
    return "/".join(filter(None, place))


def _once(kinds: Iterable[Kind]) -> Iterable[Kind]:
    """Returns each resource in one version, without those whose names cannot be part of a path."""
    chosen: dict[tuple[str, str], Kind] = {}
    usual = set(BUILT_IN)
    for kind in kinds:
        if _is_kind(kind):
            place = (kind.group, kind.plural)
            if place not in chosen or kind in usual:
                chosen[place] = kind
    return chosen.values()


def _is_version(group: str, version: str) -> bool:
    try:
        return bool(group_path(group, version))
    except PathInvalid:
        return False


def _is_kind(kind: Kind) -> bool:
    try:
        return bool(_KIND.fullmatch(kind.name) and kind_root(kind))
    except PathInvalid:
        return False


async def _decoded(sender: Sender, decoder: Decoder[T], body: bytes) -> T:
    try:
        return await decoder.read(body)
    except TooMuchToDecode:
        cause = (
            f"its list of the kinds that it serves has {len(body) / 2**20:.1f} MiB, and more values than are decoded "
            "at once; of usual lists the limit is about 6 MiB. Remove custom resources, or versions, that nobody uses."
        )
        raise AnswerTooLarge(sender.name, cause) from None
    except Undecodable as error:
        raise ProtocolBroken(sender.name, "its list of the kinds that it serves is invalid.") from error
