"""The structural schemas of a cluster's CustomResourceDefinitions, where it has no OpenAPI document of a group.

The index is a list of metadata: an object's `generation` changes with its spec. Source: "Structural schemas" of
Kubernetes' manual on custom resources; the server publishes them in `/openapi/v3` with little else.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from k8s.errors import ProtocolBroken
from k8s.kinds.builtin import CUSTOM_RESOURCE_DEFINITION
from k8s.kinds.kind import Kind
from k8s.reading.decoder import Decoder, Undecodable
from k8s.schemas.kindschema import KindProblem, KindSchema
from k8s.schemas.limits import SchemaLimits
from k8s.schemas.pieces import as_list, as_object, as_text
from k8s.schemas.readablekind import is_readable
from k8s.schemas.schemareader import SchemaReader
from k8s.transport.call import JSON, Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import PathInvalid, list_path, object_path
from k8s.transport.sender import Sender
from k8s.turns.pauses import Pauses, in_thread

_METADATA: Final = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_PAGE_OBJECTS: Final = 100
_ROOT: Final = "crd/"


class _Metadata(msgspec.Struct):
    name: str = ""
    uid: str = ""
    generation: int = 0


class _Item(msgspec.Struct):
    metadata: _Metadata


class _ListMetadata(msgspec.Struct):
    token: str = msgspec.field(default="", name="continue")


class _MetadataList(msgspec.Struct):
    items: list[_Item] | None = None
    metadata: _ListMetadata = msgspec.field(default_factory=_ListMetadata)


_LIST: Final = Decoder(_MetadataList)


class CrdSource:
    """The CustomResourceDefinitions of one cluster."""

    def __init__(self, sender: Sender, limits: SchemaLimits) -> None:
        self._sender = sender
        self._limits = limits
        self.problems: list[KindProblem] = []

    async def index(self, deadline: Deadline, chosen: Callable[[str], bool]) -> Mapping[str, str]:
        """Returns uid and generation of each definition by its name, `crd/PLURAL.GROUP`.

        Raises:
            ClusterError: There was no answer, a refusal, or an answer that no API server gives.
        """
        found: dict[str, str] = {}
        token = ""
        for _ in range(1 + self._limits.documents // _PAGE_OBJECTS):
            page = await self._page(token, deadline)
            for item in page.items or ():
                name = f"{_ROOT}{item.metadata.name}"
                if _is_named(item.metadata.name) and chosen(self.group(name)):
                    found[name] = f"{item.metadata.uid}.{item.metadata.generation}"
            token = page.metadata.token
            if not token:
                break
        return found

    async def read(self, name: str, _content_hash: str, deadline: Deadline) -> tuple[KindSchema, ...]:
        """Returns a definition's kind in each version that is served; raises as `SchemaSource.read`."""
        own_name = name.removeprefix(_ROOT)
        path = object_path(CUSTOM_RESOURCE_DEFINITION, None, own_name)
        target = f"the schema of {own_name}"
        body = await self._sender.send(Call(path, "get", target, most_bytes=self._limits.document_bytes), deadline)
        kinds = await in_thread(partial(read_crd, body, limits=self._limits))
        return tuple(kind for kind in kinds if kind.group == self.group(name))  # whatever the definition says

    def group(self, name: str) -> str:
        """Returns the API group of a definition."""
        return name.removeprefix(_ROOT).partition(".")[2]

    async def _page(self, token: str, deadline: Deadline) -> _MetadataList:
        query = (("limit", str(_PAGE_OBJECTS)), *((("continue", token),) if token else ()))
        kind = CUSTOM_RESOURCE_DEFINITION
        call = Call(list_path(kind), "list", str(kind), query=query, accept=_METADATA, most_bytes=None)
        body = await self._sender.send(call, deadline)
        try:
            return await _LIST.read(body)
        except Undecodable as error:
            raise ProtocolBroken(self._sender.name, f"its answer to list {kind} is no list.") from error


def read_crd(body: bytes, *, limits: SchemaLimits) -> tuple[KindSchema, ...]:
    """Returns the kind of a CustomResourceDefinition in each version that is served. Call it in a thread.

    Raises:
        Undecodable: It is no JSON object.
    """
    definition = as_object(msgspec.Raw(body))
    if not definition:
        raise Undecodable("no JSON object")
    spec = as_object(definition.get("spec"))
    names, group = as_object(spec.get("names")), as_text(spec.get("group"))
    found: list[KindSchema] = []
    pauses = Pauses()
    for written in as_list(spec.get("versions")):
        version = as_object(written)
        kind = Kind(
            group,
            as_text(version.get("name")),
            as_text(names.get("kind")),
            as_text(names.get("plural")),
            namespaced=spec.get("scope") == "Namespaced",
        )
        if version.get("served") is not True or not is_readable(kind):
            continue
        reader = SchemaReader({}, limits, pauses)
        structures = reader.read(as_object(version.get("schema")).get("openAPIV3Schema"))
        found.append(
            KindSchema(
                group, kind.version, kind.name, kind.plural, kind.namespaced, structures, problems=reader.problems
            )
        )
    return tuple(found)


def is_definition(name: str) -> bool:
    """Returns whether a document is a CustomResourceDefinition."""
    return name.startswith(_ROOT)


def _is_named(name: str) -> bool:
    try:
        return bool(object_path(CUSTOM_RESOURCE_DEFINITION, None, name))
    except PathInvalid:
        return False
