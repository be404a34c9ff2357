"""The client of one cluster's Prometheus.

A direct Prometheus is asked without any credential. Through the API server it is asked as the caller, whose right to
`get services/proxy` decides. A Prometheus may be slow, or answer anything: its answer is limited in time, and in size
by FLEETGRAPH_MAX_ANSWER_BYTES.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Final

from k8s import errors
from k8s.prometheus.address import PrometheusAddress, PrometheusAddressInvalid, is_direct, prometheus_address
from k8s.prometheus.rangequery import RangeQuery, RecordedAnswer, Taking, read_series
from k8s.prometheus.refusal import explanation, refused
from k8s.transport.bodymemory import PORTION, Portion
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.responsehead import NotJson
from k8s.transport.sender import Sender

_USUAL_METRIC: Final = "container_memory_working_set_bytes"


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

    async def series(self, query: RangeQuery, *, taking: Taking, deadline: Deadline) -> RecordedAnswer:
        """Returns the needed series of a query. The memory of the body is taken until they are decoded.

        Raises:
            ClusterError: There is no answer in time, or it is a refusal, too large, no result, or has too many points.
        """
        portion = Portion()
        outer = PORTION.set(portion)
        try:
            body = await self._body(query, deadline)
            return await read_series(body, query, cluster=self.sender.name, taking=taking)
        finally:
            PORTION.reset(outer)
            portion.release()

    async def _body(self, query: RangeQuery, deadline: Deadline) -> bytes:
        place = self._address().place
        call = Call(
            place.query_path,
            verb="get",
            target=place.target,
            query=(*query.parameters, ("timeout", f"{max(1, int(deadline.left_s * 1000))}ms")),
            most_bytes=None,
            is_passed_on=True,
            explanation=explanation,
        )
        try:
            return await self.sender.send(call, deadline)
        except errors.StatusError as error:
            raise refused(error) from error
        except NotJson as error:
            cause = "the answer of its Prometheus is not JSON; is its address right?"
            raise errors.ProtocolBroken(self.sender.name, cause) from error
        except (errors.Unreachable, errors.TimedOut) as error:
            if self.is_direct or type(error) is errors.ProtocolBroken:
                raise type(error)(error.cluster, f"its Prometheus: {error.cause}", reason=error.reason) from error
            raise

    async def check(self, deadline: Deadline) -> None:
        """Asks for a constant, and for a series of usage with the labels of the cluster, if there are any.

        Raises:
            ClusterError: There is no answer in time, or one without them.
        """
        cause = "its Prometheus sends no result of a query over a range; is its address right?"
        await self._require("vector(1)", cause, deadline)
        if self.labels:
            selector = ",".join(f"{name}={json.dumps(value)}" for name, value in self.labels.items())
            cause = (
                "its Prometheus has no container_memory_working_set_bytes with the labels of its address; is it right?"
            )
            await self._require(f"count({_USUAL_METRIC}{{{selector}}})", cause, deadline)

    async def _require(self, expression: str, cause: str, deadline: Deadline) -> None:
        now_s = int(time())
        query = RangeQuery(expression, now_s, now_s, 60)
        if not (await self.series(query, taking=Taking(1), deadline=deadline)).series:
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
