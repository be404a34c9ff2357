"""The schema as a value: its types, its documents and its text.

Callers whose clusters serve the same custom kinds share a state. An operation keeps the one with which it began.
"""

from collections.abc import Iterable, Iterator
from functools import partial

from graphql import (
    GraphQLNamedType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
    print_type,
)
from graphql.utilities import print_schema

from graph.build import build_schema
from graph.document.documentcache import DocumentCache
from graph.document.documents import Documents
from graph.document.introspecting import attach_sdl
from graph.document.namedkinds import NamedKinds
from graph.document.suggesting import suggest_nothing
from graph.schema.customcatalogue import CustomTypes, custom_catalogue
from graph.schema.customschema import custom_schema
from graph.schema.definitions import definitions_of
from graph.schema.printing import printed
from graph.schema.rootdefinitions import roots_of
from k8s.turns.background import Background
from resolvers.limits import DocumentLimits
from resolvers.typedkinds import TypedKinds


class SchemaState:
    """A schema that is ready to execute.

    Attributes:
        schema: its GraphQL types.
        documents: documents, read against it.
        named_kinds: the custom kinds that documents need.
        kinds: the kinds that have a type.
    """

    def __init__(self, schema: GraphQLSchema, documents: Documents) -> None:
        self.schema = schema
        self.documents = documents
        self.named_kinds = NamedKinds(schema)
        self.kinds: TypedKinds = definitions_of(schema).kinds
        self._sdl: str | None = None

    def sdl(self) -> str:
        """Returns the schema in the schema definition language, printed each time."""
        return self._text(map(print_type, self._printed()))

    async def sdl_in_slices(self) -> str:
        """Returns the same, printed in slices at the first call."""
        if self._sdl is None:
            self._sdl = self._text(await printed(self._printed()))
        return self._sdl

    def _printed(self) -> Iterator[GraphQLNamedType]:
        for name in sorted(self.schema.type_map):
            named = self.schema.type_map[name]
            if not is_introspection_type(named) and not is_specified_scalar_type(named):
                yield named

    def _text(self, types: Iterable[str]) -> str:
        directives = [one for one in self.schema.directives if not is_specified_directive(one)]
        return "\n\n".join((print_schema(GraphQLSchema(directives=directives)), *types)) + "\n"


class SchemaStateBuilder:
    """The builder of the states of one engine, which share the cache of documents and most types."""

    def __init__(
        self, limits: DocumentLimits, *, may_introspect: bool, cache: DocumentCache, has_masks: bool = False
    ) -> None:
        self._has_masks = has_masks
        self._documents = partial(Documents, limits=limits, may_introspect=may_introspect, cache=cache)

    def built_in(self) -> SchemaState:
        """Returns the state of the built-in kinds; it takes some fifty milliseconds."""
        schema = build_schema(has_masks=self._has_masks)
        suggest_nothing(schema)
        return self._ready(schema)

    async def with_types(self, base: SchemaState, types: CustomTypes) -> SchemaState:
        """Returns the state of the kinds of `base`, which are built in, and of custom ones; made in the background."""
        definitions = definitions_of(base.schema)
        background = Background()
        catalogue = await custom_catalogue(definitions.catalogue, types, background)
        added = await background.worked(roots_of, catalogue.custom.values())
        roots = {name: root for fields in added for name, root in fields.items()} | dict(definitions.roots)
        return self._ready(await custom_schema(base.schema, roots, catalogue, background))

    def _ready(self, schema: GraphQLSchema) -> SchemaState:
        self.attach(schema)
        return SchemaState(schema, self._documents(schema))

    def attach(self, schema: GraphQLSchema) -> None:
        """Gives the fields of a schema the resolvers that they need."""
        attach_sdl(schema)
