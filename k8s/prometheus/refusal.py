"""Errors of a Prometheus' refusals, in words that do not blame the cluster's API server or the caller's rights.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview
"""

from typing import Final

import msgspec

from k8s import errors
from k8s.reading.decoder import Decoder, Undecodable

_MOST_CHARACTERS: Final = 160
_ABOUT_QUERY: Final = "bad_data"
"""The type of errors about the text of the query. Others, such as `execution`, may name servers and other clusters."""
_KNOWN: Final = {
    "too many samples": "too many samples",
    "maximum resolution": "too many points",
    "limit": "a limit of its own",
    "timed out": "the query timed out",
    "timeout": "the query timed out",
    "deadline exceeded": "the query timed out",
}
"""The words that are shown of other errors, by words that are in them; the first counts."""


class _Refusal(msgspec.Struct):
    error_type: str = msgspec.field(default="", name="errorType")
    error: str = ""


_DECODER: Final = Decoder(_Refusal)


def explanation(body: bytes) -> str:
    """Returns the words of a Prometheus about a query that it refuses, cut to one short line; empty if there are none.

    Of an error that is not about the text of the query, only a known cause is shown, in fixed words. Characters that
    are not printable are replaced.
    """
    try:
        refusal = _DECODER.decode(body)
    except Undecodable:
        return ""
    if refusal.error_type != _ABOUT_QUERY:
        text = refusal.error.lower() if refusal.error_type else ""
        return next((cause for words, cause in _KNOWN.items() if words in text), "")
    start = refusal.error[: 2 * _MOST_CHARACTERS]
    line = " ".join(
        "".join(char if char.isprintable() or char.isspace() else "\N{REPLACEMENT CHARACTER}" for char in start).split()
    )
    return line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS - 3]}..."


def refused(error: errors.StatusError) -> errors.StatusError:
    """Returns the error for a status of a Prometheus itself; the API server's own errors stay as they are."""
    if error.is_of_kubernetes:
        return error
    status, cluster = error.status, error.cluster
    if error.explanation:
        cause = f"its Prometheus answered HTTP {status}: {error.explanation}"
    elif status in {401, 403}:
        cause = f"its Prometheus answered HTTP {status}; it must answer queries without a credential."
    else:
        cause = f"its Prometheus answered HTTP {status}."
    if status == 429:
        return errors.TooManyRequests(cluster, cause, status=status)
    return (errors.ServerFailed if status >= 500 else errors.Invalid)(cluster, cause, status=status)
