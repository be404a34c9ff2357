"""`Printed`: objects of a kind, and the cells that API servers print of them, made from GraphQL answers alone.

An area's module, such as `tests/printed/pods.py`, has entries in `PRINTED`; `tests/printed/areas.py` names the areas:

    PRINTED = (
        Printed(
            kinds.PRIORITY_CLASS,
            objects=(
                manifest("printed-high", value=1000, globalDefault=False),
                manifest("printed-never", value=-1, preemptionPolicy="Never"),
            ),
            selection="value globalDefault preemptionPolicy",
            cells={
                "Value": field("value"),
                "Global-Default": lambda priority, _now: bool(priority["globalDefault"]),
                "Age": AGE,
                "PreemptionPolicy": field("preemptionPolicy"),
            },
        ),
    )

- `cells` has one function for each heading of the kind's Table, of every priority; "Name" is there already. A function
  gets the object's answer and the time, and returns the cell as JSON has it: most are strings, some integers.
- `selection` is what the functions need; `name`, `namespace` and `metadata.creationTimestamp` are there already. Cells
  that depend on the time are made from times of the answer: a number of seconds is old when the Table is read.
- `objects` reach each branch of the kind's printer. apiVersion, kind and, for a namespaced kind, the namespace of the
  area are filled in; `status` is written through the subresource. An object with any `metadata.deletionTimestamp` is
  deleted, and stays because it has a finalizer. Those of an area are created one kind after the other, in the order of
  the entries, so that later ones may name earlier ones.
- All objects of the kind in the server are compared, those that it made itself as well.

To run one area: `pytest tests/printed -k network`; one kind: `-k network-Service`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject, JsonValue

Cell = Callable[[Any, datetime], object]
"""A function of an object's answer and of the time, which returns a printed cell."""


@dataclass(frozen=True)
class Printed:
    """One kind.

    Attributes:
        kind: the kind.
        objects: manifests that are created.
        selection: the GraphQL fields that the cells are made of.
        cells: a function for each heading except "Name".
        subresources: those that each object is written to after its creation, with the whole manifest, if it has a
            status; e.g. ("approval", "status").
        is_patched: whether subresources are written by merge patches: updates of the kind need a resource version.
    """

    kind: Kind
    objects: tuple[JsonObject, ...]
    selection: str
    cells: Mapping[str, Cell]
    subresources: tuple[str, ...] = ("status",)
    is_patched: bool = False


def manifest(
    name: str, /, *, metadata: Mapping[str, JsonValue] = MappingProxyType({}), **parts: JsonValue
) -> JsonObject:
    """Returns an object without its type: its name, further metadata, and other parts such as `spec`."""
    return {"metadata": {"name": name, **metadata}, **parts}
