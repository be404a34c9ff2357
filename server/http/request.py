"""The parameters of a GraphQL request, from a body or a query string (GraphQL over HTTP, "Request Parameters")."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from k8s.errors import ErrorCode
from k8s.reading.numbers import finite
from server.http.responses import Refusal

T = TypeVar("T")
_PARAMETERS: Final = ("query", "documentId", "operationName", "variables", "extensions")


class _PersistedQuery(msgspec.Struct, rename={"sha256_hash": "sha256Hash"}):
    """Apollo's way to name a document by its hash."""

    sha256_hash: str


class _RequestExtensions(msgspec.Struct, rename="camel"):
    """The one extension that is known; others are ignored, as the specification says."""

    persisted_query: _PersistedQuery | None = None


class _RequestBody(msgspec.Struct, rename="camel"):
    """The entries of the specification; others are ignored, as it says."""

    query: str | None = None
    document_id: str | None = None
    variables: dict[str, object] | None = None
    operation_name: str | None = None
    extensions: _RequestExtensions | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """A document, or its name, with the other parameters of a request.

    Attributes:
        query: The document itself.
        document_id: A persisted document's identifier.
        apollo_hash: The same, as Apollo's clients send it: SHA-256 in hexadecimal digits.
    """

    query: str | None = None
    document_id: str | None = None
    apollo_hash: str | None = None
    variables: dict[str, object] | None = None
    operation_name: str | None = None


_SHAPES: Final = bytes.maketrans(b"123456789eE", b"000000000..")
"""A table that turns numbers with a fraction or an exponent into `0.0`; the sign of an exponent is left out."""
_FRACTION: Final = 5
"""The weight of a number that is not whole, in values: it takes up to 1 us, another 0.02 us."""
_DIGITS: Final = 20
"""The weight of each 64 digits of a number, in values: 4,000 digits take 1.6 us, as the time is quadratic."""

_READ_FACTOR: Final = 8
"""The most that is read of a body over the limit, in limits; of one that announces more, nothing."""

_CLOSE: Final = {"Connection": "close"}
"""Unread bytes of a body would be taken for the next request."""

_BODY: Final = msgspec.json.Decoder(_RequestBody, float_hook=finite)
_VARIABLES: Final = msgspec.json.Decoder(dict[str, object] | None, float_hook=finite)
_EXTENSIONS: Final = msgspec.json.Decoder(_RequestExtensions | None)


