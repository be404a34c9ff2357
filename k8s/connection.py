"""One API server, asked with one credential, and not asked in vain.

A `Connection` is the only thing that can reach a cluster: nothing passes an address and a credential separately.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from k8s import errors
from k8s.body import OnPrefix
from k8s.breaker import Admission, Breaker
from k8s.call import Call
from k8s.credential import Credential
from k8s.deadline import Deadline
from k8s.endpoint import Endpoint
from k8s.exchange import OWN_CREDENTIAL, UNOBSERVED, Observer
from k8s.impersonation import Impersonation
from k8s.limits import ConnectionLimits
from k8s.throttle import Throttle
from k8s.tokensource import TokenSource
from k8s.translation import BrokenOff
from k8s.transport import Transport

_TRIES = 3
"""Of a read that is put off: the first one, and two more."""
_FAIR_SHARE = 0.5
"""The part of a deadline in which a cluster that works has answered one request."""


class Connection:
    """Sends calls to one cluster: pauses that it asks for and a breaker before, further tries behind."""

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        *,
        credential: Credential | TokenSource,
        limits: ConnectionLimits | None = None,
        observer: Observer = UNOBSERVED,
        acting_as: Impersonation | None = None,
        breaker: Breaker | None = None,
        throttle: Throttle | None = None,
        identity: str = OWN_CREDENTIAL,
    ) -> None:
        """Takes one cluster and one identity; it is not opened yet.

        Args:
            name: The cluster's, for messages.
            endpoint: Where it is.
            credential: What proves to it who asks.
            limits: What it may cost.
            observer: Who watches.
            acting_as: Whom it is asked as, if not whom the credential is.
            breaker: Shared by all connections to the cluster: one that does not answer one of them answers none.
            throttle: Shared likewise: one that asks to be left alone means everyone.
            identity: Whom the API server sees, in words for who watches.
        """
        self.name = name
        self.endpoint = endpoint
        self.breaker = breaker or Breaker()
        self.throttle = throttle or Throttle()
        self._last_failure: errors.ClusterError | None = None
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

    def __repr__(self) -> str:
        return f"Connection({self.name!r}, {self.endpoint.server!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The decoded body of the answer to `call`.

        Args:
            call: what to ask.
            deadline: covers everything, the second try included; it runs only in here.
            on_prefix: called with the first bytes of the body before the rest has arrived; once for each try.

        Raises:
            ClusterError: whatever went wrong. A read that broke is tried once more; one that was put off, as often as
                the deadline allows, and at most `_TRIES` times. Another refusal is not tried again, and a write never.
        """
        with deadline.running():
            for tries_left in reversed(range(_TRIES)):
                await self._turn(call, deadline)
                try:
                    with self._judged(self._admission(), deadline):
                        return await self._sent(call, deadline, on_prefix)
                except errors.StatusError as error:
                    if error.retry_after_s is None:
                        raise
                    self.throttle.pause(error.retry_after_s)
                    if not (tries_left and call.method == "GET" and self.throttle.wait_s < deadline.left_s):
                        raise
            raise AssertionError("the last try returns or raises")

    async def _turn(self, call: Call, deadline: Deadline) -> None:
        """Waits while the API server wants to be left alone; not at all if it wants it for longer than there is."""
        wait_s = self.throttle.wait_s
        if deadline.left_s and wait_s >= deadline.left_s:
            cause = f"it sheds load, and asks to be left alone for {wait_s:.0f} s more."
            refused = errors.TooManyRequests(self.name, cause, status=429)
            refused.retry_after_s = wait_s
            raise refused
        await self.throttle.wait(deadline.left_s)
        if not deadline.left_s:
            cause = f"its {deadline.timeout_s:.3g} s were over before it could be asked to {call.verb} {call.target}."
            raise errors.TimedOut(self.name, cause)

    async def _sent(self, call: Call, deadline: Deadline, on_prefix: OnPrefix | None) -> bytes:
        try:
            return await self._transport.exchange(call, timeout_s=deadline.left_s, on_prefix=on_prefix)
        except BrokenOff:
            if call.method != "GET":
                raise
        return await self._transport.exchange(call, timeout_s=deadline.left_s, on_prefix=on_prefix)

    @property
    def server_certificate_expires_at(self) -> datetime | None:
        """When the certificate ends that the API server showed last; None before there was a connection."""
        return self._transport.server_certificate_expires_at

    async def close(self) -> None:
        """Ends all connections at once; requests under way fail."""
        await self._transport.close()

    async def retire(self) -> None:
        """Ends all connections as soon as nothing is under way on them, because another connection took over."""
        await self._transport.retire()

    def _admission(self) -> Admission:
        admission = self.breaker.admit()
        if admission is None:
            wait_s = max(1.0, self.breaker.retry_in_s)
            why = self._last_failure.cause if self._last_failure else "no answer."
            cause = f"it failed a moment ago and is asked again in {wait_s:.0f} s: {why}"
            raise errors.CircuitOpen(self.name, cause)
        return admission

    @contextmanager
    def _judged(self, admission: Admission, deadline: Deadline) -> Iterator[None]:
        """Tells the breaker how it went.

        A caller that goes away, or a credential of no use, says nothing about the cluster; nor does one that had spent
        most of its time before on other requests: who asks for much must not close the cluster to everybody.
        """
        was_open = self.breaker.failures > 0
        had_time = deadline.left_s >= deadline.timeout_s * _FAIR_SHARE
        try:
            yield
        except (errors.StatusError, errors.ProtocolBroken):
            self.breaker.succeeded()
            raise
        except (errors.Unreachable, errors.TimedOut) as error:
            self._last_failure = error
            if had_time or isinstance(error, errors.Unreachable):
                self.breaker.failed(admission)
            else:
                self.breaker.released(admission)
            raise
        except BaseException:
            self.breaker.released(admission)
            raise
        else:
            self.breaker.succeeded()
        finally:
            if (self.breaker.failures > 0) is not was_open:
                self._observer.judged(self.name, is_open=not was_open)
