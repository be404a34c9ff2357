"""The names in specs of pods, in every place where the API allows one."""

from collections.abc import Callable, Iterator

import pytest

from k8s.kinds.builtin import DEPLOYMENT, POD
from k8s.kinds.models import built_in_structures
from resolvers.kinds.podspecs.references import (
    claim_names,
    claim_reads,
    config_map_names,
    config_map_reads,
    secret_names,
    secret_reads,
)
from tests.controlplane.json_object import JsonObject
from tests.resolvers.decoded import row

NAMED = {"volumes", "initContainers", "containers", "ephemeralContainers"}
"""Lists whose items have names of their own."""
READS = (*config_map_reads(), *secret_reads(), *claim_reads())


def paths(structure: str, before: str, above: tuple[str, ...]) -> Iterator[str]:
    """Yields all paths of leaves below a structure."""
    for field in built_in_structures()[structure].fields:
        path = f"{before}.{field.key}"
        if field.structure is None:
            yield path
        elif field.structure not in above:
            yield from paths(field.structure, path, (*above, field.structure))


def names_in_structures(word: str) -> set[str]:
    """Returns the paths with a name of an object whose kind is a key on the way."""
    found = set[str]()
    for path in paths("PodSpec", "spec", ("PodSpec",)):
        *way, last = path.split(".")
        named = word in last.casefold() if last.endswith("Name") else last == "name" and word in way[-1].casefold()
        if named or (word == "secret" and path == "spec.imagePullSecrets.name"):
            found.add(path)
    return found


@pytest.mark.parametrize(("word", "reads"), [("configmap", config_map_reads()), ("secret", secret_reads())])
def test_every_place_of_the_api_is_read(word: str, reads: tuple[str, ...]) -> None:
    assert {path for path in reads if path.split(".")[-2:][0] not in NAMED and not path.endswith(".optional")} == (
        names_in_structures(word)
    )


@pytest.mark.parametrize(
    ("reads", "names"), [(config_map_reads, config_map_names), (secret_reads, secret_names)], ids=["maps", "secrets"]
)
def test_the_name_in_each_place_is_found(
    reads: Callable[..., tuple[str, ...]], names: Callable[..., list[str]]
) -> None:
    for path in names_in_structures("configmap" if reads is config_map_reads else "secret"):
        assert names(row(POD, *READS, spec=_with_name(path)).spec) == ["wanted"], path


def test_a_template_is_read_below_its_path() -> None:
    prefix = "spec.template.spec"
    containers: list[JsonObject] = [{"name": "app", "envFrom": [{"configMapRef": {"name": "settings"}}]}]
    deployment = row(DEPLOYMENT, *config_map_reads(prefix), spec={"template": {"spec": {"containers": [*containers]}}})

    assert config_map_names(deployment.spec.template.spec) == ["settings"]


def test_names_are_in_order_once_and_never_empty() -> None:
    volumes: list[JsonObject] = [
        {"name": "one", "configMap": {"name": "b"}},
        {"name": "two", "configMap": {"name": "a"}},
        {"name": "three", "configMap": {"name": "b"}},
        {"name": "four", "configMap": {"name": ""}},
        {"name": "five", "configMap": {}},
        {"name": "six", "projected": {}},
    ]
    pod = row(POD, *READS, spec={"volumes": [*volumes]})

    assert config_map_names(pod.spec) == ["b", "a"]
    assert secret_names(pod.spec) == []


def test_claims_are_named_or_made_for_the_pod() -> None:
    volumes: list[JsonObject] = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data-web"}},
        {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
        {"name": "empty", "emptyDir": {}},
    ]
    pod = row(POD, *READS, spec={"volumes": [*volumes]})

    assert claim_names(pod.spec, "web") == ["data-web", "web-scratch"]
    assert claim_names(pod.spec) == ["data-web"]


def test_an_object_without_a_spec_names_nothing() -> None:
    pod = row(POD, *READS)

    assert (config_map_names(pod.spec), secret_names(pod.spec), claim_names(pod.spec, "web")) == ([], [], [])


def _with_name(path: str) -> JsonObject:
    """Returns the spec of a pod with a name at a path, through lists where there are some."""
    spec: JsonObject = {}
    structure, value, keys = "PodSpec", spec, path.split(".")[1:]
    for key in keys[:-1]:
        field = built_in_structures()[structure].field(key)
        assert field is not None
        assert field.structure is not None
        inner: JsonObject = {}
        value[key] = [inner] if field.is_list else inner
        structure, value = field.structure, inner
    value[keys[-1]] = "wanted"
    return spec
