"""Fields of GraphQL types, as graphql-core has them.

There are thousands at each start, and Strawberry takes seven times as long. It converts what is written as Python
classes: scalars, enums, arguments, and the types of grants. Types and arguments that many fields have are made once.
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, cast

from graphql import GraphQLArgument, GraphQLField, GraphQLList, GraphQLNonNull, GraphQLType
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import StrawberryArgument

from graph.schema.scalars import LEAVES, SCALARS
from k8s.kinds.structure import FieldFormat

Fields = dict[str, GraphQLField]


class FieldMaker:
    """Makes the fields of one schema.

    Attributes:
        converter: makes the types that are written as Python classes.
    """

    def __init__(self) -> None:
        self.converter = GraphQLCoreConverter(
            StrawberryConfig(auto_camel_case=False), {}, SCALARS, get_fields=attrgetter("fields")
        )
        self._arguments: dict[StrawberryArgument, GraphQLArgument] = {}
        self._leaves: dict[object, Any] = {}
        self._required: dict[GraphQLType, GraphQLNonNull[Any]] = {}

    def field(
        self, type_: Any, description: str, arguments: Iterable[StrawberryArgument] | None = None
    ) -> GraphQLField:
        """Returns a field without a resolver."""
        field = GraphQLField(type_, description=description)
        if arguments:
            field.args = {one.graphql_name or one.python_name: self._argument(one) for one in arguments}
        return field

    def _argument(self, argument: StrawberryArgument) -> GraphQLArgument:
        known = self._arguments.get(argument)
        if known is None:
            known = self._arguments[argument] = self.converter.from_argument(argument)
        return known

    def required(self, type_: Any) -> Any:
        """Returns the type without null, the same for all fields."""
        known = self._required.get(type_)
        if known is None:
            known = self._required[type_] = GraphQLNonNull(type_)
        return known

    def list_of(self, type_: GraphQLType) -> GraphQLList[Any]:
        """Returns the type of a list without nulls, which may be null."""
        return GraphQLList(self.required(type_))

    def leaf(self, annotation: object) -> Any:
        """Returns the scalar of a Python annotation, or the type of an enum."""
        known = self._leaves.get(annotation)
        if known is None:
            known = self._leaves[annotation] = self.converter.from_type(cast(Any, annotation))
        return known

    def scalar(self, leaf: FieldFormat) -> Any:
        """Returns the scalar of a format."""
        return self.leaf(LEAVES[leaf])
