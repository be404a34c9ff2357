"""One request to an API server, before it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from k8s.transport.path import ApiPath

JSON = "application/json"
SMALL_ANSWER_BYTES: Final = 2**20
"""The limit of an answer that is neither a list nor a selected object. A version has less than 1 KB, a token or a
review less than 10 KB, a SelfSubjectReview with a thousand groups 100 KB. The answer to a creation is the object
itself."""


def unexplained(_body: bytes) -> str:
    """Returns no explanation: nothing of the body of a refusal is shown."""
    return ""


@dataclass(frozen=True, slots=True)
class Call:
    """A request, with the words for an error message about it.

    Attributes:
        path: The checked path, without the query.
        verb: The verb of Kubernetes' RBAC (`list`, `get`, `create`).
        target: The object of the verb in an error message (`pods`, `pod web-0 in namespace shop`).
        query: Names and values, not encoded.
        accept: The accepted media type.
        body: JSON to POST; None for a read.
        most_bytes: The limit of the answer, decompressed; None for that of the largest answers.
        is_text: Whether the server may call its JSON `text/plain`, as it does with the index of OpenAPI documents.
        is_passed_on: Whether another server behind the cluster's API server answers, whose refusals are not about the
            credential; those of the API server have a Status.
        is_stream: Whether the answer is passed on as it arrives; then it is not compressed.
        explanation: Returns the text of a refusal's body that may be shown (`StatusError.explanation`).
    """

    path: ApiPath
    verb: str
    target: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    body: bytes | None = None
    most_bytes: int | None = SMALL_ANSWER_BYTES
    is_text: bool = False
    is_passed_on: bool = False
    is_stream: bool = False
    explanation: Callable[[bytes], str] = unexplained

    @property
    def method(self) -> str:
        """Returns the HTTP method: DELETE for the verb `delete`, POST with a body, else GET."""
        if self.verb == "delete":
            return "DELETE"
        return "GET" if self.body is None else "POST"

    def answer_bytes(self, largest: int) -> int:
        """Returns the limit of the answer in bytes, if `largest` is the limit of any answer."""
        return largest if self.most_bytes is None else min(self.most_bytes, largest)
