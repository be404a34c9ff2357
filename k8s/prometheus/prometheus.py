"""The client of one cluster's Prometheus.

A direct Prometheus is asked without any credential. Through the API server it is asked as the caller, whose right to
`get services/proxy` decides. A Prometheus may be slow, or answer anything: its answer is limited in time and size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import time
from typing import Final

from k8s import errors
from k8s.prometheus.address import PrometheusAddress, PrometheusAddressInvalid, PrometheusEndpoint, prometheus_address
from k8s.prometheus.rangequery import RangeQuery, RecordedSeries, read_series
from k8s.prometheus.refusal import explanation, refused
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender

MOST_BYTES: Final = 16 * 1024 * 1024
"""The limit of an answer. It has about 25 bytes for a point, and at most 200,000 to 300,000 points are decoded."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One Prometheus, for one caller.

    Attributes:
        sender: Sends requests to it, or to the API server that passes them on.
        text: Its address, checked when it is used.
    """

    sender: Sender
    text: str

    async def series(self, query: RangeQuery, *, most_series: int, deadline: Deadline) -> Sequence[RecordedSeries]:
        """Returns the series of a query.

        Raises:
            ClusterError: There is no answer in time, or it is a refusal, too large, or has no or too many series.
        """
        address = self._address()
        call = Call(
            address.query_path,
            verb="get",
            target=address.target,
            query=query.parameters,
            most_bytes=MOST_BYTES,
            explanation=explanation,
        )
        try:
            body = await self.sender.send(call, deadline)
        except errors.StatusError as error:
            raise refused(error) from error
        except errors.NotJson as error:
            cause = "the answer of its Prometheus is not JSON; is its address right?"
            raise errors.ProtocolBroken(self.sender.name, cause) from error
        except (errors.Unreachable, errors.TimedOut) as error:
            if isinstance(address, PrometheusEndpoint) or type(error) is errors.ProtocolBroken:
                raise type(error)(error.cluster, f"its Prometheus: {error.cause}", reason=error.reason) from error
            raise
        return await read_series(body, query, cluster=self.sender.name, most_series=most_series)

    async def check(self, deadline: Deadline) -> None:
        """Asks for a constant; raises as `series` unless Prometheus answers it."""
        now_s = int(time())
        query = RangeQuery("vector(1)", now_s, now_s, 60)
        if not await self.series(query, most_series=1, deadline=deadline):
            cause = "its Prometheus sends no result of a query over a range; is its address right?"
            raise errors.ProtocolBroken(self.sender.name, cause)

    def _address(self) -> PrometheusAddress:
        try:
            return prometheus_address(self.text)
        except PrometheusAddressInvalid as error:
            raise unusable(self.sender.name, error) from error


def unusable(cluster: str, error: PrometheusAddressInvalid) -> errors.CredentialUnusable:
    """Returns the error for a stored address that is invalid."""
    return errors.CredentialUnusable(
        cluster, f"the address of its Prometheus is invalid: {error}; set it with `fleetgraph clusters prometheus`."
    )
