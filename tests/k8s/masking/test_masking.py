"""Masks of kinds: values become null, maps keep their keys, and copies of the object are masked with it."""

import re
from typing import Any

import pytest

from k8s.kinds.builtin import (
    CONFIG_MAP,
    DEPLOYMENT,
    EVENT,
    EVENTS_EVENT,
    HORIZONTAL_POD_AUTOSCALER,
    NODE,
    POD,
    SECRET,
)
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import COPIES, STANDARD, Masking

APPLICATION = Kind("argoproj.io", "v1alpha1", "Application", "applications")
COPY = COPIES[0]


def _masked(paths: str, kind: Kind, value: dict[str, Any]) -> Any:
    return Masking(masked_paths(paths)).masked(kind, value)


def test_a_secret_keeps_its_keys() -> None:
    secret = {"type": "Opaque", "data": {"password": "czNjcjN0", "empty": None}, "stringData": {"token": "s3cr3t"}}

    assert STANDARD.masked(SECRET, secret) == {
        "type": "Opaque",
        "data": {"password": None, "empty": None},
        "stringData": {"token": None},
    }


def test_the_value_itself_is_not_changed() -> None:
    secret = {"metadata": {"annotations": {COPY: "{}"}}, "data": {"password": "czNjcjN0"}}

    STANDARD.masked(SECRET, secret)

    assert secret == {"metadata": {"annotations": {COPY: "{}"}}, "data": {"password": "czNjcjN0"}}


@pytest.mark.parametrize("copy", COPIES)
def test_copies_of_a_secret_in_its_annotations_are_masked(copy: str) -> None:
    secret = {"metadata": {"name": "db", "annotations": {copy: '{"data":{}}', "team": "shop"}}}

    assert STANDARD.masked(SECRET, secret) == {"metadata": {"name": "db", "annotations": {copy: None, "team": "shop"}}}


def test_a_secret_is_masked_in_every_version() -> None:
    assert STANDARD.masked(Kind("", "v2", "Secret", "secrets"), {"data": {"a": "b"}}) == {"data": {"a": None}}


def test_a_custom_kind_called_secret_is_another_kind() -> None:
    assert STANDARD.masked(Kind("example.com", "v1", "Secret", "secrets"), {"data": 1}) == {"data": 1}


@pytest.mark.parametrize(("label", "value"), [("owner", "helm"), ("OWNER", "TILLER")])
def test_a_release_of_helm_in_a_config_map_is_masked(label: str, value: str) -> None:
    metadata = {"labels": {label: value}, "annotations": {COPY: "{}"}}

    masked = STANDARD.masked(CONFIG_MAP, {"metadata": metadata, "data": {"release": "H4sIAAAA"}})

    assert masked["data"] == {"release": None}
    assert masked["metadata"] == {"labels": {label: value}, "annotations": {COPY: None}}


@pytest.mark.parametrize("metadata", [{"labels": {"owner": "web"}}, {"labels": None}, {}, None, "text"])
def test_other_config_maps_are_shown(metadata: object) -> None:
    value = {"metadata": metadata, "data": {"release": "1"}}

    assert STANDARD.masked(CONFIG_MAP, value) == value


@pytest.mark.parametrize("text", ["argoproj.io/Application", "argoproj.io/applications", "applications.argoproj.io"])
def test_a_custom_kind_is_named_in_each_way(text: str) -> None:
    value = {"spec": {"source": {"helm": {"values": "password: s3cr3t"}, "path": "x"}}}

    masked = _masked(f"{text}:spec.source.helm.values", APPLICATION, value)

    assert masked == {"spec": {"source": {"helm": {"values": None}, "path": "x"}}}


@pytest.mark.parametrize(
    ("text", "core", "events"),
    [
        ("events:message", "message", "note"),
        ("events.events.k8s.io:note", "message", "note"),
        ("events:reportingComponent", "reportingComponent", "reportingController"),
        ("events:source.host", "source.host", "deprecatedSource.host"),
        ("events.events.k8s.io:regarding.name", "involvedObject.name", "regarding.name"),
        ("events:reason", "reason", "reason"),
    ],
)
def test_an_event_is_masked_in_both_groups_that_show_it(text: str, core: str, events: str) -> None:
    masking = Masking(masked_paths(text))

    assert masking.is_masked(EVENT, core.split("."))
    assert masking.is_masked(EVENTS_EVENT, events.split("."))
    assert not masking.is_masked(EVENT, ["type"])


