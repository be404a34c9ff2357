"""`query`: asks a question, once, repeatedly or as its answer changes, in this process or of a server."""

import asyncio
import sys
from asyncio import sleep
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import msgspec

from graph.document.operations import is_subscription
from graph.document.responsekeys import response_keys
from graph.request import GraphqlRequest
from server.cli.query.answered import Answered, Asks
from server.cli.query.emptyfleet import note_without_clusters
from server.cli.query.follow import Following
from server.cli.query.printing import print_answer
from server.cli.query.question import Question, request_of
from server.cli.query.serveraddress import server_address
from server.commanderrors import ExitCode, RemoteError
from server.terminal.output import note_error

_CLEAR: Final = "\x1b[H\x1b[2J"


class _Errors(msgspec.Struct):
    errors: list[object] = []


def ask(question: Question) -> ExitCode:
    """Prints the answer to a query, once, repeatedly, or as it changes; the command documents the exit codes.

    Raises:
        InputError: There is no query, or several, or the variables do not fit it, or it cannot be followed, or the
            server's address is invalid.
        RemoteError: The server does not answer the first time.
        StoreError: The registry cannot be read.
    """
    request = request_of(question)

    async def run() -> ExitCode:
        async with opened(question) as asks:
            if question.is_followed or is_subscription(request.query, request.operation_name):
                return await Following(asks, request, question.output).run()
            exit_code, answer = await _print_one(asks, request, question)
            await note_without_clusters(asks, answer)
            while question.every_s is not None and exit_code is not ExitCode.USAGE:
                await sleep(question.every_s)
                try:
                    exit_code, _ = await _print_one(asks, request, question)
                except RemoteError as error:  # it answered before, so it may come back
                    note_error(str(error))
            return exit_code

    return asyncio.run(run())


@asynccontextmanager
async def opened(question: Question) -> AsyncIterator[Asks]:
    """Opens what runs a question: the server that was chosen, or an executor in this process.

    Raises:
        InputError: The server's address is invalid.
        StoreError: The registry cannot be read.
    """
    address = server_address(question.server)
    if address is None:
        from server.cli.query.inprocess import opened_registered_clusters  # noqa: PLC0415  a server has all of this

        async with opened_registered_clusters() as asks:
            yield asks
    else:
        from server.cli.query.remoteserver import opened_server  # noqa: PLC0415  only where a server is asked

        async with opened_server(address) as server:
            yield server


async def _print_one(asks: Asks, request: GraphqlRequest, question: Question) -> tuple[ExitCode, Answered]:
    answer = await asks(request)
    if question.every_s is not None and sys.stdout.isatty():
        sys.stdout.write(f"{_CLEAR}every {question.every_s:g} s, {datetime.now().astimezone():%H:%M:%S}\n\n")
    keys = response_keys(request.query, request.operation_name) if answer.executed else None
    print_answer(answer.body, keys, question.output)
    sys.stdout.flush()
    if not answer.executed:
        return ExitCode.USAGE, answer
    has_errors = bool(msgspec.json.decode(answer.body, type=_Errors).errors)
    return ExitCode.FAILED if has_errors else ExitCode.OK, answer
