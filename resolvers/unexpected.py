"""Unexpected errors while one cluster is asked: each becomes an error of that cluster, and the others' rows remain.

Answers of clusters are translated at the border (`k8s.transport.exceptionmapping`, `k8s.reading.responsedecoder`); this
module is for cases that are missing there. It is used wherever the errors of single clusters are collected.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import structlog

from k8s.errors import ClusterError
from resolvers.errors import QueryError, without_frames
from store.errors import StoreError

_LOG = structlog.get_logger(__name__)


class Unexpected(ClusterError):
    """An error of fleetgraph while it asked one cluster; the log has its details under `id`."""

    reason = "Unexpected"

    def __init__(self, cluster: str, cause: str, *, error_id: str) -> None:
        super().__init__(cluster, cause)
        self.id = error_id


@contextmanager
def contained(cluster: str) -> Iterator[None]:
    """Logs an unexpected error of its body once, and raises it as an error of the cluster.

    Errors of the cluster, of the query, and of the store, which is the same for all clusters, pass unchanged.

    Raises:
        Unexpected: any other exception was raised.
    """
    try:
        yield
    except (ClusterError, QueryError, StoreError):
        raise
    except Exception as error:  # noqa: BLE001  no error of one cluster may cost the rows of the others
        error_id = uuid4().hex
        _LOG.error("unexpected_error", id=error_id, cluster=cluster, exc_info=error)
        without_frames(error)
        cause = f"an internal error ended the request; the log of fleetgraph has the details under the id {error_id}."
        raise Unexpected(cluster, cause, error_id=error_id) from None
