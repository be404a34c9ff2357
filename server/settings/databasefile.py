"""The database of settings without a URL. Apart from the settings, whose import takes half a second."""

from pathlib import Path

from platformdirs import user_data_path


def default_database_file() -> Path:
    """Returns the SQLite file that is used without a database URL."""
    return user_data_path("fleetgraph") / "fleetgraph.db"
