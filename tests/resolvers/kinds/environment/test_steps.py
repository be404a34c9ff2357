"""Long environments are made in short steps, whatever a pod has: the work of each step is counted in calls."""

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from k8s.kinds.builtin import POD
from resolvers.kinds.environment.expansion import MOST_CHARACTERS
from resolvers.kinds.environment.making import EnvironmentMaker
from resolvers.kinds.environment.objects import EnvironmentObjects
from resolvers.kinds.environment.reading import READS
from resolvers.kinds.environment.variables import EnvironmentVariable
from tests.controlplane.json_object import JsonObject
from tests.resolvers.decoded import row

MOST_CALLS = 2_500
ALL_ANNOTATIONS = {"fieldRef": {"fieldPath": "metadata.annotations"}}


def _maker(
    container: Mapping[str, Any],
    annotations: Mapping[str, str] | None = None,
    charge: Callable[[int], None] = lambda _size: None,
) -> EnvironmentMaker:
    metadata: JsonObject = {"annotations": {**(annotations or {})}}
    pod = row(POD, *READS, metadata=metadata, spec={"containers": [{"name": "app", **container}]})
    return EnvironmentMaker(pod, pod.spec.containers[0], EnvironmentObjects(), frozenset(), charge)


def _most_calls(maker: EnvironmentMaker) -> tuple[int, list[EnvironmentVariable]]:
    """Returns the calls of the longest step, of Python and of C, and the variables."""
    calls = most = 0
    made: list[EnvironmentVariable] = []

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    steps, is_over = maker.made(), False
    while not is_over:
        calls = 0
        sys.setprofile(count)
        try:
            next(steps)
        except StopIteration as end:
            made, is_over = end.value, True
        finally:
            sys.setprofile(None)
        most = max(most, calls)
    return most, made


def test_references_beside_many_missing_objects_take_short_steps() -> None:
    missing = [{"prefix": f"P{place}_", "configMapRef": {"name": f"m{place}"}} for place in range(1000)]
    env = [{"name": "A", "value": "$(B)" * 3000}, {"name": "C", "value": "$(P7_X)"}]

    most, made = _most_calls(_maker({"envFrom": missing, "env": env}))

    assert most < MOST_CALLS
    assert [one.error for one in made[:1000]] == [f'configmap "m{place}" not found' for place in range(1000)]
    assert [(one.name, one.value, one.error) for one in made[1000:]] == [
        ("A", "$(B)" * 3000, None),
        ("C", None, 'configmap "m7" not found'),
    ]


def test_many_sources_and_variables_take_short_steps() -> None:
    missing = [{"secretRef": {"name": "s"}}] * 1000
    env = [{"name": f"A{place}", "value": "x"} for place in range(1000)]

    most, made = _most_calls(_maker({"envFrom": missing, "env": env}))

    assert (most < MOST_CALLS, len(made)) == (True, 2000)


def test_a_text_of_all_annotations_is_made_and_charged_once() -> None:
    charges = list[int]()
    env = [{"name": f"A{place}", "valueFrom": ALL_ANNOTATIONS} for place in range(200)]

    most, made = _most_calls(_maker({"env": env}, {"a": "b" * 1000}, charges.append))

    assert {one.value for one in made} == {f'a="{"b" * 1000}"'}
    assert sum(charges) == 1004
    assert most < MOST_CALLS


def test_a_text_that_no_process_starts_with_is_not_made() -> None:
    charges = list[int]()
    long = {str(place): "x" * 1000 for place in range(MOST_CHARACTERS // 1000 + 1)}

    most, (made,) = _most_calls(_maker({"env": [{"name": "A", "valueFrom": ALL_ANNOTATIONS}]}, long, charges.append))

    assert (made.value, made.error) == (None, "It has more than 131072 characters; no process starts with that.")
    assert (sum(charges), most < MOST_CALLS) == (0, True)
