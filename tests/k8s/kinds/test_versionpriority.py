"""Kubernetes' order of versions."""

from k8s.kinds.versionpriority import version_priority


def test_stable_versions_come_first_and_unknown_ones_last() -> None:
    """Checks the example of Kubernetes' documentation on versions of custom resources."""
    ordered = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"]

    assert sorted(sorted(ordered), key=version_priority) == ordered
