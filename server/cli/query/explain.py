"""`explain`: what a query costs the clusters, as a tree."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from resolvers.caller import OPERATOR
from server.cli.query.ask import Question, request_of
from server.cli.query.format import Format
from server.composition import opened_registry
from server.errors import ExitCode
from server.fleet import opened_executor
from server.observe.logs import logging_to_file
from server.settings.settings import load_settings
from server.terminal.output import Branch, note, print_json_bytes, print_tree


class _Request(msgspec.Struct, rename="camel"):
    cluster: str
    verb: str
    path: str
    is_metadata_only: bool
    bytes: int
    objects: int
    milliseconds: float
    error: str | None


class _List(msgspec.Struct):
    kind: str
    pushed: list[str]
    residual: list[str]


class _Cost(msgspec.Struct, rename="camel"):
    estimated_requests: int
    requests: int
    estimated_objects: int
    objects: int
    bytes: int


class _Explain(msgspec.Struct):
    requests: list[_Request]
    lists: list[_List]
    cost: _Cost


class _Extensions(msgspec.Struct):
    explain: _Explain | None = None


class _Error(msgspec.Struct):
    message: str


class _Response(msgspec.Struct):
    extensions: _Extensions = msgspec.field(default_factory=_Extensions)
    errors: list[_Error] = []


class _RawExtensions(msgspec.Struct):
    explain: msgspec.Raw = msgspec.Raw(b"null")


class _RawResponse(msgspec.Struct):
    extensions: _RawExtensions = msgspec.field(default_factory=_RawExtensions)


def explain(question: Question) -> ExitCode:
    """Runs a query and prints what it cost instead of its answer; errors of the answer go to stderr.

    Raises:
        InputError: There is no query, or several, or the variables do not fit it.
        StoreError: The registry cannot be read.
    """
    settings = load_settings()
    request = replace(request_of(question), is_explained=True)

    async def asked() -> tuple[bool, bytes]:
        async with opened_registry(settings) as registry, opened_executor(settings, registry) as executor:
            answer = await executor.execute(request, OPERATOR)
            return answer.executed, answer.to_json()

    with logging_to_file(settings):
        is_executed, body = asyncio.run(asked())
    response = msgspec.json.decode(body, type=_Response)
    for error in response.errors:
        note(error.message)
    if not is_executed or response.extensions.explain is None:
        return ExitCode.USAGE
    if question.output is Format.JSON:
        print_json_bytes(bytes(msgspec.json.decode(body, type=_RawResponse).extensions.explain))
    else:
        print_tree(_tree(response.extensions.explain))
    return ExitCode.FAILED if response.errors else ExitCode.OK


def _tree(found: _Explain) -> Branch:
    cost = found.cost
    clusters = dict.fromkeys(each.cluster for each in found.requests)
    of_clusters = [_cluster(name, [each for each in found.requests if each.cluster == name]) for name in clusters]
    return (
        f"{_counted(cost.requests, 'request')} (estimated {cost.estimated_requests}), "
        f"{_counted(cost.objects, 'object')} (estimated {cost.estimated_objects}), {_size(cost.bytes)}",
        [*map(_where, found.lists), *of_clusters],
    )


def _where(listed: _List) -> Branch:
    pushed = [(f"left to the API servers: {each}", ()) for each in listed.pushed]
    residual = [(f"looked at here: {each}", ()) for each in listed.residual]
    return (f"where of {listed.kind}", [*pushed, *residual])


def _cluster(name: str, requests: Sequence[_Request]) -> Branch:
    objects, size = sum(each.objects for each in requests), sum(each.bytes for each in requests)
    label = f"{name}: {_counted(len(requests), 'request')}, {_counted(objects, 'object')}, {_size(size)}"
    return (label, [(_line(each), ()) for each in requests])


def _line(request: _Request) -> str:
    what = f"{request.verb} {request.path}" + (" (metadata only)" if request.is_metadata_only else "")
    if request.error is not None:
        return f"{what}: {request.error}, {request.milliseconds:.0f} ms"
    return f"{what}: {_counted(request.objects, 'object')}, {_size(request.bytes)}, {request.milliseconds:.0f} ms"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _size(number: int) -> str:
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.1f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"
