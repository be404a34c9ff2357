"""The answers that prove that an API server is there and accepts a credential, whatever else it refuses.

An administrator may deny the version (`system:public-info-viewer`), a gateway all POST requests, and older servers have
no SelfSubjectReview. None of this keeps anyone from reading objects. So each answer to any question is proof, and so is
a refusal by a Status (k8s.io/apimachinery), which no other server sends; but not 401, 429 or 5xx.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Literal, TypeVar

import msgspec

from k8s.errors import (
    BrokenOff,
    CircuitOpen,
    ClusterError,
    NotConnected,
    ProtocolBroken,
    ServerFailed,
    StatusError,
    TimedOut,
    TooManyRequests,
    Unauthenticated,
    without_frames,
)
from k8s.reading.decoder import Decoder
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import CORE_PATH
from k8s.transport.sender import Sender

T = TypeVar("T")

_OF_ALL_QUESTIONS: Final = (Unauthenticated, NotConnected)
"""Errors that any other question would meet as well."""
_OF_ONE_QUESTION: Final = (StatusError, ProtocolBroken, TimedOut, BrokenOff, CircuitOpen)
"""Errors that others may not meet; a circuit breaker may be open for one kind of request alone."""
_NO_PROOF: Final = (TooManyRequests, ServerFailed)


class _CoreKinds(msgspec.Struct):
    """The kinds of the core group: only their envelope, which no other server sends."""

    kind: Literal["APIResourceList"]


_DECODER: Final = Decoder(_CoreKinds)


class Proof:
    """The answers of one API server to several questions, within one deadline.

    Attributes:
        is_given: Whether an answer has proved that the server is there.
    """

    def __init__(self, sender: Sender, deadline: Deadline) -> None:
        self.is_given = False
        self._sender = sender
        self._deadline = deadline
        self._error: ClusterError | None = None

    async def ask(self, question: Callable[[Sender, Deadline], Awaitable[T]]) -> T | None:
        """Returns the answer to a question; None if there is none, or if it is unusable.

        Raises:
            ClusterError: No question can be answered: there is no connection, or the credential is not accepted.
        """
        try:
            answer = await question(self._sender, self._deadline)
        except _OF_ALL_QUESTIONS:
            raise
        except _OF_ONE_QUESTION as error:
            self._note(error)
            return None
        self.is_given = self.is_given or answer is not None
        return answer

    async def require(self) -> None:
        """Asks a last question, for the kinds of the core group, if no answer was proof.

        Raises:
            ClusterError: That question has no answer either; it is the error of the first question.
        """
        if not self.is_given:
            first = self._error
            await self.ask(_read_core_kinds)
            if not self.is_given and (error := first or self._error):
                raise error

    def _note(self, error: ClusterError) -> None:
        if isinstance(error, StatusError) and error.is_of_kubernetes and not isinstance(error, _NO_PROOF):
            self.is_given = True
        self._error = self._error or without_frames(error)


async def _read_core_kinds(sender: Sender, deadline: Deadline) -> bool:
    body = await sender.send(Call(CORE_PATH, "get", "the kinds that it serves"), deadline)
    cause = "its answer is not JSON; is this the address of a Kubernetes API server?"
    return bool(await _DECODER.answer(body, cluster=sender.name, cause=cause))
