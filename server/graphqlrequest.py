"""From the bytes of a body to a GraphQL request (GraphQL over HTTP, "Request Parameters")."""

from typing import Final

import msgspec

from server.execution import GraphqlRequest
from server.replies import Refusal


class _Body(msgspec.Struct, rename="camel"):
    """What the specification knows; other entries are ignored, as it says."""

    query: str
    variables: dict[str, object] | None = None
    operation_name: str | None = None
    extensions: dict[str, object] | None = None


_DECODER: Final = msgspec.json.Decoder(_Body)


def decode_request(body: bytes) -> GraphqlRequest:
    """The request that a body holds.

    Raises:
        Refusal: 400; the body is no JSON, or no object with a `query`, or an entry has the wrong type.
    """
    if body.lstrip()[:1] == b"[":
        raise Refusal(400, "Batches are not accepted: send one request at a time.")
    try:
        decoded = _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise Refusal(400, f"The body is no GraphQL request: {error}.") from error
    except RecursionError as error:
        raise Refusal(400, "The body is nested too deeply.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, "The body is no JSON in UTF-8.") from error
    return GraphqlRequest(decoded.query, decoded.variables, decoded.operation_name)