async def read_body(request: Request, *, limit_bytes: int, timeout_s: float) -> bytes:
    """Reads the whole body. Of one over `limit_bytes`, reads and drops up to `_READ_FACTOR` times as much.

    Raises:
        Refusal: 413 over `limit_bytes`, announced or not; 408 after `timeout_s`; 415 if it is compressed.
        ClientDisconnect: The client disconnected.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "Compressed request bodies are not accepted.", headers={"Accept-Encoding": "identity"})
    content_length = request.headers.get("content-length", "")
    announced_bytes = int(content_length[:20]) if content_length.isdecimal() else 0
    body = _IncomingBody(limit_bytes, announced_bytes)
    if body.is_too_large and (announced_bytes > body.most_bytes or "expect" in request.headers):
        raise _too_large(limit_bytes, headers=_CLOSE)
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in request.stream():
                body.add(chunk)
    except TimeoutError:
        if body.is_too_large:
            raise _too_large(limit_bytes, headers=_CLOSE) from None
        raise Refusal(408, f"The body did not arrive within {timeout_s:g} s.", headers=_CLOSE) from None
    if body.is_too_large:
        raise _too_large(limit_bytes)
    return bytes(body.content)


class _IncomingBody:
    """A body that arrives, of which nothing is kept once it is too large.

    A client that still sends when its connection is closed sees a reset instead of the refusal. So a body that is not
    much too large is read to its end. The time is limited, and an authenticated caller's slot is occupied meanwhile.

    Attributes:
        content: What has arrived; empty if it is too large.
        is_too_large: Whether it is over the limit, announced or not.
        most_bytes: The bytes that are read before the refusal.
    """

    def __init__(self, limit_bytes: int, announced_bytes: int) -> None:
        self.content = bytearray()
        self.most_bytes = limit_bytes * _READ_FACTOR
        self.is_too_large = announced_bytes > limit_bytes
        self._limit_bytes = limit_bytes
        self._received_bytes = 0

    def add(self, chunk: bytes) -> None:
        """Adds what has arrived; raises the refusal if it is more than is read."""
        self._received_bytes += len(chunk)
        if self._received_bytes > self._limit_bytes:
            self.is_too_large = True
            self.content.clear()
        if self._received_bytes > self.most_bytes:
            raise _too_large(self._limit_bytes, headers=_CLOSE)
        if not self.is_too_large:
            self.content += chunk


def _too_large(limit_bytes: int, headers: Mapping[str, str] | None = None) -> Refusal:
    message = f"The body has more than {limit_bytes} bytes (FLEETGRAPH_MAX_BODY_BYTES). Send a smaller one."
    return Refusal(413, message, code=ErrorCode.LIMIT_EXCEEDED, headers=headers)


def decode_body(body: bytes, *, most_values: int) -> Parameters:
    """Decodes the parameters of a body.

    Args:
        body: The body.
        most_values: The most values of its JSON, which is decoded in one uninterrupted step.

    Raises:
        Refusal: 400 if the body is no JSON, or no object with a `query`, or an entry has the wrong type; 413 if it has
            more values.
    """
    _require_few_values(body, most_values)
    if body.lstrip()[:1] == b"[":
        raise Refusal(400, "Batches are not accepted: send one request at a time.")
    decoded = _decoded(_BODY, body, "The body")
    return _parameters(
        decoded.query, decoded.document_id, decoded.variables, decoded.operation_name, decoded.extensions
    )


def decode_query_string(query_string: bytes) -> Parameters:
    """Decodes the parameters of a GET's query string.

    Raises:
        Refusal: 400 if a parameter is repeated, no text in UTF-8, or not the JSON that it should be, or if the document
            is missing.
    """
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise Refusal(400, "The query string is not application/x-www-form-urlencoded text in UTF-8.") from error
    parameters = {name: value for name, value in pairs if name in _PARAMETERS}
    repeated = _repeated([name for name, _ in pairs if name in _PARAMETERS])
    if repeated is not None:
        raise Refusal(400, f"The parameter {repeated} is repeated.")
    variables, extensions = parameters.get("variables"), parameters.get("extensions")
    return _parameters(
        parameters.get("query") or None,
        parameters.get("documentId") or None,
        _decoded(_VARIABLES, variables.encode(), "The parameter variables") if variables else None,
        parameters.get("operationName") or None,
        _decoded(_EXTENSIONS, extensions.encode(), "The parameter extensions") if extensions else None,
    )


def _require_few_values(body: bytes, most_values: int) -> None:
    """Raises a Refusal for too many values, which are counted by punctuation.

    Punctuation in strings counts as well, since finding the strings would take as long as decoding. Slow numbers count
    more: those with a fraction or an exponent, and those with many digits.
    """
    if len(body) <= most_values:
        return
    values = body.count(b",") + body.count(b"[") + max(body.count(b"{"), body.count(b":"))
    shapes = body.translate(_SHAPES, b"+-")
    values += _FRACTION * shapes.count(b"0.0") + _DIGITS * shapes.count(b"0" * 64)
    if values > most_values:
        message = (
            f"The body has about {values} values; the limit is {most_values} (FLEETGRAPH_MAX_BODY_VALUES). "
            "Send several smaller requests."
        )
        raise Refusal(413, message, code=ErrorCode.LIMIT_EXCEEDED)


def _parameters(
    query: str | None,
    document_id: str | None,
    variables: dict[str, object] | None,
    operation_name: str | None,
    extensions: _RequestExtensions | None,
) -> Parameters:
    persisted = extensions.persisted_query if extensions is not None else None
    if query is None and document_id is None and persisted is None:
        raise Refusal(400, "The request has no document: send `query`, or the `documentId` of a persisted one.")
    if query is not None and document_id is not None:
        raise Refusal(400, "The request has a `query` and a `documentId`: send one of them.")
    return Parameters(query, document_id, persisted.sha256_hash if persisted else None, variables, operation_name)


def _repeated(names: Sequence[str]) -> str | None:
    return next((name for name in names if names.count(name) > 1), None)


def _decoded(decoder: "msgspec.json.Decoder[T]", text: bytes, source: str) -> T:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Refusal(400, f"{source} is not part of a GraphQL request: {error}.") from error
    except RecursionError as error:
        raise Refusal(400, f"{source} is nested too deeply.") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise Refusal(400, f"{source} is not JSON in UTF-8.") from error
