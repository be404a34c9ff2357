"""Printing of an answer by `fleetgraph query`: the response as JSON or YAML, its lists as tables or CSV."""

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import yaml

from graph.document.responsekeys import ResponseKeys
from server.cli.query.outputformat import OutputFormat
from server.cli.query.table import AnswerTable, answer_tables
from server.commanderrors import InputError
from server.terminal.output import (
    note,
    note_error,
    note_error_for_people,
    note_warning,
    print_json_bytes,
    print_line,
    print_table,
)
from server.terminal.terminal import printable_json

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class _BlockDumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a manifest in YAML can be read and copied."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_BlockDumper.add_representer(str, _text)


def print_answer(body: bytes, keys: ResponseKeys | None, output: OutputFormat | None) -> None:
    """Prints an answer. Its errors are lines on stderr as well, if people read that or stdout is no JSON or YAML.

    Args:
        body: The response as JSON.
        keys: The selected response keys; None if the document did not execute, so that tables have errors only.
        output: None means: tables on a terminal if the answer has lists or was not executed, else JSON.

    Raises:
        InputError: The output is CSV, and the answer does not have exactly one list.
    """
    response: Mapping[str, Any] = json.loads(body)
    tables = answer_tables(keys, response.get("data") or {}) if keys is not None else []
    is_tabular = sys.stdout.isatty() and (tables or keys is None)
    chosen = output or (OutputFormat.TABLE if is_tabular else OutputFormat.JSON)
    is_whole = chosen in (OutputFormat.JSON, OutputFormat.YAML)
    if chosen is OutputFormat.JSON:
        print_json_bytes(body)
    elif chosen is OutputFormat.YAML:
        try:
            text = yaml.dump(response, Dumper=_BlockDumper, sort_keys=False, allow_unicode=True)
        except RecursionError:
            raise InputError("The answer is nested too deeply for YAML; use --output json.") from None
        sys.stdout.write(printable_json(text) if sys.stdout.isatty() else text)
    elif keys is not None and chosen is OutputFormat.CSV:
        _print_csv(tables)
    else:
        _print_tables(tables, is_wide=chosen is OutputFormat.WIDE)
    if not is_whole or sys.stderr.isatty():
        for message in _counted(_warnings(response.get("extensions"))):
            note_warning(message)
    for message in _counted(f"{error['message']}" for error in response.get("errors", ())):
        (note_error_for_people if is_whole else note_error)(message)


def _counted(messages: Iterable[str]) -> Iterator[str]:
    """Yields each message once: a cluster that is down fails every field that needs it."""
    for message, count in Counter(messages).items():
        yield message if count == 1 else f"{message.removesuffix('.')}, {count} times"


def _warnings(extensions: object) -> Iterator[str]:
    """Yields the messages of `extensions.warnings`, which a GraphQL server of another kind may fill otherwise."""
    warnings = extensions.get("warnings") if isinstance(extensions, dict) else None
    for warning in warnings if isinstance(warnings, list) else ():
        if isinstance(warning, dict) and isinstance(message := warning.get("message"), str):
            yield message


def _print_tables(tables: Sequence[AnswerTable], *, is_wide: bool) -> None:
    for index, table in enumerate(tables):
        if len(tables) > 1:
            if index:
                print_line("")
            print_line(f"{table.title}:")
        if table.rows:
            columns = [column.header for column in table.columns]
            print_table(columns, table.rounded_rows, is_wide=is_wide, way_out="All columns: -o wide")
        else:
            note(f"{table.title}: nothing found.")
        if table.total is not None and table.total > len(table.rows):
            note(f"{len(table.rows)} of {table.total}")


def _print_csv(tables: Sequence[AnswerTable]) -> None:
    """Prints CSV (RFC 4180) with the names of the paths as header."""
    if len(tables) != 1:
        names = ", ".join(table.title for table in tables) or "none"
        raise InputError(f"CSV holds one list, and the answer has {names}; select one list, or use --output json.")
    (table,) = tables
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.name for column in table.columns])
    writer.writerows([_inert(cell) for cell in row] for row in table.rows)
    sys.stdout.write(text.getvalue().replace("\r\n", "\n"))


def _inert(cell: str) -> str:
    """Returns the cell so that no spreadsheet runs it as a formula: names and messages are untrusted."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
