"""Cluster names made from contexts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.kubeconfig.names import ClusterNameInvalid, dns_label


@pytest.mark.parametrize(
    ("context", "label"),
    [
        ("prod", "prod"),
        ("kind-Dev", "kind-dev"),
        ("arn:aws:eks:eu-west-1:123456789012:cluster/prod", "arn-aws-eks-eu-west-1-123456789012-cluster-prod"),
        ("gke_project_europe-west1_main", "gke-project-europe-west1-main"),
        ("admin@prod.example.com", "admin-prod-example-com"),
        ("--a--b--", "a-b"),
        ("München", "munchen"),
        ("default/api-example:6443/kube:admin", "default-api-example-6443-kube-admin"),
    ],
)
def test_a_context_becomes_a_label(context: str, label: str) -> None:
    assert dns_label(context) == label


def test_long_contexts_that_differ_at_the_end_get_different_labels() -> None:
    labels = {dns_label("a" * 80 + end) for end in ("-blue", "-green")}

    assert sorted(len(label) for label in labels) == [63, 63]


@pytest.mark.parametrize("context", ["", "///", "東京"])
def test_a_context_without_a_letter_or_digit_is_refused(context: str) -> None:
    with pytest.raises(ClusterNameInvalid, match="give one with --name"):
        dns_label(context)


@given(st.text("aZ0-_./é:", max_size=150))
def test_a_label_is_a_dns_label(context: str) -> None:
    try:
        label = dns_label(context)
    except ClusterNameInvalid:
        return
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label)
