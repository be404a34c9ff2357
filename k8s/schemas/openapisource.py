"""The OpenAPI v3 documents of a cluster: `/openapi/v3` is their index, with a hash of each.

A document is asked for by group, version and hash. The index says under which URL, but that is the word of a stranger:
only the hash is taken from it. A server that has another hash by now answers with a redirect, which nobody follows.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from k8s.errors import AnswerTooLarge, ProtocolBroken
from k8s.reading.decoder import Decoder, Undecodable
from k8s.reading.decodingcost import skipping_s
from k8s.schemas.kindschema import KindProblem, KindSchema
from k8s.schemas.limits import INDEX_SETTING, SchemaLimits
from k8s.schemas.openapidocument import read_document
from k8s.schemas.pieces import as_object, as_text
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import OPENAPI_PATH, PathInvalid, openapi_path
from k8s.transport.sender import Sender
from k8s.turns.pauses import in_thread

_HASH: Final = re.compile(r"[?&]hash=([A-Za-z0-9_-]{1,256})(?:&|\Z)", re.ASCII)
_ROOT: Final = "apis"
_PROBLEMS: Final = 10


class _Index(msgspec.Struct):
    paths: dict[str, msgspec.Raw]


_INDEX: Final = Decoder(_Index, cost_s=skipping_s)


class OpenApiSource:
    """The documents of one cluster."""

    def __init__(self, sender: Sender, limits: SchemaLimits) -> None:
        self._sender = sender
        self._limits = limits
        self.problems: list[KindProblem] = []

    async def index(self, deadline: Deadline, chosen: Callable[[str], bool]) -> Mapping[str, str]:
        """Returns the hash of each document by its name, `apis/GROUP/VERSION`; empty if the server states none.

        Raises:
            ClusterError: There was no answer, a refusal, or an answer that no API server gives.
        """
        target = "the index of its schemas"
        call = Call(OPENAPI_PATH, "get", target, most_bytes=self._limits.index_bytes, is_text=True)
        try:
            body = await self._sender.send(call, deadline)
        except AnswerTooLarge as error:
            size = f"{self._limits.index_bytes / 2**20:g}"
            cause = f"its index of schemas is larger than {size} MiB ({INDEX_SETTING})."
            raise AnswerTooLarge(self._sender.name, cause) from error
        try:
            return await in_thread(partial(self._parsed, body, chosen))
        except Undecodable as error:
            raise ProtocolBroken(self._sender.name, "its index of schemas is invalid.") from error

    async def read(self, name: str, content_hash: str, deadline: Deadline) -> tuple[KindSchema, ...]:
        """Returns the kinds of a document; raises as `SchemaSource.read`."""
        _, group, version = name.split("/")
        query = (("hash", content_hash),) if content_hash else ()
        target = f"the schemas of {group}/{version}"
        call = Call(openapi_path(group, version), "get", target, query=query, most_bytes=self._limits.document_bytes)
        body = await self._sender.send(call, deadline)
        return await in_thread(partial(read_document, body, group, version, limits=self._limits))

    def group(self, name: str) -> str:
        """Returns the API group of a document."""
        return name.split("/")[1]

    def _parsed(self, body: bytes, chosen: Callable[[str], bool]) -> dict[str, str]:
        found: dict[str, str] = {}
        self.problems.clear()
        for name, entry in sorted(_INDEX.decode(body).paths.items()):
            root, *words = name.split("/")
            if root != _ROOT or len(words) != 2:
                continue  # of the core group, of a group without a version, or of no kinds
            try:
                openapi_path(*words)
            except PathInvalid as error:
                if len(self.problems) < _PROBLEMS:
                    self.problems.append(KindProblem("", "", f"its index of schemas is wrong: {error}"))
                continue
            if chosen(words[0]):
                match = _HASH.search(as_text(as_object(entry).get("serverRelativeURL")))
                found[name] = match[1] if match else ""
        return found
