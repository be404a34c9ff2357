"""The variables of a container, compared with a kubelet's own rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from k8s.kinds.builtin import POD
from k8s.yamltext import finished
from resolvers.kinds.environment.making import EnvironmentMaker
from resolvers.kinds.environment.objects import EnvironmentObjects
from resolvers.kinds.environment.reading import READS
from resolvers.kinds.environment.variables import EnvironmentVariable
from tests.resolvers.decoded import row
from tests.resolvers.kinds.environment.kubelet import SECRET_VALUE, CannotStart, environment

KINDS = st.sampled_from(["configMap", "secret"])
OBJECTS = st.sampled_from(["one", "two", "gone"])
NAMES = st.sampled_from(["A", "B", "C", "P_A", "WEB_SERVICE_HOST"])
SERVICES = {"WEB_SERVICE_HOST": "10.0.0.1", "WEB_PORT": "tcp://10.0.0.1:80"}
DATA = st.dictionaries(NAMES, st.sampled_from(["1", "$(A)", "", "x$$y"]), max_size=4)
PIECES = ["$(A)", "$(B)", "$(P_A)", "$(WEB_SERVICE_HOST)", "$(WEB_PORT)", "$$", "x", "$("]
VALUES = st.lists(st.sampled_from(PIECES), max_size=4)


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Any]:
    reference = {"name": draw(OBJECTS), "optional": draw(st.booleans())}
    return {"prefix": draw(st.sampled_from(["", "P_"])), f"{draw(KINDS)}Ref": reference}


@st.composite
def variables(draw: st.DrawFn) -> dict[str, Any]:
    name = {"name": draw(NAMES)}
    if draw(st.booleans()):
        return name | {"value": "".join(draw(VALUES))}
    reference = {"name": draw(OBJECTS), "key": draw(NAMES), "optional": draw(st.booleans())}
    return name | {"valueFrom": {f"{draw(KINDS)}KeyRef": reference}}


CONTAINERS = st.fixed_dictionaries(
    {"env": st.lists(variables(), max_size=6), "envFrom": st.lists(sources(), max_size=4)}
)


def _made(
    container: Mapping[str, Any], config_maps: Mapping[str, Mapping[str, str]], secrets: Mapping[str, Sequence[str]]
) -> list[EnvironmentVariable]:
    pod = row(POD, *READS, spec={"containers": [{"name": "app", **container}]})
    objects = EnvironmentObjects(
        {("shop", name): {**data} for name, data in config_maps.items()},
        {("shop", name): dict.fromkeys(keys) for name, keys in secrets.items()},
        services={"shop": SERVICES, None: {}},
    )
    maker = EnvironmentMaker(pod, pod.spec.containers[0], objects, frozenset(), lambda _size: None)
    result: list[EnvironmentVariable] = finished(maker.made())
    return result


def _expected(
    container: Mapping[str, Any], data: Mapping[str, Mapping[str, Mapping[str, str]]]
) -> tuple[dict[str, str] | None, str]:
    """Returns the kubelet's variables; None and the error if it does not start the container."""
    try:
        return environment(container, data, SERVICES), ""
    except CannotStart as error:
        return None, str(error)


@given(CONTAINERS, DATA, DATA, DATA)
def test_makes_what_the_kubelet_makes(
    container: dict[str, Any], one: dict[str, str], two: dict[str, str], secret: dict[str, str]
) -> None:
    """Where the kubelet starts the container, values agree, or contain a Secret's; else the first error is its own."""
    hidden = dict.fromkeys(secret, SECRET_VALUE)
    made = _made(container, {"one": one, "two": two}, {"one": list(secret)})
    data = {"ConfigMap": {"one": one, "two": two}, "Secret": {"one": hidden}}
    expected, refusal = _expected(container, data)
    if expected is None:
        assert refusal in {variable.error for variable in made}
        return
    assert {variable.error for variable in made} <= {None}
    masked = {name: None if SECRET_VALUE in value else value for name, value in expected.items()}
    assert {variable.name: variable.value for variable in made} == masked


@given(CONTAINERS, DATA)
def test_no_name_comes_twice_and_masked_values_have_sources(container: dict[str, Any], data: dict[str, str]) -> None:
    made = _made(container, {"one": data}, {"one": list(data)})
    names = [variable.name for variable in made if variable.name is not None]
    assert len(names) == len(set(names))
    for variable in made:
        assert variable.value is None or variable.error is None
        assert variable.value is not None or variable.error is not None or variable.source is not None


TEXTS = ("", "a", "$(", "metadata.labels['", "\x00", "x" * 300, "9" * 400, "-1", "1e99", "limits.cpu")
HOSTILE = st.none() | st.sampled_from(TEXTS)
REFERENCES = st.fixed_dictionaries(
    {
        "fieldRef": st.none() | st.fixed_dictionaries({"apiVersion": HOSTILE, "fieldPath": HOSTILE}),
        "resourceFieldRef": st.none()
        | st.fixed_dictionaries({"resource": HOSTILE, "divisor": HOSTILE, "containerName": HOSTILE}),
        "configMapKeyRef": st.none() | st.fixed_dictionaries({"name": HOSTILE, "key": HOSTILE}),
        "secretKeyRef": st.none() | st.fixed_dictionaries({"name": HOSTILE, "key": HOSTILE}),
        "fileKeyRef": st.none() | st.fixed_dictionaries({"volumeName": HOSTILE, "path": HOSTILE}),
    }
)
ENTRIES = st.fixed_dictionaries({"name": HOSTILE, "value": HOSTILE, "valueFrom": st.none() | REFERENCES})
SOURCES = st.fixed_dictionaries(
    {"prefix": HOSTILE, "configMapRef": st.none() | st.just({}), "secretRef": st.none() | st.just({"name": None})}
)


@given(st.lists(ENTRIES, max_size=3), st.lists(SOURCES, max_size=2), st.sampled_from(TEXTS))
def test_no_object_makes_it_fail(env: list[Any], env_from: list[Any], quantity: str) -> None:
    made = _made(
        {"env": env, "envFrom": env_from, "resources": {"limits": {"cpu": quantity}, "requests": None}}, {}, {}
    )
    assert all(variable.value is None or isinstance(variable.value, str) for variable in made)
