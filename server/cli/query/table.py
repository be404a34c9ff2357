"""GraphQL answers as tables: a column for each selected leaf, a row for each object of a list.

Connections are transparent: the rows of `pods { nodes { name } }` are the nodes. The other fields of a list
(`totalCount`, `pageInfo`, and `clusters`, the envelope) are left out if there are rows.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeGuard

from graph.document.responsekeys import ResponseKeys

Value: TypeAlias = object
Path: TypeAlias = tuple[str, ...]

_ENVELOPE: Final = "clusters"
_ROWS: Final[Sequence[str]] = ("nodes", "edges", "groups")
_AROUND: Final = frozenset({"totalCount", "pageInfo", _ENVELOPE})
_TRANSPARENT: Final = re.compile(r"(?<=\.)(nodes|edges\.node|edges)\.")
_AMOUNTS: Final = frozenset({"cpu", "memory"})
_FINE: Final = re.compile(r"(\d+)(\.\d+)?(n|u|m|Ki)")
_PER_MILLICORE: Final = {"n": 1_000_000, "u": 1_000, "m": 1}
_KI_PER_MI: Final = 1024
_DECIMALS: Final = 3
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        path: Response keys from the row to the leaf.
        name: The path without transparent keys, joined by dots; unique in its table.
        header: The heading, in the style of kubectl.
    """

    path: Path
    name: str
    header: str


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """One list of an answer.

    Attributes:
        title: The path of the list in the answer.
        total: The list's `totalCount`, if it was selected.
        rows: Texts, one for each column.
        objects: Those of the rows.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    objects: Sequence[Value]
    total: int | None = None

    @property
    def rounded_rows(self) -> Sequence[Sequence[str]]:
        """Returns the rows for people: fractions have three decimals, and processors and memory no fine units."""
        return [[_cell(row, column.path, _rounded) for column in self.columns] for row in self.objects]


def answer_tables(keys: ResponseKeys, data: Mapping[str, Value]) -> list[AnswerTable]:
    """Returns the tables of an answer's data, in the order of its root fields; null has none."""
    return [
        table for key, child in keys.children.items() for table in _tables(key, child, data.get(key)) if child.children
    ]


def _tables(title: str, keys: ResponseKeys, value: Value) -> Iterator[AnswerTable]:
    if value is None:
        return
    lists = [key for key in _ROWS if key in keys.children] if _is_object(value) else []
    if not _is_object(value) or not (lists or set(keys.children) <= _AROUND):
        yield _table(title, keys, value if isinstance(value, list) else [value], total=None)
        return
    total = value.get("totalCount")
    lists = lists or [key for key in (_ENVELOPE,) if key in keys.children]
    for key in lists:
        named = title if key in ("nodes", "edges") else f"{title}.{key}"
        objects = value.get(key)
        rows: Sequence[Value] = objects if isinstance(objects, list) else []
        columns, rows = (keys.children[key], rows) if key != "edges" else _nodes_of(keys.children[key], rows)
        yield _table(named, columns, rows, total=_count(total) if named == title else None)
    if not lists:
        yield _table(title, ResponseKeys({"totalCount": ResponseKeys()}), [value], total=None)


def _nodes_of(edges: ResponseKeys, rows: Sequence[Value]) -> tuple[ResponseKeys, Sequence[Value]]:
    """Returns the edges without their cursors, if their nodes were selected."""
    if "node" not in edges.children:
        return edges, rows
    return edges.children["node"], [row.get("node") for row in rows if _is_object(row)]


def _table(title: str, keys: ResponseKeys, rows: Sequence[Value], *, total: int | None) -> AnswerTable:
    columns = _columns(list(_paths(keys)))
    return AnswerTable(title, columns, [[_cell(row, column.path) for column in columns] for row in rows], rows, total)


def _paths(keys: ResponseKeys) -> Iterator[Path]:
    for key, child in keys.children.items():
        if child.is_leaf:
            yield (key,)
            continue
        yield from ((key, *rest) for rest in _paths(child))


def _columns(paths: Sequence[Path]) -> list[Column]:
    names = [_TRANSPARENT.sub("", ".".join(path)) for path in paths]
    headers = [_header(name) for name in names]
    return [
        Column(
            path,
            name if names.count(name) == 1 else ".".join(path),
            header if headers.count(header) == 1 else _words(name),
        )
        for path, name, header in zip(paths, names, headers, strict=True)
    ]


def _header(name: str) -> str:
    short = name.removeprefix("metadata.")
    for ending in (".metadata.name", ".name", ".totalCount"):
        short = short.removesuffix(ending) or short
    return _words(short.rpartition(".")[2] if short.startswith(("status.", "spec.")) else short)


def _words(name: str) -> str:
    return _WORD.sub("-", name).replace(".", " ").upper()


def _cell(row: Value, path: Path, of: Callable[[str, Value], Value] = lambda _name, value: value) -> str:
    return ",".join(_text(of(path[-1], value)) for value in _values(row, path) if value is not None)


def _rounded(name: str, value: Value) -> Value:
    """Returns a value as people read it: usage as `kubectl top` prints it, in thousandths of a core and in MiB."""
    if isinstance(value, float):
        return round(value, _DECIMALS)
    amount = _FINE.fullmatch(value) if name in _AMOUNTS and isinstance(value, str) else None
    if amount is None:
        return value
    number, decimals, unit = int(amount[1]), amount[2], amount[3]
    if unit != "Ki":
        return f"{-(-number // _PER_MILLICORE[unit]) + bool(decimals)}m"
    return value if number < _KI_PER_MI else f"{number // _KI_PER_MI}Mi"


def _values(value: Value, path: Path) -> Iterator[Value]:
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif not path:
        yield value
    elif _is_object(value):
        yield from _values(value.get(path[0]), path[1:])


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if _is_object(value) and not any(isinstance(item, dict | list) for item in value.values()):
        return ",".join(f"{key}={_text(item)}" for key, item in value.items())
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _is_object(value: Value) -> TypeGuard[Mapping[str, Value]]:
    return isinstance(value, dict)


def _count(value: Value) -> int | None:
    return value if isinstance(value, int) else None
