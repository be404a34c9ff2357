"""Which fleetgraph this is."""

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version


@lru_cache(maxsize=1)
def fleetgraph_version() -> str:
    """The installed version, or words where nothing is installed; read once, because anybody may ask for it."""
    try:
        return version("fleetgraph")
    except PackageNotFoundError:
        return "(run from its sources, not installed)"