def test_lists_on_the_way_are_passed_through() -> None:
    containers = [{"name": "web", "env": [{"name": "A", "value": "1"}, {"name": "B"}]}, {"name": "log"}, None]

    masked = _masked("pods:spec.containers.env.value", POD, {"spec": {"containers": containers}})

    assert masked["spec"]["containers"] == [
        {"name": "web", "env": [{"name": "A", "value": None}, {"name": "B"}]},
        {"name": "log"},
        None,
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("password: s3cr3t", None),
        (["password: s3cr3t", {"password": "s3cr3t", "port": 1}], [None, {"password": None, "port": 1}]),
        (5, 5),
        (True, True),
        (None, None),
    ],
)
def test_a_text_on_the_way_to_a_masked_place_may_hold_its_value(value: object, shown: object) -> None:
    masked = _masked("argoproj.io/Application:spec.values.password", APPLICATION, {"spec": {"values": value}})

    assert masked == {"spec": {"values": shown}}


def test_a_text_beside_a_masked_place_is_shown() -> None:
    value = {"spec": {"values": {"password": "s3cr3t", "user": "root"}, "name": "x"}}

    masked = _masked("argoproj.io/Application:spec.values.password", APPLICATION, value)

    assert masked == {"spec": {"values": {"password": None, "user": "root"}, "name": "x"}}


def test_values_of_lists_in_managed_fields_are_masked_with_a_path() -> None:
    fields: dict[str, Any] = {"f:spec": {"f:podCIDRs": {'v:"10.0.0.0/24"': {}}}}
    value = {"metadata": {"managedFields": [{"manager": "kcm", "fieldsV1": fields}]}, "spec": {"podCIDRs": ["x"]}}

    assert _masked("nodes:spec.podCIDRs", NODE, value) == {
        "metadata": {"managedFields": [{"manager": "kcm", "fieldsV1": {"f:spec": None}}]},
        "spec": {"podCIDRs": None},
    }
    assert _masked("pods:spec.nodeName", NODE, value) == value


