"""The strategy of a deployment, with its limits as numbers of pods."""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.reading.rowdecoders import Row

STRATEGY_READS: Final = (
    "spec.replicas",
    "spec.strategy.type",
    "spec.strategy.rollingUpdate.maxSurge",
    "spec.strategy.rollingUpdate.maxUnavailable",
)
_PERCENT: Final = re.compile(r"([0-9]{1,9})%")
_ROLLING: Final = "RollingUpdate"
_GREATEST: Final = 2**31 - 1


class RolloutStrategy(Struct, frozen=True):
    """The way in which a deployment replaces its pods."""

    type: Annotated[str, Meta(description="`RollingUpdate` or `Recreate`.")]
    maxUnavailable: Annotated[  # noqa: N815  GraphQL
        int | None,
        Meta(
            description="The number of pods that may be unavailable during a rolling update: percentages are of the "
            "desired replicas, rounded down. Null for another type."
        ),
    ]
    maxSurge: Annotated[  # noqa: N815  GraphQL
        int | None,
        Meta(
            description="The number of pods over the desired replicas during a rolling update: percentages are of the "
            "desired replicas, rounded up. Null for another type."
        ),
    ]


def strategy_of(deployment: Row) -> RolloutStrategy | None:
    """Returns the strategy; None without one. Reads `STRATEGY_READS`.

    Source: `ResolveFenceposts` in k8s.io/kubectl/pkg/util/deployment/deployment.go.
    """
    strategy = deployment.spec.strategy if deployment.spec else None
    if strategy is None:
        return None
    if strategy.type != _ROLLING or strategy.rollingUpdate is None:
        return RolloutStrategy(strategy.type or "", None, None)
    replicas = 1 if deployment.spec.replicas is None else deployment.spec.replicas
    surge = _pods(strategy.rollingUpdate.maxSurge, replicas, rounds_up=True)
    unavailable = _pods(strategy.rollingUpdate.maxUnavailable, replicas, rounds_up=False)
    if surge == unavailable == 0:
        unavailable = 1
    return RolloutStrategy(strategy.type, unavailable, surge)


def _pods(limit: int | str | None, replicas: int, *, rounds_up: bool) -> int | None:
    """Returns a number or a percentage as pods; None if it is neither, or too large."""
    if isinstance(limit, str):
        match = _PERCENT.fullmatch(limit)
        if match is None:
            return None
        product = int(match[1]) * replicas
        limit = -(-product // 100) if rounds_up else product // 100
    pods = limit or 0
    return pods if abs(pods) <= _GREATEST else None
