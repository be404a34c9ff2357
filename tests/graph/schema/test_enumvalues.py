"""The case of the values of enums: ours in capitals, Kubernetes' words as Kubernetes writes them."""

import re
from collections.abc import Mapping
from enum import Enum
from operator import attrgetter
from pathlib import Path
from typing import Final

import pytest

from graph.schema.enums import MEANINGS
from resolvers.kinds.autoscaling.metrictargets import MetricTargetType
from resolvers.kinds.batch.job import JobState
from resolvers.kinds.environment.variables import EnvironmentSourceKind
from resolvers.kinds.health.objecthealth import HealthStatus
from resolvers.kinds.networking.policypeer import TrafficDirection
from resolvers.kinds.scheduling.podgroup import SchedulingPolicy

KUBERNETES_WORDS: Final[Mapping[type[Enum], str]] = {
    HealthStatus: "kstatus",
    JobState: "condition types of Jobs, and kubectl's STATUS",
    MetricTargetType: "`spec.metrics.*.target.type`",
    SchedulingPolicy: "kubectl's POLICY",
    TrafficDirection: "`spec.policyTypes`",
    EnvironmentSourceKind: "kinds",
}
"""Enums with the words of Kubernetes, and where they are from."""

OURS: Final = re.compile(r"[A-Z]+(_[A-Z]+)*")
THEIRS: Final = re.compile(r"([A-Z][a-z]+)+")


@pytest.mark.parametrize("enum", sorted(MEANINGS, key=attrgetter("__name__")), ids=attrgetter("__name__"))
def test_values_have_the_case_of_their_origin(enum: type[Enum]) -> None:
    case = THEIRS if enum in KUBERNETES_WORDS else OURS

    assert [name for name in enum.__members__ if not case.fullmatch(name)] == []


def test_the_document_names_the_enums_with_words_of_kubernetes() -> None:
    page = (Path(__file__).parents[3] / "docs" / "schema.md").read_text()
    rule = page[page.index("- Values of enums") : page.index("## Versions")]

    assert {name for name in re.findall(r"`([A-Z][A-Za-z]+)`", rule) if name != "String"} == {
        *(enum.__name__ for enum in KUBERNETES_WORDS),
    }
