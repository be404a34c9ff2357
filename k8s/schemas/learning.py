"""Learning: the custom kinds that a cluster serves now, from what was learned before and what has changed since.

One request for the index says which documents have changed. A document that cannot be read costs its own kinds and a
problem; after a passing failure, its kinds stay as they were and it is read again next time. Of documents that are
refused, one is tried each time: rights change, and the index does not show it. A group that the index lacks for a
moment, as after a restart of the server, or a missing index, costs nothing: types would change and come back.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from msgspec.structs import replace

from k8s.errors import AnswerTooLarge, ClusterError, Forbidden, Invalid, ProtocolBroken, ResourceNotFound
from k8s.kinds.builtin import BUILT_IN
from k8s.reading.decoder import TooMuchToDecode, Undecodable
from k8s.schemas.clusterexcess import ClusterExcess
from k8s.schemas.clustertypes import ClusterTypes, LearnedDocument, learned
from k8s.schemas.crdsource import CrdSource, is_definition
from k8s.schemas.kindschema import KindProblem, KindSchema
from k8s.schemas.limits import DOCUMENT_SETTING, DOCUMENTS_SETTING, REREADS_SETTING, SchemaLimits
from k8s.schemas.openapisource import OpenApiSource
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from k8s.turns.pauses import in_thread
from k8s.turns.steps import start

_AT_ONCE = 4
_MOST_READ = 4
"""Times the limit of structures after which no document is read in this round, so that what is kept is in order."""
_MISSES = 2
"""Rounds in succession in which a document may be missing before it is believed."""
_BUILT_IN_GROUPS = frozenset(kind.group for kind in BUILT_IN)
_STANDARD = SchemaLimits()


class SchemaSource(Protocol):
    """A source of the schemas of one cluster."""

    problems: list[KindProblem]
    """Entries of its index that are no documents."""

    async def index(self, deadline: Deadline, chosen: Callable[[str], bool]) -> Mapping[str, str]:
        """Returns the hash of each document that describes kinds of chosen groups; raises ClusterError."""
        ...

    async def read(self, name: str, content_hash: str, deadline: Deadline) -> tuple[KindSchema, ...]:
        """Returns the kinds of a document.

        Raises:
            ClusterError: There was no answer, a refusal, or an answer that is too large. ProtocolBroken may mean that
                the document has another hash now.
            Undecodable: The document is invalid.
        """
        ...

    def group(self, name: str) -> str:
        """Returns the API group of a document."""
        ...


async def learn(
    sender: Sender,
    deadline: Deadline,
    *,
    chosen: Callable[[str], bool],
    before: ClusterTypes | None,
    limits: SchemaLimits = _STANDARD,
) -> ClusterTypes:
    """Returns the custom kinds that a cluster serves; the same value as before if nothing has changed.

    Args:
        sender: Sends requests to the cluster.
        deadline: The deadline of all requests together.
        chosen: Says whether the kinds of a group have types; those of built-in groups never do.
        before: What was learned before: documents with the same hash are not read again.
        limits: Limits of what is read and kept.

    Raises:
        ClusterError: There is no index: no answer, a refusal, or an answer that no API server gives.
    """
    return await _Learning(sender, deadline, chosen=chosen, before=before or ClusterTypes(), limits=limits).types()


class _Learning:
    """The learning of one cluster's kinds."""

    def __init__(
        self,
        sender: Sender,
        deadline: Deadline,
        *,
        chosen: Callable[[str], bool],
        before: ClusterTypes,
        limits: SchemaLimits,
    ) -> None:
        self._deadline = deadline
        self._chosen = chosen
        self._before = before
        self._known = {document.name: document for document in before.documents}
        self._limits = limits
        self._openapi = OpenApiSource(sender, limits)
        self._crds = CrdSource(sender, limits)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._excess = ClusterExcess(self._known, limits.structures)
        self._structures = 0
        self._knows_served = True

    async def types(self) -> ClusterTypes:
        """Returns what is served now."""
        index: Mapping[str, str] | None
        try:
            index = await self._openapi.index(self._deadline, self._is_chosen)
        except ResourceNotFound:  # older than Kubernetes 1.24, or switched off
            index = None
        if index and self._is_unchanged(index) and not await self._shows_more():
            return self._before
        documents = await self._documents(self._openapi, index or {})
        definitions = await self._definitions(index)
        missing = self._missing(index, definitions)
        groups = {document.group for document in missing}
        definitions = {name: text for name, text in definitions.items() if self._crds.group(name) not in groups}
        documents += [*missing, *await self._documents(self._crds, definitions)]
        return ClusterTypes(await self._excess.limited(documents), (*self._openapi.problems, *self._crds.problems))

    def _is_chosen(self, group: str) -> bool:
        return group not in _BUILT_IN_GROUPS and self._chosen(group)

    def _is_unchanged(self, index: Mapping[str, str]) -> bool:
        hashes = {document.name: document.hash for document in self._before.documents}
        is_whole = all(hashes.values()) and not any(document.missed for document in self._before.documents)
        return hashes == index and is_whole and tuple(self._openapi.problems) == self._before.problems

    def _missing(self, index: Mapping[str, str] | None, definitions: Mapping[str, str]) -> list[LearnedDocument]:
        """Returns the known documents that stay although the index lacks their groups, which may be served."""
        listed = {self._openapi.group(name) for name in index or ()}
        served = {self._crds.group(name) for name in definitions}
        return [
            replace(document, missed=document.missed + 1)
            for document in self._known.values()
            if document.digest
            and not is_definition(document.name)
            and document.group not in listed
            and (index is None or not self._knows_served or document.group in served)
            and document.missed < _MISSES
        ]

    async def _shows_more(self) -> bool:
        """Returns whether the cluster now shows a document that it has refused; asks for one of them."""
        refused = [document for document in self._before.documents if document.is_refused]
        if not refused:
            return False
        one = random.choice(refused)  # noqa: S311  no secret
        tried = await self._document(self._crds if is_definition(one.name) else self._openapi, one.name, one.hash)
        return tried is not None and not tried.is_refused and bool(tried.hash)

    async def _definitions(self, index: Mapping[str, str] | None) -> Mapping[str, str]:
        """Returns the CustomResourceDefinitions of groups that the index of OpenAPI documents lacks.

        If they cannot be read, the index has to do; raises ClusterError without one that can.
        """
        groups = {self._openapi.group(name) for name in index or ()}
        try:
            return await self._crds.index(self._deadline, lambda group: group not in groups and self._is_chosen(group))
        except ClusterError as error:
            is_refused = isinstance(error, Forbidden | ResourceNotFound)
            if index is None or not (index or is_refused):
                raise
            self._knows_served = False
            if is_refused:
                return {}
            return {
                name: document.hash
                for name, document in self._known.items()
                if is_definition(name) and self._crds.group(name) not in groups
            }

    async def _documents(self, source: SchemaSource, index: Mapping[str, str]) -> list[LearnedDocument]:
        """Returns all documents of an index. Of those that change under the reader, the index is read again."""
        most = self._limits.documents
        reading = dict(sorted(index.items(), key=lambda item: (item[0] not in self._known, item))[:most])
        found: dict[str, LearnedDocument] = {}
        for _ in range(1 + self._limits.rereads):
            answers = await asyncio.gather(*(start(self._document(source, *one)) for one in reading.items()))
            moved = [name for name, answer in zip(reading, answers, strict=True) if answer is None]
            found |= {answer.name: answer for answer in answers if answer is not None}
            if not moved:
                break
            latest = await source.index(self._deadline, self._is_chosen)
            for name in moved:
                found.pop(name, None)
                if name in latest:
                    times = (
                        f"changes faster than it is read: {self._limits.rereads} repeated reads ({REREADS_SETTING})."
                    )
                    cause = "is invalid." if latest[name] == reading[name] else times
                    found[name] = _without_kinds(source, name, reading[name], cause)
            reading = {name: latest[name] for name in moved if latest.get(name, reading[name]) != reading[name]}
        if len(index) > most:
            excess = f"its {len(index)} documents of schemas exceed the limit, {most} ({DOCUMENTS_SETTING})"
            source.problems.append(KindProblem("", "", f"{excess}; the others are not read."))
        return sorted(found.values(), key=lambda document: document.name)

    async def _document(self, source: SchemaSource, name: str, content_hash: str) -> LearnedDocument | None:
        """Returns what a document says; None if it has, perhaps, another hash now."""
        known = self._known.get(name)
        if (
            known is not None
            and content_hash
            and known.hash == content_hash
            and not (known.is_left_out or known.is_refused)
        ):
            return replace(known, missed=0) if known.missed else known
        async with self._slots:
            if self._structures > _MOST_READ * self._limits.structures:
                cause = f"is not read: {self._excess.cause}."
                return replace(_without_kinds(source, name, content_hash, cause), is_left_out=True)
            try:
                kinds = await source.read(name, content_hash, self._deadline)
                self._structures += sum(len(kind.structures) for kind in kinds)
                return await in_thread(partial(learned, name, content_hash, kinds))
            except AnswerTooLarge:
                cause = f"is larger than {self._limits.document_bytes / 2**20:g} MiB ({DOCUMENT_SETTING})."
            except TooMuchToDecode:
                cause = "has more values than are decoded at once."
            except Undecodable:
                cause = "is invalid."
            except ProtocolBroken:
                return None
            except ClusterError as error:
                if isinstance(error, Forbidden | ResourceNotFound | Invalid):
                    refused = _without_kinds(source, name, content_hash, f"cannot be read: {error.cause}")
                    return replace(refused, is_refused=True)
                if known is not None:
                    return replace(known, hash="")
                return _without_kinds(source, name, "", f"cannot be read now: {error.cause}")
        return _without_kinds(source, name, content_hash, cause)


def _without_kinds(source: SchemaSource, name: str, content_hash: str, cause: str) -> LearnedDocument:
    problem = KindProblem(source.group(name), "", f"its document {name} {cause}")
    return LearnedDocument(name, content_hash, problems=(problem,))
