"""A connection to one API server with one credential, with circuit breakers, pauses and retries.

A `Connection` is the only thing that can reach a cluster: no code passes an address and a credential separately.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime

from k8s import errors
from k8s.credentials.credential import Credential
from k8s.credentials.impersonation import Impersonation
from k8s.credentials.tokens import RenewedToken
from k8s.endpoint import Endpoint
from k8s.resilience.circuitbreaker import CircuitBreaker
from k8s.resilience.flow import Flow, flow_of
from k8s.resilience.rejections import circuit_open, throttled
from k8s.resilience.resilience import Permit, Rejection, Resilience
from k8s.resilience.slot import slot_released
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.exceptionmapping import LocalDelay
from k8s.transport.exchange import OWN_CREDENTIAL, UNOBSERVED, Observer
from k8s.transport.limits import ConnectionLimits
from k8s.transport.transport import Transport

_TRIES = 3
"""The tries of a throttled read: the first one, and two retries."""
_FAIR_SHARE = 0.5
"""The part of a deadline in which a working cluster answers one request."""
_PATIENCE_S = 2.0
"""Seconds that a request waits for its turn at a cluster that answers no request."""


class Connection:
    """Sends calls to one cluster: through its throttle and circuit breakers, with retries of reads."""

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        *,
        credential: Credential | RenewedToken | None,
        limits: ConnectionLimits | None = None,
        observer: Observer = UNOBSERVED,
        acting_as: Impersonation | None = None,
        resilience: Resilience | None = None,
        identity: str = OWN_CREDENTIAL,
    ) -> None:
        """Takes one cluster and one identity, without connecting yet.

        Args:
            name: The cluster's name, for messages.
            endpoint: The cluster's address.
            credential: The credential, or the source of its tokens; None for a server that asks for none.
            limits: The limits of the connection.
            observer: The observer of its exchanges.
            acting_as: The impersonated user; None for the credential's own.
            resilience: The circuit breakers and the throttle, shared by all connections to the cluster.
            identity: The user that the API server sees, as the observer is to call it.
        """
        self.name = name
        self.endpoint = endpoint
        self.resilience = resilience or Resilience()
        self._identity = _identity_name(identity, acting_as)
        self._observer = observer
        self._transport = Transport(
            name,
            endpoint,
            credential=credential,
            limits=limits or ConnectionLimits(),
            observer=observer,
            acting_as=acting_as,
            identity=identity,
        )

    @property
    def breaker(self) -> CircuitBreaker:
        """Returns the circuit breaker of the whole cluster."""
        return self.resilience.breaker

    def __repr__(self) -> str:
        return f"Connection({self.name!r}, {self.endpoint.server!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the decoded body of the answer to `call`.

        Args:
            call: The request.
            deadline: The deadline of all tries together. It runs only in here, and not while an exec plugin runs or
                waits for its turn, which have limits of their own.
            on_prefix: Called with the first bytes of the body before the rest has arrived, once for each try.

        Raises:
            ClusterError: The call failed. A read that broke off is retried once; a throttled one as often as the
                deadline allows, with at most `_TRIES` tries. Other refusals are not retried, and writes never.
        """
        await self.prepare(deadline)
        flow = flow_of(call, self._identity)
        with deadline.running():
            for tries_left in reversed(range(_TRIES)):
                await self._wait_for_throttle(call, flow, deadline)
                try:
                    with self._recorded(await self._permit(flow, deadline), deadline):
                        return await self._exchange(call, deadline, on_prefix)
                except errors.StatusError as error:
                    if error.retry_after_s is None or not (tries_left and call.method == "GET"):
                        raise
                    if self.resilience.throttle.pause_of(flow).seconds >= deadline.left_s:
                        raise
            raise AssertionError("the last try returns or raises")

    async def _wait_for_throttle(self, call: Call, flow: Flow, deadline: Deadline) -> None:
        """Waits for the end of a pause; raises at once if the pause is longer than the time left."""
        throttle = self.resilience.throttle
        while deadline.left_s and throttle.pause_of(flow).seconds:
            await _wait_without_slot(self._pause_over(flow, deadline), deadline.left_s)
        if not deadline.left_s:
            cause = (
                f"its timeout of {deadline.timeout_s:.3g} s passed before the request to {call.verb} {call.target} "
                "was sent."
            )
            raise errors.TimedOut(self.name, cause)
        throttle.send(flow)

    async def _pause_over(self, flow: Flow, deadline: Deadline) -> None:
        throttle = self.resilience.throttle
        while (left_s := deadline.left_s) and (pause := throttle.pause_of(flow)).seconds:
            if pause.seconds >= left_s:
                raise throttled(self.name, flow, pause)
            await throttle.wait(flow, pause, left_s)

    async def _exchange(self, call: Call, deadline: Deadline, on_prefix: OnPrefix | None) -> bytes:
        try:
            return await self._transport.exchange(call, timeout_s=deadline.left_s, on_prefix=on_prefix)
        except errors.BrokenOff:
            if call.method != "GET":
                raise
        return await self._transport.exchange(call, timeout_s=deadline.left_s, on_prefix=on_prefix)

    async def prepare(self, deadline: Deadline) -> None:
        """Does the work that precedes a request on this machine: runs an exec plugin if a token is needed.

        The request's slot is free for others meanwhile; only the wait for another one takes time of the deadline.

        Raises:
            CredentialUnusable: The plugin gives no token.
        """
        if self._transport.is_prepared:
            return
        with ExitStack() as retaking, suppress(TimeoutError):  # the deadline knows
            async with asyncio.timeout(None) as limit, slot_released():
                await self._transport.prepare()
                retaking.enter_context(deadline.running())
                limit.reschedule(asyncio.get_running_loop().time() + deadline.left_s)

    @property
    def server_certificate_expires_at(self) -> datetime | None:
        """Returns the end of the API server's last certificate; None before the first connection."""
        return self._transport.server_certificate_expires_at

    async def close(self) -> None:
        """Closes all connections at once; requests in progress fail."""
        await self._transport.close()

    async def retire(self) -> None:
        """Closes all connections as soon as they are idle, because another connection has replaced this one."""
        await self._transport.retire()

    async def _permit(self, flow: Flow, deadline: Deadline) -> Permit:
        """Returns a permit for the request. If it is only not its turn, waits for a while.

        Raises:
            CircuitOpen: The cluster, or this flow, is paused.
        """
        patience = Deadline(min(_PATIENCE_S, deadline.left_s / 2))
        while isinstance(decision := self.resilience.admit(flow), Rejection):
            if not (decision.is_queued and patience.left_s):
                raise circuit_open(self.name, flow, decision)
            with patience.running():
                waiting = self.resilience.wait(flow, decision, most_s=patience.left_s)
                await _wait_without_slot(waiting, deadline.left_s)
        return decision

    @contextmanager
    def _recorded(self, permit: Permit, deadline: Deadline) -> Iterator[None]:
        """Records the result of the request.

        A cancelled caller, or an unusable credential, says nothing about the cluster, nor does a request that had spent
        most of its time on others before.
        """
        had_time = deadline.left_s >= deadline.timeout_s * _FAIR_SHARE
        try:
            yield
        except BaseException as error:
            self._note(permit, error, had_time=had_time)
            raise
        else:
            self.resilience.answered(permit)
            self.resilience.throttle.answered(permit.flow)
        finally:
            if self.resilience.is_open is not self.resilience.was_open:
                self.resilience.was_open = self.resilience.is_open
                self._observer.judged(self.name, is_open=self.resilience.is_open)

    def _note(self, permit: Permit, error: BaseException, *, had_time: bool) -> None:
        match error:
            case errors.StatusError() if error.retry_after_s is not None:
                self.resilience.answered(permit)
                self.resilience.throttle.pause(permit.flow, error.retry_after_s)
            case errors.StatusError() | errors.ProtocolBroken():
                self.resilience.answered(permit)
                self.resilience.throttle.answered(permit.flow)
            case errors.CircuitOpen() | LocalDelay():  # CircuitOpen of the connection for its token
                self.resilience.released(permit)
            case errors.BrokenOff():
                self.resilience.unanswered(permit, error)
            case errors.Unreachable():
                self.resilience.unreachable(permit, error)
            case errors.NotConnected() if had_time:
                self.resilience.unreachable(permit, error)
            case errors.TimedOut() if had_time:
                self.resilience.unanswered(permit, error)
            case _:
                self.resilience.released(permit)


async def _wait_without_slot(waiting: Awaitable[object], within_s: float) -> None:
    """Waits without a slot. Past the time limit it returns without an error: the deadline knows."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s), slot_released():
            await waiting


def _identity_name(identity: str, acting_as: Impersonation | None) -> str:
    """Returns the name of the identity; no user's name equals that of another identity."""
    if acting_as is not None:
        return repr(acting_as.user)
    return "" if identity == OWN_CREDENTIAL else identity
