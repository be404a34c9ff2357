"""Which fleetgraph this is."""

from importlib.metadata import PackageNotFoundError, version


def fleetgraph_version() -> str:
    """The installed version, or words where nothing is installed."""
    try:
        return version("fleetgraph")
    except PackageNotFoundError:
        return "(run from its sources, not installed)"
