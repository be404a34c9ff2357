"""Names like an unknown one."""

import pytest

from resolvers.nearest import nearest
from tests.processortime import in_loops

KNOWN = ("prod-eu-1", "prod-eu-2", "prod-us-1", "staging")


@pytest.mark.parametrize(
    ("unknown", "near"),
    [
        ("prod-eu", ["prod-eu-1", "prod-eu-2"]),
        ("PROD-US-1", ["prod-us-1"]),
        ("prod-us1", ["prod-us-1", "prod-eu-1", "prod-eu-2"]),
        ("stagign", ["staging"]),
        ("my-staging-cluster", ["staging"]),
        ("nothing", []),
        ("", []),
        ("x" * 10_000, []),
    ],
)
def test_the_nearest_names(unknown: str, near: list[str]) -> None:
    assert nearest(unknown, KNOWN) == near


@pytest.mark.parametrize("unknown", ["clutser-00001", "q" * 63, f"cluster-00001-prod-wset-{'x' * 30}"])
def test_thousands_of_names_take_little_time(unknown: str) -> None:
    known = [f"cluster-{number:05}-prod-west-{'x' * 30}" for number in range(5000)]

    assert in_loops(lambda: nearest(unknown, known)) < 25
