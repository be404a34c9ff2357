"""Answers of usual pods: the same as by all rules."""

import pytest

from k8s.kinds.builtin import POD
from resolvers.kinds.core.podresources import LIMIT_READS, REQUEST_READS, pod_limits, pod_requests
from resolvers.kinds.core.usualpods import limits_of, requests_of
from resolvers.kinds.resources import resources
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.decoded import row
from tests.resolvers.kinds.totals.generatedpods import pods

READS = (*REQUEST_READS, *LIMIT_READS)


@pytest.mark.parametrize("seed", range(2))
def test_answers_are_those_of_all_rules(seed: int) -> None:
    for generated in pods(100, seed=seed):
        spec, status = generated["spec"], generated["status"]
        assert isinstance(spec, dict)
        assert isinstance(status, dict)
        for init in ({}, {"initContainers": spec["initContainers"]}):
            own: JsonObject = {name: spec[name] for name in spec if name != "initContainers"} | init
            pod = row(POD, *READS, spec=own, status=status)
            assert requests_of(pod) == resources(pod_requests(pod))
            assert limits_of(pod) == resources(pod_limits(pod))


def test_pods_that_are_alike_share_their_answer() -> None:
    containers: list[JsonValue] = [{"name": "a", "resources": {"requests": {"cpu": "123m"}, "limits": {"cpu": "1"}}}]
    one, other = (row(POD, *READS, spec={"containers": containers}) for _ in range(2))

    assert requests_of(one) is requests_of(other)
    assert limits_of(one) is limits_of(other)


def test_long_quantities_are_not_remembered() -> None:
    containers: list[JsonValue] = [{"name": "a", "resources": {"requests": {"x" * 2000: "123m"}}}]
    one, other = (row(POD, *READS, spec={"containers": containers}) for _ in range(2))

    assert requests_of(one) == requests_of(other)
    assert requests_of(one) is not requests_of(other)
