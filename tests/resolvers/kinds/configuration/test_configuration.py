"""Derived fields of config maps, secrets, namespaces, quotas and limits."""

from typing import Any

import pytest

from k8s.kinds.builtin import CONFIG_MAP
from resolvers.kinds.configuration.componentstatus import COMPONENT_STATUSES
from resolvers.kinds.configuration.configmap import CONFIG_MAPS
from resolvers.kinds.configuration.limitrange import LIMIT_RANGES
from resolvers.kinds.configuration.namespace import NAMESPACE_DELETIONS
from resolvers.kinds.configuration.podclasses import PRIORITY_CLASSES
from resolvers.kinds.configuration.resourcequota import RESOURCE_QUOTAS
from resolvers.kinds.configuration.secret import SECRETS
from resolvers.kinds.configuration.serviceaccount import SERVICE_ACCOUNTS
from resolvers.links.members import Derived
from tests.resolvers.decoded import row
from tests.resolvers.kinds.derivedfields import conditions, derived


def test_entries_of_a_config_map_are_sorted_and_have_sizes_in_bytes() -> None:
    parts: Any = {"data": {"b": "é", "a": ""}, "binaryData": {"c": "AAE=", "d": "AAEC", "e": "AA=="}}

    assert derived(CONFIG_MAPS, "keys", **parts) == ["a", "b", "c", "d", "e"]
    assert derived(CONFIG_MAPS, "keyCount", **parts) == 5
    assert [(one["key"], one["sizeBytes"], one["isBinary"]) for one in derived(CONFIG_MAPS, "entries", **parts)] == [
        ("a", 0, False),
        ("b", 2, False),
        ("c", 2, True),
        ("d", 3, True),
        ("e", 1, True),
    ]
    assert derived(CONFIG_MAPS, "sizeBytes", **parts) == 8


def test_the_size_of_masked_values_is_unknown() -> None:
    release = row(CONFIG_MAP, "data", "metadata.labels", metadata={"labels": {"owner": "helm"}}, data={"r": "secret"})
    one = row(CONFIG_MAP, "data", "binaryData", data={"a": "1"})
    one.data = dict.fromkeys(release.data)
    members = CONFIG_MAPS.members
    sizes, total = members["entries"], members["sizeBytes"]
    assert isinstance(sizes, Derived)
    assert isinstance(total, Derived)

    assert sizes.function(one)[0].sizeBytes is None  # type: ignore[index]  # a list of entries
    assert total.function(one) is None


@pytest.mark.parametrize("family", [CONFIG_MAPS, SECRETS])
def test_an_object_without_data_has_no_keys(family: Any) -> None:
    assert derived(family, "keys") == []
    assert derived(family, "keyCount") == 0


def test_a_secret_has_keys() -> None:
    assert derived(SECRETS, "keys", data={"b": "Yg==", "a": "YQ=="}) == ["a", "b"]


def test_the_obstacles_of_a_namespace_are_its_true_conditions_by_cause() -> None:
    status = conditions(
        ("NamespaceFinalizersRemaining", "True"),
        ("NamespaceDeletionDiscoveryFailure", "False"),
        ("NamespaceContentRemaining", "True"),
        ("Other", "True"),
        reason="R",
        message="M",
        lastTransitionTime="2026-01-01T00:00:00Z",
    )

    found = derived(NAMESPACE_DELETIONS, "terminatingBecause", status=status)

    common = {"reason": "R", "message": "M", "since": "2026-01-01T00:00:00Z"}
    assert found == [
        {"condition": "NamespaceContentRemaining", **common},
        {"condition": "NamespaceFinalizersRemaining", **common},
    ]
    assert derived(NAMESPACE_DELETIONS, "terminatingBecause") == []


@pytest.mark.parametrize(
    ("used", "hard", "ratio"),
    [
        ("1500m", "2", 0.75),
        ("2Gi", "4Gi", 0.5),
        ("3", "2", 1.5),
        (None, "2", 0.0),
        ("1", "0", None),
        ("much", "2", None),
        ("1", "9e999", None),
    ],
)
def test_the_used_part_of_a_quota_is_a_ratio(used: str | None, hard: str, ratio: float | None) -> None:
    status = {"hard": {"cpu": hard}, "used": {} if used is None else {"cpu": used}}

    (resource,) = derived(RESOURCE_QUOTAS, "resources", status=status)

    assert resource == {"resource": "cpu", "used": used or "0", "hard": hard, "ratio": ratio}
    assert derived(RESOURCE_QUOTAS, "maxRatio", status=status) == ratio


def test_the_fullest_resource_of_a_quota_counts() -> None:
    status = {"hard": {"pods": "10", "cpu": "4", "x": "0"}, "used": {"pods": "9", "cpu": "1", "x": "1"}}

    assert derived(RESOURCE_QUOTAS, "maxRatio", status=status) == 0.9
    assert derived(RESOURCE_QUOTAS, "maxRatio") is None


def test_limits_are_rows_of_type_and_resource() -> None:
    limits = [
        {"type": "Pod", "max": {"memory": "1Gi", "cpu": "2"}},
        {"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "100m"}, "min": {"cpu": "1m"}},
    ]

    rows = derived(LIMIT_RANGES, "resources", spec={"limits": limits})

    assert [{key: value for key, value in one.items() if value is not None} for one in rows] == [
        {"type": "Pod", "resource": "cpu", "max": "2"},
        {"type": "Pod", "resource": "memory", "max": "1Gi"},
        {"type": "Container", "resource": "cpu", "min": "1m", "default": "1", "defaultRequest": "100m"},
    ]
    assert derived(LIMIT_RANGES, "resources") == []


@pytest.mark.parametrize(
    ("listed", "state"),
    [
        ([("Healthy", "True"), ("Healthy", "False")], "Healthy"),
        ([("Other", "True"), ("Healthy", "Unknown")], "Unhealthy"),
        ([("Other", "True")], "Unknown"),
    ],
)
def test_the_state_of_a_component_is_its_first_healthy_condition(listed: Any, state: str) -> None:
    parts = conditions(*listed, message="M", error="E")

    assert derived(COMPONENT_STATUSES, "state", **parts) == state
    assert derived(COMPONENT_STATUSES, "message", **parts) == (None if state == "Unknown" else "M")
    assert derived(COMPONENT_STATUSES, "error", **parts) == (None if state == "Unknown" else "E")


def test_defaults_of_accounts_and_classes() -> None:
    assert derived(SERVICE_ACCOUNTS, "mountsToken") is True
    assert derived(SERVICE_ACCOUNTS, "mountsToken", automountServiceAccountToken=False) is False
    assert derived(PRIORITY_CLASSES, "preempts", value=1) is True
    assert derived(PRIORITY_CLASSES, "preempts", preemptionPolicy="Never") is False
