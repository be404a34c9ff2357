"""How many files and connections the process may have open: as many as the system lets it."""

import resource
from typing import Final

import structlog

_OTHERS: Final = 512
"""Connections to clusters and the database, and files."""
_MOST: Final = 1_048_576

_LOG = structlog.stdlib.get_logger("server.filelimit")


def raise_file_limit(connections: int) -> int:
    """Raises the soft limit of open files to the hard one; returns how many connections fit, and warns if not all do.

    Args:
        connections: of callers, that there may be.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    if soft == resource.RLIM_INFINITY or soft >= connections + _OTHERS:
        return connections
    fitting = max(1, soft - _OTHERS)
    _LOG.warning("few open files allowed", open_files=soft, connections=fitting, wanted_connections=connections)
    return fitting
