"""The engine, with the source of the types of custom kinds."""

from graph.engine import Engine
from graph.schema.definitions import taken_names
from resolvers.types.learnedtypes import LearnedTypes
from server.settings.limits import document_limits
from server.settings.settings import Settings


def typed_engine(settings: Settings) -> tuple[Engine, LearnedTypes]:
    """Returns an engine and the types of its custom kinds, of which none is learned yet."""
    types = LearnedTypes(most=settings.max_types)
    engine = Engine(
        document_limits(settings),
        may_introspect=settings.introspection,
        types=types,
        most_schemas=settings.max_schemas,
        has_masks=settings.masking.has_own,
    )
    types.taken_types, types.taken_fields = taken_names(engine.schema)
    return engine, types
