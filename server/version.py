"""The version of fleetgraph."""

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version


@lru_cache(maxsize=1)
def fleetgraph_version() -> str:
    """Returns the installed version, or a phrase if none is installed. Read once, since any client may ask for it."""
    try:
        return version("fleetgraph")
    except PackageNotFoundError:
        return "(run from its sources, not installed)"
