"""What nobody expected while one cluster was asked: it becomes an error of that cluster, and the others' rows stay.

Whatever a cluster sends is translated at the border (`k8s.transport.translation`, `k8s.reading.answers`); this is for
what was forgotten there. It stands wherever the errors of single clusters are collected.
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
    """Logs what nobody expected inside, once, and raises it as an error of the cluster.

    What is known passes: errors of the cluster, of the question, and of the store, which is the same for all clusters.

    Raises:
        Unexpected: it was something else.
    """
    try:
        yield
    except (ClusterError, QueryError, StoreError):
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, it must not cost the rows of other clusters
        error_id = uuid4().hex
        _LOG.error("unexpected_error", id=error_id, cluster=cluster, exc_info=error)
        without_frames(error)
        cause = f"an internal error ended the request; the log of fleetgraph has the details under the id {error_id}."
        raise Unexpected(cluster, cause, error_id=error_id) from None