def test_a_version_of_another_shape_hides_the_whole_part_and_its_copies_in_annotations() -> None:
    older = Kind("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
    annotations = {"autoscaling.alpha.kubernetes.io/metrics": '[{"type":"External"}]', "team": "a"}
    value = {"metadata": {"name": "a", "annotations": annotations}, "spec": {"targetCPUUtilizationPercentage": 50}}
    paths = "horizontalpodautoscalers.autoscaling:spec.metrics"

    assert _masked(paths, older, value) == {
        "metadata": {"name": "a", "annotations": dict.fromkeys(annotations)},
        "spec": {"targetCPUUtilizationPercentage": None},
    }
    assert _masked(paths, HORIZONTAL_POD_AUTOSCALER, value) == value
    assert _masked("pods:spec", older, value) == value


@pytest.mark.parametrize(
    "kind",
    [
        Kind("argoproj.io", "v1beta1", "Application", "apps"),
        Kind("argoproj.io", "v2", "Application", "applicationlist"),
    ],
    ids=str,
)
def test_a_kind_is_masked_by_its_regular_plural_however_a_cluster_calls_it(kind: Kind) -> None:
    masked = _masked("applications.argoproj.io:spec.token", kind, {"spec": {"token": "s3cr3t"}})

    assert masked == {"spec": {"token": None}}


@pytest.mark.parametrize(("name", "plural"), [("Policy", "policies"), ("Ingress", "ingresses"), ("Widget", "widgets")])
def test_regular_plurals_are_those_of_kubernetes(name: str, plural: str) -> None:
    masking = Masking(masked_paths(f"{plural}.example.com:spec.token"))

    assert masking.is_masked(Kind("example.com", "v1", name, "others"), ["spec", "token"])


@pytest.mark.parametrize("kind", [Kind("", "v1", "Secret", "others"), Kind("", "v1", "Other", "secrets")], ids=str)
def test_one_name_makes_a_secret(kind: Kind) -> None:
    assert STANDARD.masked(kind, {"data": {"password": "s3cr3t"}}) == {"data": {"password": None}}


@pytest.mark.parametrize("value", ["text", 1, True, [{"a": 1}], None])
def test_whatever_a_masked_place_holds_is_null(value: object) -> None:
    assert _masked("argoproj.io/Application:spec.token", APPLICATION, {"spec": {"token": value}}) == {
        "spec": {"token": None}
    }


def test_a_kind_with_masked_paths_has_its_copies_masked() -> None:
    value = {"metadata": {"annotations": {COPY: "{}"}}, "data": {"password": "s3cr3t", "port": "80"}}

    assert _masked("configmaps:data.password", CONFIG_MAP, value) == {
        "metadata": {"annotations": {COPY: None}},
        "data": {"password": None, "port": "80"},
    }


@pytest.mark.parametrize(
    "copy",
    [
        "kapp.k14s.io/original-diff",
        "kapp.k14s.io/original-diff-full",
        "app.oam.dev/last-applied-configuration",
        "kopf.zalando.org/last-handled-configuration",
        "kopf.example.com/db.last-handled-configuration",
        "operator.example.com/last-applied",
        "operator.example.com/last-applied-spec",
        "kubekit/last-applied-configuration",
        "last-applied",
    ],
)
def test_copies_of_further_tools_are_masked(copy: str) -> None:
    masked = STANDARD.masked(SECRET, {"metadata": {"annotations": {copy: "password: s3cr3t", "team": "shop"}}})

    assert masked["metadata"]["annotations"] == {copy: None, "team": "shop"}


def test_a_path_at_and_below_a_masked_place_is_masked() -> None:
    masking = Masking(masked_paths("argoproj.io/Application:spec.source.helm"))

    at = {path: masking.is_masked(APPLICATION, path.split(".")) for path in ("spec", "spec.source.helm.values.a")}

    assert at == {"spec": False, "spec.source.helm.values.a": True}
    assert masking.is_masked(APPLICATION, ["spec", "source", "helm"])
    assert masking.has_masked(APPLICATION, ["spec"])
    assert not masking.has_masked(APPLICATION, ["status"])


def test_columns_of_a_kind_that_the_operator_masks_are_not_shown() -> None:
    masking = Masking(masked_paths("argoproj.io/Application:spec.token"))

    assert [masking.shows_columns(kind) for kind in (APPLICATION, SECRET, CONFIG_MAP)] == [False, True, True]


def test_a_name_without_a_group_means_all_built_in_kinds_that_have_the_path() -> None:
    masking = Masking(masked_paths("events:reason"))

    assert [masking.is_masked(kind, ["reason"]) for kind in (EVENT, EVENTS_EVENT)] == [True, True]
    assert Masking(masked_paths("events:message")).is_masked(EVENT, ["message"])  # which only this one has


def test_several_paths_are_separated_by_commas_outside_of_quotes() -> None:
    paths = masked_paths(' configmaps:data["a,b"] , deployments.apps:spec.template ,')

    assert [(path.name, path.keys) for path in paths] == [
        ("configmaps", ("data", "a,b")),
        (DEPLOYMENT.plural, ("spec", "template")),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("configmaps", "'configmaps' has no path; write KIND:PATH, such as configmaps:data.password"),
        ("configmap:data", "'configmap' is no kind; did you mean configmaps or ConfigMap?"),
        (":data", "'' is no kind; write a built-in kind's plural, group/Kind or plural.group"),
        (
            "apps/Deploy:spec",
            "'apps/Deploy' is no built-in kind; this group has ControllerRevision, DaemonSet, Deployment, "
            "ReplicaSet or StatefulSet",
        ),
        (
            "v1/ConfigMap:data",
            "'v1/ConfigMap' has a version; masks are for all versions, so write group/Kind or plural.group",
        ),
        ("pods:spec.containrs", "PodSpec has no field containrs; did you mean containers or initContainers?"),
        ("pods:spec.nodeName.x", "nothing is below a value of Pod; shorten the path"),
        ("pods:", "'' is no path; write JSON keys, such as spec.token or data[\"tls.key\"]"),
        ("pods:spec..nodeName", "'spec..nodeName' is no path"),
        ("pods:spec[nodeName]", "'spec[nodeName]' is no path"),
        ("pods:metadata", "'metadata' identifies or selects objects; of metadata, only annotations can be masked"),
        ("pods:metadata.labels.app", "'metadata.labels.app' identifies or selects objects"),
        ("example.com/Widget:kind", "'kind' identifies or selects objects"),
        ("configmaps:data.tls.key", 'nothing is below a value of data; did you mean data["tls.key"]?'),
        (
            "example.com/Widget:metadata.annotations.example.com",
            'nothing is below a value of metadata.annotations; did you mean metadata.annotations["example.com"]?',
        ),
        ("secrets:metadata.annotations.a/b", 'write the key as ["a/b"], with dots only between keys'),
        ("example.com/Widget:$.spec.token", 'write the key as ["$"], with dots only between keys'),
        ("example.com/Widget:/spec/token", 'write the key as ["/spec/token"], with dots only between keys'),
        ("example.com/Widget:spec.*.token", "has a wildcard, and none is known"),
        ("example.com/Widget:spec.tokens[*]", "'spec.tokens[*]' is no path"),
        ('example.com/Widget:spec["\\x"]', '"\\x" is no JSON text'),
    ],
)
def test_an_invalid_entry_is_refused_with_its_cause(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        masked_paths(text)
