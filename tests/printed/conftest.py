"""An API server with the objects of all areas that are tested, read once."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from graph.engine import Engine
from tests.conftest import running
from tests.controlplane.cluster import Cluster
from tests.printed.areas import AREAS
from tests.printed.reading import PrintedKind, printed_areas
from tests.truth.everything import everything


@pytest.fixture(scope="module")
def all_apis(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Yields an API server that also serves alpha and beta APIs."""
    yield from running(request, everything(registers_versions=False))


@pytest.fixture(scope="module")
def printed(request: pytest.FixtureRequest, all_apis: Cluster) -> Callable[[str, str], PrintedKind]:
    """Returns a function of an area and a kind, which returns its rows and answers or raises what failed."""
    functions = (item for item in request.session.items if isinstance(item, pytest.Function))
    chosen = {item.callspec.params.get("area") for item in functions if hasattr(item, "callspec")}
    areas = {area: entries for area, entries in AREAS.items() if area in chosen}
    found = asyncio.run(printed_areas(all_apis, Engine(), areas))

    def of_kind(area: str, kind: str) -> PrintedKind:
        one = found[area, kind]
        if isinstance(one, BaseException):
            raise one
        return one

    return of_kind
