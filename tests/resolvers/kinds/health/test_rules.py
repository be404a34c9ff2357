"""Health beside kstatus itself.

`kstatus.jsonl` has objects with the health that kstatus computes for them (sigs.k8s.io/cli-utils v0.37.2,
`status.Compute`): the 53 of its own tests first, then random ones of each kind with a rule and of others, some with
values of wrong types, then two of each built-in kind. Where kstatus answers with an error the status is Unknown.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from k8s.kinds.builtin import BUILT_IN
from resolvers.kinds.health.objecthealth import HealthStatus, ObjectHealth
from resolvers.kinds.health.objectvalues import ObjectValues
from resolvers.kinds.health.rules import RULES, health_of, health_reads

CASES: Final = [
    msgspec.json.decode(line) for line in (Path(__file__).parent / "kstatus.jsonl").read_text().splitlines()
]
NOW: Final = datetime(2026, 11, 30, 8, tzinfo=UTC)


def at(json: Any, path: str) -> Any:
    """Returns the JSON at a path of keys."""
    for key in path.split("."):
        json = json.get(key) if isinstance(json, dict) else None
    return json


def health(json: Any, reads: set[str] | None = None) -> ObjectHealth:
    """Returns the health of an object; adds the paths that are read to `reads`."""

    def value(path: str) -> object:
        if reads is not None:
            reads.add(path)
        return at(json, path)

    return health_of(group_of(json), ObjectValues(json["kind"], value, lambda: NOW))


def group_of(json: Any) -> str:
    """Returns the API group of an object."""
    group: str = json["apiVersion"].rpartition("/")[0]
    return group


def test_the_health_is_that_of_kstatus() -> None:
    different = {}
    for case in CASES:
        found = health(case["object"])
        if found.status != case["status"] or case["message"] not in {None, found.message}:
            different[case["name"]] = (found, case["status"], case["message"])

    assert different == {}


def test_the_cases_have_all_rules_and_all_results() -> None:
    counts = Counter((group_of(case["object"]), case["object"]["kind"]) for case in CASES)

    assert set(RULES) <= set(counts)
    assert {(kind.group, kind.name) for kind in BUILT_IN} <= set(counts)
    assert {case["status"] for case in CASES} == {"Current", "InProgress", "Failed", "Terminating", "Unknown"}


def test_no_rule_reads_a_path_that_is_not_decoded() -> None:
    undeclared = {case["name"]: _undeclared(case["object"]) for case in CASES}

    assert {name: paths for name, paths in undeclared.items() if paths} == {}


def _undeclared(json: Any) -> set[str]:
    reads: set[str] = set()
    health(json, reads)
    declared = health_reads(group_of(json), json["kind"])
    return {path for path in reads if not path.startswith((*declared, "metadata.")) and not _are_inside(path, declared)}


def _are_inside(path: str, declared: tuple[str, ...]) -> bool:
    """Returns True for a list of which the rules declare the keys that they read."""
    return any(read.startswith(f"{path}.") for read in declared)


@pytest.mark.parametrize(
    ("status", "part"),
    [
        ({"conditions": "Ready"}, "status.conditions is no list"),
        ({"conditions": ["Ready"]}, "an entry that is no object"),
        ({"conditions": [{"type": "Ready", "status": True}]}, "is no text"),
        ({"conditions": [{"type": "Ready", "status": "True", "message": 0}]}, "is no text"),
        ({"observedGeneration": "one"}, "status.observedGeneration is no integer"),
        ({"observedGeneration": True}, "status.observedGeneration is no integer"),
    ],
)
def test_a_status_that_is_no_status_is_unknown(status: Any, part: str) -> None:
    found = health({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"generation": 1}, "status": status})

    assert found.status is HealthStatus.Unknown
    assert part in found.message


def test_an_unknown_phase_of_a_pod_is_unknown() -> None:
    found = health({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "status": {"phase": "Dreaming"}})

    assert found == ObjectHealth(HealthStatus.Unknown, "unknown phase Dreaming")


@pytest.mark.parametrize(("age_s", "status"), [(14, HealthStatus.InProgress), (16, HealthStatus.Failed)])
def test_a_pod_has_15_seconds_to_be_scheduled(age_s: int, status: HealthStatus) -> None:
    created = (NOW - timedelta(seconds=age_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}

    found = health(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"creationTimestamp": created},
            "status": {"phase": "Pending", "conditions": [condition]},
        }
    )

    assert found.status is status
