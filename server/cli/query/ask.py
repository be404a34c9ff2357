"""`query`: runs a query in this process."""

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

from graph.document.operations import operation_names
from graph.document.responsekeys import response_keys
from graph.document.variabletexts import VariableTextInvalid, variables_from_texts
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.cli.query.examples import example
from server.cli.query.outputformat import OutputFormat
from server.cli.query.printing import print_answer
from server.commanderrors import ExitCode, InputError
from server.composition.executor import opened_executor
from server.composition.registry import opened_registry
from server.http.graphqlexecutor import GraphqlExecutor
from server.observe.logs import logging_to_file
from server.settings.settings import load_settings
from server.terminal.output import Json

_MAX_QUERY_BYTES: Final = 2_000_000
_CLEAR: Final = "\x1b[H\x1b[2J"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query and the format of its answer; exactly one of `query`, `file` and `example` is set.

    Attributes:
        texts: Variables as `name=value`.
        variables: Variables as a JSON object.
        output: None means: tables on a terminal, JSON elsewhere.
        watch_s: Seconds between repetitions; None asks once.
    """

    query: str | None = None
    file: Path | None = None
    example: str | None = None
    texts: tuple[str, ...] = ()
    variables: str | None = None
    operation_name: str | None = None
    output: OutputFormat | None = None
    watch_s: float | None = None


class _Errors(msgspec.Struct):
    errors: list[object] = []


def ask(question: Question) -> ExitCode:
    """Prints the answer to a query, once or repeatedly; the command documents the exit codes.

    Raises:
        InputError: There is no query, or several, or the variables do not fit it.
        StoreError: The registry cannot be read.
    """
    settings = load_settings()
    request = request_of(question)

    async def run() -> ExitCode:
        async with opened_registry(settings) as registry, opened_executor(settings, registry) as executor:
            exit_code = await _print_one(executor, request, question)
            while question.watch_s is not None and exit_code is not ExitCode.USAGE:
                await sleep(question.watch_s)
                exit_code = await _print_one(executor, request, question)
            return exit_code

    with logging_to_file(settings):
        return asyncio.run(run())


async def _print_one(executor: GraphqlExecutor, request: GraphqlRequest, question: Question) -> ExitCode:
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
    """Returns the request of a question.

    Raises:
        InputError: There is no query, or several, or the variables do not fit it.
    """
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
    if sum(source is not None for source in (question.query, question.file, question.example)) != 1:
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
        raise InputError(f"{file} is not text in UTF-8.") from None
    if len(text) > _MAX_QUERY_BYTES:
        raise InputError(f"{file} is too large; the limit is {_MAX_QUERY_BYTES} bytes.")
    return document


def _texts(assignments: tuple[str, ...]) -> Mapping[str, str]:
    pairs = {}
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        if not sign or not name:
            raise InputError(f"--variable {assignment[:80]!r} is not NAME=VALUE.")
        pairs[name.removeprefix("$")] = text
    return pairs


def _variables(text: str | None) -> dict[str, Json] | None:
    if text is None:
        return None
    try:
        variables: object = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError('--variables is not JSON; write an object, such as \'{"name": "alpha"}\'.') from None
    if not isinstance(variables, dict):
        raise InputError('--variables is not a JSON object; write one, such as \'{"name": "alpha"}\'.')
    return variables
