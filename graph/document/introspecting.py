"""Introspection in slices, with a limit.

graphql-core completes introspection without a break: all types with their fields, arguments and descriptions take most
of a second. No cluster is asked for it, so no other limit applies.
"""

from collections.abc import Sequence
from typing import Any, Final, cast

from graphql import GraphQLList, GraphQLObjectType, GraphQLSchema, get_named_type
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.planning.levels import FieldDetailsList
from graph.schema.federation import SERVICE, SERVICE_FIELD, SubgraphSdl
from k8s.turns.turns import Pace
from resolvers.errors import LimitExceeded

_SHORT: Final = 4
"""Items of a list that is completed without a break."""
_CHARACTERS_OF_A_FIELD: Final = 10
"""Characters of the schema as text that cost as much as one introspected field."""


class IntrospectingExecutor(StrawberryGraphQLCoreExecutionContext):
    """Completes long lists of introspection types item by item.

    Attributes:
        introspected_fields: fields of introspection types in the answer so far.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.introspected_fields = 0

    def introspect(self, fields: int) -> None:
        """Counts fields of the schema's own types.

        Raises:
            LimitExceeded: they are more than an answer may have.
        """
        self.introspected_fields += fields
        most: int = self.context_value.limits.introspected_fields
        if self.introspected_fields > most:
            raise LimitExceeded(
                f"The answer has more than {most} fields of the schema's own types "
                "(FLEETGRAPH_MAX_INTROSPECTED_FIELDS). Ask for fewer of them at once."
            )

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Executes a field; counts it, if it is one of the schema's own types."""
        if parent_type.name.startswith("__"):
            self.introspect(1)
        elif parent_type.name == SERVICE:
            source = self  # the resolver of `sdl` counts its text
        return super().execute_field(parent_type, source, field_details_list, path, position_context)

    def complete_list_value(
        self,
        return_type: GraphQLList[Any],
        field_details_list: FieldDetailsList,
        info: Any,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Completes a list, in slices if it is a long one of the schema's own types."""
        is_ours = get_named_type(return_type).name.startswith("__")
        complete = self._in_slices if is_ours and len(result) > _SHORT else super().complete_list_value
        return complete(return_type, field_details_list, info, path, result, position_context)

    async def _in_slices(
        self,
        return_type: GraphQLList[Any],
        details: FieldDetailsList,
        info: Any,
        path: Path,
        items: Sequence[Any],
        context: Any,
    ) -> list[Any]:
        pace, completed = Pace(), list[Any]()
        for index, item in enumerate(items):
            await pace.breathe()
            self.introspect(0)  # over the limit no item is begun: the error of each of its fields would take time
            item_path = Path(path, index, None)
            of_type = return_type.of_type
            if self.complete_list_item_value(item, completed, of_type, details, info, item_path, context):
                completed[-1] = await completed[-1]
        return completed


def attach_sdl(schema: GraphQLSchema) -> None:
    """Gives `_service { sdl }` its resolvers."""
    sdl = SubgraphSdl(schema)

    async def resolve(executor: IntrospectingExecutor, _info: object) -> str:
        text = await sdl.text()
        executor.introspect(len(text) // _CHARACTERS_OF_A_FIELD)
        return text

    cast(GraphQLObjectType, schema.query_type).fields[SERVICE_FIELD].resolve = lambda _source, _info: schema
    cast(GraphQLObjectType, schema.type_map[SERVICE]).fields["sdl"].resolve = resolve
