"""Errors as responses show them: message, locations, path and `extensions {code, cluster, retryable, reason}`.

Errors of callers and of clusters are shown unchanged. Unexpected errors are masked and logged once; the response shows
the id of the log record.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Final
from uuid import uuid4

import structlog
from graphql import GraphQLError

from k8s.errors import ClusterError, ErrorCode, StatusError
from resolvers.errors import QueryError, without_frames
from resolvers.messages.translation import localize
from resolvers.pacing import sort, worked
from resolvers.unexpected import Unexpected
from store.errors import StoreError

_LOG = structlog.get_logger(__name__)
INTERNAL_MESSAGE = "Internal error; the log of fleetgraph has the details under the id in `extensions.id`."
_STORE_MESSAGE = "The registry cannot be read at the moment."
_MOST_CHARACTERS: Final = 500
"""Characters of a message; those of graphql-core repeat input of any length."""
_COMPARISON: Final = 256
"""The cost of comparing two paths, in comparisons of two numbers."""


def formatted(error: GraphQLError) -> Mapping[str, object]:
    """Returns an error as the response shows it, in the caller's language."""
    return localized(plain(error))


async def all_formatted(errors: Iterable[GraphQLError]) -> list[Mapping[str, object]]:
    """Returns errors as the response shows them, formatted in slices: there may be one for each list and cluster."""
    return await worked(formatted, errors)


async def ordered(errors: Sequence[GraphQLError]) -> Sequence[GraphQLError]:
    """Returns errors in the order of their paths; the order in which clusters fail is random."""
    if len(errors) < 2:
        return errors
    keys = await worked(_order, errors)
    places = [*zip(keys, range(len(errors)), strict=True)]
    await sort(places, lambda _place: _COMPARISON)
    return [errors[place] for _, place in places]


def _order(error: GraphQLError) -> tuple[list[tuple[bool, str | int]], str]:
    return [(isinstance(key, int), key) for key in error.path or ()], error.message


def localized(error: Mapping[str, object]) -> Mapping[str, object]:
    """Returns an error of a response in the caller's language."""
    return {**error, "message": localize(str(error["message"]))}


def plain(error: GraphQLError) -> Mapping[str, object]:
    """Returns an error as the response shows it, in English, for caches that callers share."""
    response: dict[str, object] = {"message": error.message}
    if error.locations:
        response["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        response["path"] = list(error.path)
    message, extensions = _presented(error)
    without_frames(error)
    return response | {"message": message, "extensions": extensions}


def _presented(error: GraphQLError) -> tuple[str, Mapping[str, object]]:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    match cause:
        case None:
            return _shortened(error.message), {"code": ErrorCode.BAD_USER_INPUT, **(error.extensions or {})}
        case ClusterError():
            extensions = {"code": cause.code, "cluster": cause.cluster, "retryable": cause.retryable}
            return str(cause), {**extensions, "reason": cause.reason, **_retry_after(cause), **_id(cause)}
        case QueryError():
            return str(cause), {"code": cause.code, "retryable": cause.retryable}
        case _:
            return _masked(cause, error)


def _shortened(message: str) -> str:
    return message if len(message) <= _MOST_CHARACTERS else f"{message[:_MOST_CHARACTERS]}..."


def _retry_after(cause: ClusterError) -> Mapping[str, object]:
    """Returns the seconds that the cluster asks to wait before a retry."""
    retry_after_s = cause.retry_after_s if isinstance(cause, StatusError) else None
    return {} if retry_after_s is None else {"retryAfter": ceil(retry_after_s)}


def _id(cause: ClusterError) -> Mapping[str, object]:
    """Returns the id of an unexpected error, under which the log has the details."""
    return {"id": cause.id} if isinstance(cause, Unexpected) else {}


def _masked(cause: Exception, error: GraphQLError) -> tuple[str, Mapping[str, object]]:
    error_id = uuid4().hex
    _LOG.error("unexpected_error", id=error_id, path=error.path, exc_info=cause)
    message = _STORE_MESSAGE if isinstance(cause, StoreError) else INTERNAL_MESSAGE
    return message, {"code": ErrorCode.INTERNAL, "retryable": isinstance(cause, StoreError), "id": error_id}
