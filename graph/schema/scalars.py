"""Scalars of Kubernetes beyond GraphQL's own; values are passed as the API server sent them."""

from collections.abc import Callable
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from graph.schema.federation import ANY_ENTITY, AnyEntity
from k8s.kinds.structure import FieldFormat
from resolvers.kinds import leaves
from resolvers.kinds.leaves import Quantity, QuantityMap, StringMap, Time

Int64 = NewType("Int64", int)
IntOrString = NewType("IntOrString", object)
Base64 = NewType("Base64", str)
JSON = NewType("JSON", object)


def _scalar(name: str, description: str, *, specified_by: str | None = None) -> ScalarDefinition:
    pass_on: Callable[[Any], Any] = lambda value: value  # noqa: E731  as decoded
    return strawberry.scalar(
        name=name, description=description, serialize=pass_on, parse_value=pass_on, specified_by_url=specified_by
    )


_API_CONVENTIONS = (
    "https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md"
)

SCALARS: dict[object, ScalarDefinition] = {
    Int64: _scalar("Int64", "A whole number of 64 bits, as a JSON number; JavaScript reads it exactly up to 2^53."),
    Quantity: _scalar(
        "Quantity",
        'An amount of a resource as Kubernetes writes it, as "1500m", "2Gi" or "0.5".',
        specified_by="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/",
    ),
    IntOrString: _scalar("IntOrString", "A number or a text, as a port by number or name, or a count or percentage."),
    Time: _scalar("Time", "A moment as RFC 3339 writes it.", specified_by="https://www.rfc-editor.org/rfc/rfc3339"),
    Base64: _scalar("Base64", "Bytes as base64.", specified_by="https://www.rfc-editor.org/rfc/rfc4648#section-4"),
    StringMap: _scalar("StringMap", "A JSON object whose values are texts, as labels; keys are never renamed."),
    QuantityMap: _scalar("QuantityMap", "A JSON object of quantities by resource name."),
    AnyEntity: ANY_ENTITY,
    JSON: _scalar("JSON", "Any JSON value, as the API server sent it.", specified_by=_API_CONVENTIONS),
}

LEAVES: dict[FieldFormat, object] = {
    FieldFormat.STRING: str,
    FieldFormat.INT32: int,
    FieldFormat.INT64: Int64,
    FieldFormat.NUMBER: float,
    FieldFormat.BOOLEAN: bool,
    FieldFormat.TIME: Time,
    FieldFormat.BYTES: Base64,
    FieldFormat.QUANTITY: Quantity,
    FieldFormat.INT_OR_STRING: IntOrString,
    FieldFormat.STRING_MAP: StringMap,
    FieldFormat.QUANTITY_MAP: QuantityMap,
    FieldFormat.ANY: JSON,
}

IDENTIFIERS: dict[object, object] = {leaves.ObjectId: strawberry.ID}
