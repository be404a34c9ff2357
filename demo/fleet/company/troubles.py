"""The intended troubles of the fleet; docs/demo.md lists them for readers."""

from enum import Enum
from typing import Final

from demo.fleet.backoff import Relapse


class Trouble(Enum):
    """The trouble of a workload."""

    CRASHING = "its containers end with an error, over and over"
    OUT_OF_MEMORY = "its containers need more memory than they may have"
    STUCK = "a rollout whose image does not exist"
    NO_NODE = "some pods fit on no node"
    ROLLING = "rolled out over and over"
    UNHEALTHY = "one pod runs, but is not ready"


TROUBLES: Final = {
    ("prod-eu-1", "checkout", "checkout-api"): Trouble.STUCK,
    ("prod-eu-1", "payments", "invoice-renderer"): Trouble.OUT_OF_MEMORY,
    ("prod-us-1", "payments", "ledger-worker"): Trouble.CRASHING,
    ("prod-us-1", "search", "indexer"): Trouble.OUT_OF_MEMORY,
    ("prod-ap-1", "search", "ranker"): Trouble.NO_NODE,
    ("prod-ap-1", "identity", "mfa-sender"): Trouble.CRASHING,
    ("staging-eu-1", "search", "query-api"): Trouble.ROLLING,
    ("staging-eu-1", "checkout", "pricing"): Trouble.STUCK,
    ("staging-eu-1", "payments", "fraud-detector"): Trouble.UNHEALTHY,
    ("edge-berlin", "checkout", "order-events"): Trouble.CRASHING,
    ("edge-berlin", "data", "telemetry-buffer"): Trouble.NO_NODE,
}
"""By cluster, namespace and application."""

UNKNOWN_TAGS: Final = {"checkout-api": "2.18.3-rc1", "pricing": "3.9.0"}
"""Tags that do not exist."""

RELAPSES: Final = (
    Relapse(restarts=1, runs_s=8, paused_s=4),
    Relapse(restarts=3, runs_s=11, paused_s=40),
    Relapse(restarts=17, runs_s=9, paused_s=130),
    Relapse(restarts=42, runs_s=14, paused_s=260),
)
"""The failures of containers, pod by pod: some have few restarts, so that their number rises soon."""

EXITS: Final = {Trouble.CRASHING: (1, "Error"), Trouble.OUT_OF_MEMORY: (137, "OOMKilled")}
"""Exit code and reason."""
