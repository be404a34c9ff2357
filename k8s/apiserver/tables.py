"""Tables: the columns that an API server prints of its objects, for `kubectl get`.

Source: KEP-491 and `Table` of the meta.k8s.io/v1 API.
"""

from collections.abc import AsyncGenerator
from typing import Any, Final

import msgspec

from k8s import errors
from k8s.kinds.kind import Kind
from k8s.reading.cells import TABLE_ALONE, WITH_METADATA
from k8s.reading.decoder import Decoder
from k8s.reading.listing import PAGE_OBJECTS
from k8s.reading.pagedecoder import ListMetadata
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import ApiPath, PathInvalid, list_path, object_path
from k8s.transport.sender import Sender


class NotPrinted(errors.ClusterError):
    """A kind of an API server without Tables, such as an aggregated one: it sends the objects as they are."""

    code = errors.ErrorCode.INVALID
    reason = "NotPrinted"


class TableColumn(msgspec.Struct, frozen=True):
    """The definition of a column.

    Attributes:
        name: the heading, such as `Ready`.
        type: `string`, `integer`, `number`, `boolean` or `date`.
        format: a finer type, such as `name` for the column that names the object.
        priority: 0 for the columns that are always printed, more for `-o wide`.
    """

    name: str = ""
    type: str = ""
    format: str = ""
    description: str = ""
    priority: int = 0


class _PrintedMetadata(msgspec.Struct):
    name: str | None = None
    namespace: str | None = None


class _PrintedObject(msgspec.Struct):
    metadata: _PrintedMetadata | None = None


class TableRow(msgspec.Struct):
    """The cells of one object, as many as there are columns."""

    cells: list[Any] | None = None
    object: _PrintedObject | None = None

    @property
    def place(self) -> tuple[str, str] | None:
        """The namespace, empty for an object of the whole cluster, and the name; None if the row has no object."""
        metadata = self.object.metadata if self.object is not None else None
        return (metadata.namespace or "", metadata.name) if metadata is not None and metadata.name else None


class TablePage(msgspec.Struct, rename="camel"):
    """One answer: columns and rows; a page of a list has a token for the next one."""

    kind: str | None = None
    metadata: ListMetadata = msgspec.field(default_factory=ListMetadata)
    column_definitions: list[TableColumn] | None = None
    rows: list[TableRow] | None = None


_DECODER: Final = Decoder(TablePage)


async def table_pages(
    sender: Sender, kind: Kind, namespace: str | None, *, deadline: Deadline
) -> AsyncGenerator[TablePage, None]:
    """Yields the pages of the Table of a list.

    Args:
        sender: sends the requests.
        kind: the kind, in the version of the list.
        namespace: the namespace of the list; None for all namespaces.
        deadline: the deadline of the whole list.

    Raises:
        NotPrinted: the cluster, or the aggregated API server of the kind, serves no Tables.
        ClusterError: the cluster failed, or its list never ends.
    """
    tokens = set[str]()
    path, where = _checked(sender, kind, namespace, None)
    token = ""
    while True:
        query = (("limit", str(PAGE_OBJECTS)), WITH_METADATA, *((("continue", token),) if token else ()))
        call = Call(path, verb="list", target=f"{kind}{where}", query=query, accept=TABLE_ALONE, most_bytes=None)
        page = await _page(sender, call, deadline)
        yield page
        token = page.metadata.continue_token
        if not token:
            return
        if token in tokens:
            raise errors.ProtocolBroken(sender.name, f"its list of {kind} never ends.")
        tokens.add(token)


async def table_of(sender: Sender, kind: Kind, namespace: str | None, name: str, *, deadline: Deadline) -> TablePage:
    """Returns the Table of one object; without rows if there is no object of that name.

    Raises:
        NotPrinted: the cluster, or the aggregated API server of the kind, serves no Tables.
        ClusterError: the cluster failed.
    """
    path, where = _checked(sender, kind, namespace, name)
    call = Call(
        path, verb="get", target=f"{kind} {name}{where}", query=(WITH_METADATA,), accept=TABLE_ALONE, most_bytes=None
    )
    try:
        return await _page(sender, call, deadline)
    except errors.ResourceNotFound as error:
        if not error.is_about_object:
            raise
        return TablePage()


def _checked(sender: Sender, kind: Kind, namespace: str | None, name: str | None) -> tuple[ApiPath, str]:
    """Returns the path, and the words for the namespace; the names are the cluster's own."""
    try:
        path = list_path(kind, namespace) if name is None else object_path(kind, namespace, name)
    except PathInvalid as error:
        raise errors.ProtocolBroken(sender.name, f"it has an object that can be none: {error}") from error
    return path, f" in namespace {namespace}" if namespace else ""


async def _page(sender: Sender, call: Call, deadline: Deadline) -> TablePage:
    body = await sender.send(call, deadline)
    cause = f"its answer to {call.verb} {call.target} is no Table."
    page = await _DECODER.answer(body, cluster=sender.name, cause=cause)
    if page.kind not in {None, "Table"}:
        raise NotPrinted(sender.name, cause)
    if page.kind is None:
        raise errors.ProtocolBroken(sender.name, cause)
    return page
