"""The schema, once for all tests of this package."""

from collections.abc import Callable

import pytest
from graphql import GraphQLSchema, build_schema

from graph.engine import Engine
from graph.schema import catalogue as catalogues
from graph.schema.definitions import define, definitions_of
from k8s.kinds.kind import Kind
from k8s.transport.sender import Sender
from resolvers.kinds.families import FAMILIES
from resolvers.links.members import Family, Owner
from tests.graph.fleets import Asking, fleet_of
from tests.graph.ordinary.engine import ordinary_engine


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Returns the engine, ready to execute."""
    return Engine()


@pytest.fixture(scope="session")
def schema(engine: Engine) -> GraphQLSchema:
    """Returns the schema as clients know it."""
    schema = build_schema(engine.sdl)
    define(schema, definitions_of(engine.schema))
    return schema


@pytest.fixture(scope="session")
def ask(engine: Engine) -> Callable[..., Asking]:
    """Returns a function that asks a fleet of senders: `ask(sender, ...)("{ pods { totalCount } }")`."""

    def over(*senders: Sender) -> Asking:
        return Asking(engine, fleet_of(senders))

    return over


@pytest.fixture(scope="session")
def ask_with() -> Callable[..., Callable[..., Asking]]:
    """Returns a function that asks senders by a schema with further members: `ask_with(family, ...)(sender, ...)`.

    A schema takes a second under load, so fixtures of a module make it once; `is_compared` with the ordinary execution.
    """

    def over(*families: Family, is_compared: bool = False) -> Callable[..., Asking]:
        of_kinds = tuple(family for family in families if isinstance(family.owner, Kind))
        owned = tuple((family, "A type of tests.") for family in families if isinstance(family.owner, Owner))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(catalogues, "FAMILIES", (*FAMILIES, *of_kinds))
            patch.setattr(catalogues, "_OWNED", (*catalogues._OWNED, *owned))
            made = catalogues.catalogue.__wrapped__()
            patch.setattr("graph.build.catalogue", lambda: made)
            engine = Engine()
            if is_compared:
                ordinary_engine(engine)

        def asking(*senders: Sender) -> Asking:
            return Asking(engine, fleet_of(senders))

        return asking

    return over


@pytest.fixture
def in_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes concurrent work proceed at the same pace, however much a busy machine does in a slice."""
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", 3600.0)
    monkeypatch.setattr("k8s.turns.steps.SLICE_S", 3600.0)
