"""The note beside an answer without rows, if no cluster exists for its caller."""

import shlex
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from graph.request import GraphqlRequest
from server.cli.query.answered import Answered, Asks
from server.terminal.output import note

_QUERY: Final = "{ viewer { name administrator } clusters { name } }"
_NOT_REGISTERED: Final = (
    "No clusters are registered. Register some with: fleetgraph clusters import. To try fleetgraph without one, run: "
    "fleetgraph demo"
)


class _Viewer(msgspec.Struct):
    name: str
    administrator: bool


class _ViewerData(msgspec.Struct):
    viewer: _Viewer
    clusters: list[object]


class _ViewerResponse(msgspec.Struct):
    data: _ViewerData


class _Rows(msgspec.Struct):
    data: Any = None
    errors: list[object] = []


async def note_without_clusters(asks: Asks, answer: Answered) -> None:
    """Prints a note if an answer has no rows because no cluster exists for the caller; raises as `asks` does."""
    rows = msgspec.json.decode(answer.body, type=_Rows)
    sizes = list(_sizes(rows.data))
    if rows.errors or not sizes or any(sizes):
        return
    try:
        found = msgspec.json.decode((await asks(GraphqlRequest(_QUERY))).body, type=_ViewerResponse).data
    except msgspec.DecodeError:  # of another GraphQL server
        return
    if found.clusters:
        return
    if found.viewer.administrator:
        note(_NOT_REGISTERED)
    else:
        name = found.viewer.name
        note(
            f"No cluster exists for {name}. An administrator grants some, such as with: "
            f"fleetgraph grants add --user {shlex.quote(name)} --all-clusters --cluster-role view"
        )


def _sizes(value: Any) -> Iterator[int]:
    """Yields the sizes of the lists of an answer, and its total counts."""
    if isinstance(value, list):
        yield len(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "totalCount" and isinstance(item, int):
                yield item
            else:
                yield from _sizes(item)
