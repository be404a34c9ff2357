"""Names that a shell completes: saved queries, clusters and kinds. Nothing slow is imported, and no error is shown."""

import os
import re
from typing import Final

_BEFORE_FIELD: Final = re.compile(r"(\s*\{\s*)(\w*)")


def example_names(incomplete: str) -> list[str]:
    """Returns the names of saved queries."""
    from server.cli.query.examples import examples  # noqa: PLC0415  see the package
    from server.commanderrors import InputError  # noqa: PLC0415  see the package

    try:
        return [name for name in sorted(examples()) if name.startswith(incomplete.lower())]
    except InputError:
        return []


def cluster_names(incomplete: str) -> list[str]:
    """Returns the names of clusters in the database of the settings, if that is SQLite."""
    from server.settings.databasefile import default_database_file  # noqa: PLC0415  see the package
    from store.clusters.completion import cluster_names as stored_names  # noqa: PLC0415  see the package
    from store.database.url import DatabaseUrl  # noqa: PLC0415  see the package
    from store.errors import DatabaseUrlError  # noqa: PLC0415  see the package

    text = os.environ.get("FLEETGRAPH_DATABASE_URL", "")
    try:
        file = DatabaseUrl.parse(text).file if text else default_database_file()
    except DatabaseUrlError:
        return []
    return stored_names(file, incomplete) if file is not None else []


def queries(incomplete: str) -> list[str]:
    """Returns beginnings of queries, with the field of each built-in kind's list after the first brace."""
    match = _BEFORE_FIELD.fullmatch(incomplete)
    if match is None:
        return []
    from k8s.kinds.builtin import BUILT_IN  # noqa: PLC0415  see the package
    from resolvers.names import list_name  # noqa: PLC0415  see the package

    names = sorted(list_name(kind) for kind in BUILT_IN)
    return [f"{match[1]}{name}" for name in names if name.startswith(match[2])]
