"""The responders of evictions, whose states API servers accept step by step only."""

from typing import Any

import pytest

from resolvers.kinds.lifecycle.eviction import EVICTION_REQUESTS, EVICTIONS
from tests.resolvers.kinds.derivedfields import derived

START, END = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def status(*responders: tuple[str, dict[str, str] | None]) -> dict[str, Any]:
    """Returns a status with responders of these states, and their reports; None for no report."""
    named = [(f"r{place}", state, report) for place, (state, report) in enumerate(responders)]
    return {
        "targetResponders": [{"name": name, "state": state, "priority": 1} for name, state, _ in named],
        "responders": [{"name": name, **report} for name, _, report in named if report is not None],
    }


def shown(**parts: Any) -> dict[str, Any]:
    """Returns the progress without null values."""
    return {key: value for key, value in derived(EVICTIONS, "progress", **parts).items() if value is not None}


@pytest.mark.parametrize(
    ("responders", "expected"),
    [
        ((), {"processed": 0, "total": 0, "isReported": False}),
        ((("Inactive", {}),), {"processed": 0, "total": 1, "isReported": False}),
        (
            (("Completed", {}), ("Active", {"startTime": START, "message": " m "}), ("Inactive", {})),
            {
                "responder": "r1",
                "state": "Active",
                "processed": 2,
                "total": 3,
                "isReported": True,
                "startedAt": START,
                "message": "m",
            },
        ),
        (
            (("Completed", {}), ("Interrupted", {"startTime": START, "heartbeatTime": END, "message": " "})),
            {
                "responder": "r1",
                "state": "Interrupted",
                "processed": 2,
                "total": 2,
                "isReported": True,
                "startedAt": START,
                "heartbeatAt": END,
            },
        ),
        (
            (("Active", {"expectedCompletionTime": END}), ("Canceled", {})),
            {
                "responder": "r0",
                "state": "Active",
                "processed": 2,
                "total": 2,
                "isReported": True,
                "expectedAt": END,
            },
        ),
        (
            (("Completed", {"completionTime": END}),),
            {
                "responder": "r0",
                "state": "Completed",
                "processed": 1,
                "total": 1,
                "isReported": True,
                "completedAt": END,
            },
        ),
        (
            (("Active", None),),
            {"responder": "r0", "state": "Active", "processed": 1, "total": 1, "isReported": False},
        ),
    ],
)
def test_progress(responders: Any, expected: dict[str, Any]) -> None:
    assert shown(status=status(*responders)) == expected


def test_an_eviction_without_a_status_is_pending() -> None:
    assert shown() == {"processed": 0, "total": 0, "isReported": False}
    assert derived(EVICTIONS, "state") == derived(EVICTION_REQUESTS, "state") == "Pending"
    assert derived(EVICTIONS, "activeRequesters") == []
