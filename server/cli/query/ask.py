"""`query`: the engine in this process."""

import asyncio
import json
import sys
from asyncio import sleep
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from graph.document.responsekeys import response_keys
from graph.document.variabletexts import VariableTextInvalid, variables_from_texts
from graph.document.written import operation_names
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.cli.query.examples import example
from server.cli.query.format import Format
from server.cli.query.printing import print_answer
from server.composition import opened_registry
from server.errors import ExitCode, InputError
from server.fleet import opened_executor
from server.http.answers import Executes
from server.observe.logs import logging_to_file
from server.settings.settings import load_settings
from server.terminal.output import Json

_MAX_QUERY_BYTES: Final = 2_000_000
_CLEAR: Final = "\x1b[H\x1b[2J"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to ask and how to print the answer; exactly one of `query`, `file` and `example` is given.

    Attributes:
        texts: variables as `name=value`.
        variables: variables as a JSON object.
        output: None means: what suits where it is printed.
        watch_s: ask again after so many seconds, until it is interrupted; None asks once.
    """

    query: str | None = None
    file: Path | None = None
    example: str | None = None
    texts: tuple[str, ...] = ()
    variables: str | None = None
    operation_name: str | None = None
    output: Format | None = None
    watch_s: float | None = None


class _Errors(msgspec.Struct):
    errors: list[object] = []


def ask(question: Question) -> ExitCode:
    """Prints the answer to a query, once or over and over; see the command for the exit codes.

    Raises:
        InputError: There is no query, or several, or the variables do not fit it.
        StoreError: The registry cannot be read.
    """
    settings = load_settings()
    request = request_of(question)

    async def asked() -> ExitCode:
        async with opened_registry(settings) as registry, opened_executor(settings, registry) as executor:
            exit_code = await _answered(executor, request, question)
            while question.watch_s is not None and exit_code is not ExitCode.USAGE:
                await sleep(question.watch_s)
                exit_code = await _answered(executor, request, question)
            return exit_code

    with logging_to_file(settings):
        return asyncio.run(asked())


async def _answered(executor: Executes, request: GraphqlRequest, question: Question) -> ExitCode:
    answer = await executor.execute(request, OPERATOR)
    body = answer.to_json()
    if question.watch_s is not None and sys.stdout.isatty():
        sys.stdout.write(f"{_CLEAR}every {question.watch_s:g} s, {datetime.now().astimezone():%H:%M:%S}\n\n")
    keys = response_keys(request.query, request.operation_name) if answer.executed else None
    print_answer(body, keys, question.output)
    sys.stdout.flush()
    if not answer.executed:
        return ExitCode.USAGE
    return ExitCode.FAILED if msgspec.json.decode(body, type=_Errors).errors else ExitCode.OK


def request_of(question: Question) -> GraphqlRequest:
    """What a question asks; raises InputError if there is no query, or several, or the variables do not fit it."""
    query = _document(question)
    names = operation_names(query)
    if question.operation_name is None and len(names) > 1:
        raise InputError(f"The document has several operations; choose one with --operation: {', '.join(names)}.")
    try:
        texts = variables_from_texts(query, question.operation_name, _texts(question.texts))
    except VariableTextInvalid as error:
        raise InputError(str(error)) from error
    variables = {**(_variables(question.variables) or {}), **texts}
    return GraphqlRequest(query, variables or None, question.operation_name)


def _document(question: Question) -> str:
    if sum(each is not None for each in (question.query, question.file, question.example)) != 1:
        raise InputError("Give a query, or a file of one with --file, or a saved one with --example.")
    if question.query is not None:
        return question.query
    if question.example is not None:
        return example(question.example).text
    return _file_text(question.file or Path("-"))


def _file_text(file: Path) -> str:
    try:
        if str(file) == "-":
            text = sys.stdin.buffer.read(_MAX_QUERY_BYTES + 1)
        else:
            with file.open("rb") as opened:
                text = opened.read(_MAX_QUERY_BYTES + 1)
        document = text.decode()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise InputError(f"{file} is no text in UTF-8.") from None
    if len(text) > _MAX_QUERY_BYTES:
        raise InputError(f"{file} has more than {_MAX_QUERY_BYTES} bytes.")
    return document


def _texts(given: tuple[str, ...]) -> Mapping[str, str]:
    pairs = {}
    for each in given:
        name, sign, text = each.partition("=")
        if not sign or not name:
            raise InputError(f"--variable {each[:80]!r} is no name=value.")
        pairs[name.removeprefix("$")] = text
    return pairs


def _variables(text: str | None) -> dict[str, Json] | None:
    if text is None:
        return None
    try:
        variables: object = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError('--variables is no JSON; write an object, as \'{"name": "alpha"}\'.') from None
    if not isinstance(variables, dict):
        raise InputError('--variables is no JSON object; write one, as \'{"name": "alpha"}\'.')
    return variables
