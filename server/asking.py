"""`query` and `schema`: the engine in this process."""

import asyncio
import json
import sys
from pathlib import Path

import msgspec

from graph.engine import Engine
from resolvers.caller import OPERATOR
from server.composition import opened_registry
from server.errors import ExitCode, InputError
from server.execution import Answer, GraphqlRequest
from server.executor import opened_executor
from server.logs import logging_to_file
from server.output import print_json_bytes
from server.settings import Settings, load_settings

_MAX_QUERY_BYTES = 2_000_000


class _Errors(msgspec.Struct):
    errors: list[object] = []


def print_schema() -> None:
    """The SDL, and nothing else."""
    sys.stdout.write(f"{Engine().sdl.rstrip()}\n")


def ask(query: str | None, *, file: Path | None, variables: str | None, operation_name: str | None) -> ExitCode:
    """Prints the answer to one query; see the command for the exit codes.

    Raises:
        InputError: There is no query, or several, or the variables are no JSON object.
        StoreError: The registry cannot be read.
    """
    settings = load_settings()
    request = GraphqlRequest(_document(query, file), _variables(variables), operation_name)
    with logging_to_file(settings):
        answer = asyncio.run(_answer(settings, request))
        body = answer.to_json()
    print_json_bytes(body)
    if not answer.executed:
        return ExitCode.USAGE
    return ExitCode.FAILED if msgspec.json.decode(body, type=_Errors).errors else ExitCode.OK


async def _answer(settings: Settings, request: GraphqlRequest) -> Answer:
    async with opened_registry(settings) as registry, opened_executor(settings, registry) as executor:
        return await executor.execute(request, OPERATOR)


def _document(query: str | None, file: Path | None) -> str:
    if (query is None) == (file is None):
        raise InputError("Give a query, or a file of one with --file.")
    if query is not None:
        return query
    try:
        text = sys.stdin.buffer.read(_MAX_QUERY_BYTES + 1) if str(file) == "-" else _file_content(file)
        document = text.decode()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise InputError(f"{file} is no text in UTF-8.") from None
    if len(text) > _MAX_QUERY_BYTES:
        raise InputError(f"{file} has more than {_MAX_QUERY_BYTES} bytes.")
    return document


def _file_content(file: Path | None) -> bytes:
    with (file or Path("-")).open("rb") as opened:
        return opened.read(_MAX_QUERY_BYTES + 1)


def _variables(text: str | None) -> dict[str, object] | None:
    if text is None:
        return None
    try:
        variables: object = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError('--variables is no JSON; write an object, as \'{"name": "alpha"}\'.') from None
    if not isinstance(variables, dict):
        raise InputError('--variables is no JSON object; write one, as \'{"name": "alpha"}\'.')
    return variables
