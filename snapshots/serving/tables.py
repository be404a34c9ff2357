"""Tables: lists as kubectl prints them, with the printer columns of custom kinds.

Built-in kinds have their names and ages, and Secrets their types: their columns are code of the API server.
Source: `tableconvertor` of k8s.io/apiextensions-apiserver, `HumanDuration` of k8s.io/apimachinery.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from k8s.kinds.builtin import SECRET
from k8s.kinds.kind import Kind
from snapshots.lenientdecoder import LenientDecoder
from snapshots.serving.columnpaths import first_at, parsed_column_path
from snapshots.serving.customkinds.definitions import DefinedVersion, PrinterColumn
from snapshots.serving.index.index import in_slices
from snapshots.serving.index.indexedobject import IndexedObject
from snapshots.serving.index.item import metadata_alone, type_meta

_ANYTHING: Final[LenientDecoder[Any]] = LenientDecoder(object)
_AGE: Final = PrinterColumn("Age", "date", ".metadata.creationTimestamp")
_NAME: Final = {"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0}
_OF_BUILT_IN: Final[Mapping[Kind, Sequence[PrinterColumn]]] = {
    SECRET: (PrinterColumn("Type", "string", ".type"), _AGE),
}
_MINUTE_S, _HOUR_S, _DAY_S, _YEAR_S = 60, 3600, 86_400, 31_536_000


async def table_pieces(
    kind: Kind, entries: Iterable[IndexedObject], version: DefinedVersion | None, *, metadata: object, include: str
) -> Sequence[bytes]:
    """Returns the JSON of a Table in pieces.

    Args:
        kind: The kind of the objects.
        entries: The objects, one for each row.
        version: The version of the kind's definition, if it has one.
        metadata: The metadata of the list.
        include: What each row has of its object: `None`, `Metadata` or `Object`.
    """
    columns = (version.columns if version is not None else None) or _OF_BUILT_IN.get(kind, (_AGE,))
    definitions = [_NAME, *map(_definition, columns)]
    head = [type_meta("Table", "meta.k8s.io/v1"), b',"metadata":', msgspec.json.encode(metadata)]
    pieces = [*head, b',"columnDefinitions":', msgspec.json.encode(definitions), b',"rows":']
    before, now = b"[", datetime.now(UTC)
    async for entry in in_slices(entries):
        cells = msgspec.json.encode([entry.key.rpartition("/")[2], *_cells(entry.item, columns, now)])
        pieces += [before, b'{"cells":', cells]
        if include != "None":
            pieces += [b',"object":', entry.item if include == "Object" else metadata_alone(entry.metadata)]
        pieces.append(b"}")
        before = b","
    return [*pieces, b"]}\n" if before == b"," else b"[]}\n"]


def _definition(column: PrinterColumn) -> object:
    description = column.description or f"Custom resource definition column (in JSONPath format): {column.json_path}"
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": description,
        "priority": column.priority,
    }


def _cells(item: bytes, columns: Sequence[PrinterColumn], now: datetime) -> Iterable[object]:
    decoded = _ANYTHING.decode(item)
    for column in columns:
        steps = parsed_column_path(column.json_path)
        value = first_at(decoded, steps) if steps is not None else None
        yield None if value is None else _cell(column.type, value, now)


def _cell(column_type: str, value: Any, now: datetime) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match column_type:
        case "string":
            return _text(value)
        case "integer":
            return int(value) if is_number else None
        case "number":
            return value if is_number else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date":
            return _age(value, now) if isinstance(value, str) else None
        case _:
            return None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _age(text: str, now: datetime) -> str:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return "<invalid>"
    return human_duration(int((now - (time if time.tzinfo else time.replace(tzinfo=UTC))).total_seconds()))


def human_duration(seconds: int) -> str:
    """Returns a duration as kubectl shows ages: `5s`, `3m20s`, `27h`, `3d4h`, `2y10d`."""
    minutes, hours, days, years = (seconds // unit for unit in (_MINUTE_S, _HOUR_S, _DAY_S, _YEAR_S))
    if seconds < 0:
        return "0s" if seconds >= -1 else "<invalid>"
    if seconds < 2 * _MINUTE_S:
        return f"{seconds}s"
    if minutes < 10:
        return _both(minutes, "m", seconds % 60, "s")
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return _both(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _both(days, "d", hours % 24, "h")
    if days < 2 * 365:
        return f"{days}d"
    return _both(years, "y", days % 365, "d") if years < 8 else f"{years}y"


def _both(number: int, unit: str, rest: int, rest_unit: str) -> str:
    return f"{number}{unit}{rest}{rest_unit}" if rest else f"{number}{unit}"
