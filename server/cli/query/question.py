"""The question of a command: a query from an argument, a file or the saved ones, with its variables."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from graph.document.operations import operation_names
from graph.document.variabletexts import VariableTextInvalid, variable_names, variables_from_texts
from graph.request import GraphqlRequest
from server.cli.query.examples import example
from server.cli.query.outputformat import OutputFormat
from server.cli.query.serveraddress import ServerOptions
from server.commanderrors import InputError
from server.terminal.output import Json, note_warning

_MAX_QUERY_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query and the format of its answer; exactly one of `query`, `file` and `example` is set.

    Attributes:
        texts: Variables as `name=value`.
        variables: Variables as a JSON object.
        output: None means: tables on a terminal, JSON elsewhere.
        every_s: Seconds between repetitions; None asks once.
        is_followed: Whether its list is followed by a subscription.
        server: The server that runs the query; without a URL, this process does.
    """

    query: str | None = None
    file: Path | None = None
    example: str | None = None
    texts: tuple[str, ...] = ()
    variables: str | None = None
    operation_name: str | None = None
    output: OutputFormat | None = None
    every_s: float | None = None
    is_followed: bool = False
    server: ServerOptions = field(default_factory=ServerOptions)


def request_of(question: Question) -> GraphqlRequest:
    """Returns the request of a question.

    Raises:
        InputError: There is no query, or several, or the variables do not fit it.
    """
    query = _document(question)
    names = operation_names(query)
    if question.operation_name is None and len(names) > 1:
        raise InputError(f"The document has several operations; choose one with --operation: {', '.join(names)}.")
    texts = _texts(question.texts)
    variables = _variables(question.variables) or {}
    declared = variable_names(query, question.operation_name)
    if declared is not None:
        for name in texts:
            if name not in declared:
                raise InputError(f"--variable {name[:80]}: {_undeclared(name, declared)}")
        for name in variables:
            if name not in declared:  # GraphQL ignores it, and one file of variables may serve several queries
                note_warning(f"--variables has {name[:80]}, which is ignored: {_undeclared(name, declared)}")
    try:
        values = variables_from_texts(query, question.operation_name, texts)
    except VariableTextInvalid as error:
        raise InputError(str(error)) from error
    return GraphqlRequest(query, {**variables, **values} or None, question.operation_name)


def _undeclared(name: str, declared: Sequence[str]) -> str:
    if not declared:
        return "the query has no variables."
    near = get_close_matches(name, declared, n=1)
    if near:
        return f"the query has no variable of that name; did you mean {near[0]}?"
    return f"the query has no variable of that name; it has {', '.join(declared)}."


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
