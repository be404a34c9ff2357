"""How `fleetgraph query` prints an answer: JSON or YAML as it is, tables or CSV of its lists."""

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from graph.document.responsekeys import ResponseKeys
from server.cli.query.format import Format
from server.cli.query.table import AnswerTable, answer_tables
from server.errors import InputError
from server.terminal.output import note, print_json_bytes, print_line, print_table
from server.terminal.terminal import printable_json

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def print_answer(body: bytes, keys: ResponseKeys | None, wanted: Format | None) -> None:
    """Prints an answer.

    Args:
        body: The response as JSON.
        keys: What was selected; None if the document did not execute.
        wanted: None means: tables on a terminal, if the answer has lists, else JSON.

    Raises:
        InputError: CSV is wanted of an answer without exactly one list.
    """
    response: Mapping[str, Any] = json.loads(body)
    tables = answer_tables(keys, response.get("data") or {}) if keys is not None else []
    chosen = wanted or (Format.TABLE if sys.stdout.isatty() and tables else Format.JSON)
    if keys is None or chosen is Format.JSON:
        print_json_bytes(body)
    elif chosen is Format.YAML:
        text = yaml.safe_dump(response, sort_keys=False, allow_unicode=True)
        sys.stdout.write(printable_json(text) if sys.stdout.isatty() else text)
    elif chosen is Format.CSV:
        _print_csv(tables)
        _note_errors(response)
    else:
        _print_tables(tables)
        _note_errors(response)


def _print_tables(tables: Sequence[AnswerTable]) -> None:
    for index, table in enumerate(tables):
        if len(tables) > 1:
            if index:
                print_line("")
            print_line(f"{table.title}:")
        if table.rows:
            print_table([column.header for column in table.columns], table.rows)
        else:
            note(f"{table.title}: nothing found.")
        if table.total is not None and table.total > len(table.rows):
            note(f"{len(table.rows)} of {table.total}")


def _print_csv(tables: Sequence[AnswerTable]) -> None:
    """RFC 4180, with the names of the paths as header."""
    if len(tables) != 1:
        names = ", ".join(table.title for table in tables) or "none"
        raise InputError(f"CSV has one list, and the answer has {names}; ask for one list, or for json.")
    (table,) = tables
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([column.name for column in table.columns])
    writer.writerows([_inert(cell) for cell in row] for row in table.rows)
    sys.stdout.write(written.getvalue().replace("\r\n", "\n"))


def _inert(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula: names and messages come from strangers."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _note_errors(response: Mapping[str, Any]) -> None:
    for error in response.get("errors", ()):
        note(f"error: {error['message']}")
