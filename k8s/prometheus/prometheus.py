"""The client of one cluster's Prometheus.

A direct Prometheus is asked without any credential. Through the API server it is asked as the caller, whose right to
`get services/proxy` decides. A Prometheus may be slow, or answer anything: its answer is limited in time, and in size
by FLEETGRAPH_MAX_ANSWER_BYTES.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import time

from k8s import errors
from k8s.prometheus.address import PrometheusAddress, PrometheusAddressInvalid, is_direct, prometheus_address
from k8s.prometheus.rangequery import RangeQuery, RecordedSeries, read_series
from k8s.prometheus.refusal import explanation, refused
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.responsehead import NotJson
from k8s.transport.sender import Sender


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One Prometheus, for one caller.

    Attributes:
        sender: Sends requests to it, or to the API server that passes them on.
        text: Its address, checked when it is used.
    """

    sender: Sender
    text: str

    @property
    def is_direct(self) -> bool:
        """Returns whether it is asked itself, so that no right of the caller in the cluster decides."""
        return is_direct(self.text)

    @property
    def labels(self) -> Mapping[str, str]:
        """Returns the labels that the cluster's series have there; none if the address is invalid."""
        try:
            return dict(prometheus_address(self.text).labels)
        except PrometheusAddressInvalid:
            return {}

    async def series(self, query: RangeQuery, *, most_series: int, deadline: Deadline) -> Sequence[RecordedSeries]:
        """Returns the series of a query.

        Raises:
            ClusterError: There is no answer in time, or it is a refusal, too large, or has no or too many series.
        """
        place = self._address().place
        call = Call(
            place.query_path,
            verb="get",
            target=place.target,
            query=(*query.parameters, ("timeout", f"{max(1, int(deadline.left_s * 1000))}ms")),
            most_bytes=None,
            explanation=explanation,
        )
        try:
            body = await self.sender.send(call, deadline)
        except errors.StatusError as error:
            raise refused(error) from error
        except NotJson as error:
            cause = "the answer of its Prometheus is not JSON; is its address right?"
            raise errors.ProtocolBroken(self.sender.name, cause) from error
        except (errors.Unreachable, errors.TimedOut) as error:
            if self.is_direct or type(error) is errors.ProtocolBroken:
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
