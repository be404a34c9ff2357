"""The decoder of one cluster's responses to lists and single reads; it checks them before use."""

from collections.abc import Awaitable, Sequence
from typing import Final, TypeVar

import msgspec

from k8s import errors
from k8s.deniedvalues import denied_values, report_denied
from k8s.kinds.kind import Kind
from k8s.masking.masking import STANDARD, Masking
from k8s.reading.cells import needs_only_cells, with_cells
from k8s.reading.decoder import Decoder, TooMuchToDecode, Undecodable
from k8s.reading.decodingcost import skipping_s
from k8s.reading.listing import ListRequest
from k8s.reading.objectdecoder import ObjectDecoder
from k8s.reading.opendecoders import OpenDecoder
from k8s.reading.pagedecoder import DecodedPage, ListMetadata
from k8s.reading.pages import list_call
from k8s.reading.rowdecoders import Row, page_decoder
from k8s.reading.selection import Selection
from k8s.transport.call import Call

T = TypeVar("T")

_METADATA_LIST: Final = "PartialObjectMetadataList"
_LONGEST_TOKEN: Final = 16_384
"""Characters of a continue token and of a resource version; real ones have less than a thousand."""
_LONGEST_NAME: Final = 1024
"""Characters; nearly all kinds allow 253."""


class _TypeMeta(msgspec.Struct):
    kind: str | None = None


_TYPE_META: Final = Decoder(_TypeMeta, cost_s=skipping_s)


class ResponseDecoder:
    """Decodes bodies to pages and objects; invalid bodies are errors of the cluster."""

    def __init__(self, cluster: str, masking: Masking = STANDARD) -> None:
        self._cluster = cluster
        self._masking = masking

    async def page(self, request: ListRequest, body: bytes, selection: Selection) -> DecodedPage[Row]:
        """Returns one page of a list.

        Raises:
            AnswerTooLarge: it has more values than are decoded at once; a smaller page may have fewer.
            ProtocolBroken: the body is not a page of such a list.
        """
        call = list_call(request, "")
        if needs_only_cells(request.kind, request.selection):
            body = await self._decoded(with_cells(request.kind, body), call)
        decoder = page_decoder(
            request.structure, selection, request.kind, request.structures, self._masking.of(request.kind)
        )
        denied = denied_values()
        page = await self._decoded(decoder.read(body, denied), call)
        report_denied(self._cluster, denied)
        self._refuse_other_kind(page.kind, (f"{request.kind.name}List", _METADATA_LIST), call)
        self._refuse_long_tokens(page.metadata, call)
        return page

    def refuse_long_names(self, rows: Sequence[Row], request: ListRequest) -> None:
        """Refuses names longer than any object's: ids and cursors contain them, and must stay short enough to send."""
        if max((len(row.metadata.name) for row in rows), default=0) > _LONGEST_NAME:
            raise self._nonsense(list_call(request, ""))

    async def single(self, kind: Kind, decoder: ObjectDecoder[Row] | OpenDecoder[Row], body: bytes, call: Call) -> Row:
        """Returns one object; raises ProtocolBroken if the answer is not an object of the kind."""
        type_meta = await self._decoded(_TYPE_META.read(body), call)
        self._refuse_other_kind(type_meta.kind or "", (kind.name,), call)
        denied = denied_values()
        row = await self._decoded(decoder.read(body, denied), call)
        report_denied(self._cluster, denied)
        return row

    async def _decoded(self, decoded: Awaitable[T], call: Call) -> T:
        try:
            return await decoded
        except TooMuchToDecode as error:
            cause = f"its answer to {call.verb} {call.target} has more values than are decoded at once."
            kind = errors.ProtocolBroken if error.is_one_object else errors.AnswerTooLarge
            raise kind(self._cluster, cause) from error
        except Undecodable as error:
            raise self._nonsense(call) from error

    def _refuse_long_tokens(self, metadata: ListMetadata, call: Call) -> None:
        """Refuses tokens that no API server sends, before they are returned."""
        if max(len(metadata.continue_token), len(metadata.resource_version)) > _LONGEST_TOKEN:
            raise self._nonsense(call)

    def _refuse_other_kind(self, kind: str, kinds: Sequence[str], call: Call) -> None:
        """Refuses objects of another kind, whose rows would look right; a missing kind is accepted, as in Go."""
        if kind and kind not in kinds:
            cause = f"its answer to {call.verb} {call.target} is of another kind."
            raise errors.ProtocolBroken(self._cluster, cause)

    def _nonsense(self, call: Call) -> errors.ProtocolBroken:
        cause = f"its answer to {call.verb} {call.target} is not what the Kubernetes API sends."
        return errors.ProtocolBroken(self._cluster, cause)
