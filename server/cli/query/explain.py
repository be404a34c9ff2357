"""`explain`: the cost of a query for the clusters, as a tree."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from resolvers.operation.explanation import ListNote, UpstreamRequest
from server.cli.query.answered import Answered
from server.cli.query.ask import opened
from server.cli.query.emptyfleet import note_without_clusters
from server.cli.query.outputformat import OutputFormat
from server.cli.query.question import Question, request_of
from server.commanderrors import ExitCode, RemoteError
from server.terminal.layout import Branch
from server.terminal.output import note_error, print_json_bytes, print_tree


class _Cost(msgspec.Struct, rename="camel"):
    estimated_requests: int
    requests: int
    estimated_objects: int
    objects: int
    bytes: int


class _QueryCost(msgspec.Struct):
    """`extensions.explain` of an answer; see `resolvers.operation.explanation.Explanation`."""

    requests: list[UpstreamRequest]
    lists: list[ListNote]
    cost: _Cost


class _ExplainedError(msgspec.Struct):
    message: str = ""


class _ExplainExtensions(msgspec.Struct):
    explain: msgspec.Raw = msgspec.Raw()


class _ExplainedResponse(msgspec.Struct):
    errors: list[_ExplainedError] = []
    extensions: _ExplainExtensions = msgspec.field(default_factory=_ExplainExtensions)


def explain(question: Question) -> ExitCode:
    """Runs a query and prints its cost instead of its answer; errors of the answer go to stderr.

    Raises:
        InputError: There is no query, or several, or the variables do not fit it, or the server's address is invalid.
        RemoteError: The server does not answer, or does not explain.
        StoreError: The registry cannot be read.
    """
    request = replace(request_of(question), is_explained=True)

    async def run() -> Answered:
        async with opened(question) as asks:
            answer = await asks(request)
            await note_without_clusters(asks, answer)
            return answer

    answer = asyncio.run(run())
    response = msgspec.json.decode(answer.body, type=_ExplainedResponse)
    for error in response.errors:
        note_error(error.message)
    if not answer.executed:
        return ExitCode.USAGE
    encoded = bytes(response.extensions.explain)
    if not encoded and response.errors:
        return ExitCode.FAILED
    try:
        cost = msgspec.json.decode(encoded, type=_QueryCost)
    except msgspec.DecodeError as error:
        raise RemoteError("The server does not explain queries; it is of another version, or no fleetgraph.") from error
    if question.output is OutputFormat.JSON:
        print_json_bytes(encoded)
    else:
        print_tree(_tree(cost))
    return ExitCode.FAILED if response.errors else ExitCode.OK


def _tree(query: _QueryCost) -> Branch:
    cost = query.cost
    clusters = dict.fromkeys(request.cluster for request in query.requests)
    of_clusters = [
        _cluster(name, [request for request in query.requests if request.cluster == name]) for name in clusters
    ]
    return (
        f"{_counted(cost.requests, 'request')} (estimated {cost.estimated_requests}), "
        f"{_counted(cost.objects, 'object')} (estimated {cost.estimated_objects}), {_size(cost.bytes)}",
        [*map(_where, query.lists), *of_clusters],
    )


def _where(note: ListNote) -> Branch:
    pushed = [(f"left to the API servers: {selector}", ()) for selector in note.pushed]
    residual = [(f"looked at here: {path}", ()) for path in note.residual]
    return (f"where of {note.kind}", [*pushed, *residual])


def _cluster(name: str, requests: Sequence[UpstreamRequest]) -> Branch:
    objects, size = sum(request.objects for request in requests), sum(request.bytes for request in requests)
    label = f"{name}: {_counted(len(requests), 'request')}, {_counted(objects, 'object')}, {_size(size)}"
    return (label, [(_line(request), ()) for request in requests])


def _line(request: UpstreamRequest) -> str:
    call = f"{request.verb} {request.path}" + (" (metadata only)" if request.is_metadata_only else "")
    if request.error is not None:
        return f"{call}: {request.error}, {request.milliseconds:.0f} ms"
    return f"{call}: {_counted(request.objects, 'object')}, {_size(request.bytes)}, {request.milliseconds:.0f} ms"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _size(number: int) -> str:
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.1f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"
