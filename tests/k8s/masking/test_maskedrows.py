"""Rows never have masked values: they are dropped while they are decoded."""

from typing import Any

import msgspec
import pytest

from k8s.errors import ProtocolBroken
from k8s.kinds.builtin import CONFIG_MAP, CONTROLLER_REVISION, DEPLOYMENT, POD, SECRET
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import COPIES, STANDARD, Masking
from k8s.reading.decoder import Undecodable
from k8s.reading.listing import ListRequest
from k8s.reading.reader import ClusterReader
from k8s.reading.rowdecoders import object_decoder
from k8s.reading.selection import selection_of
from k8s.transport.deadline import Deadline
from tests.k8s.listsender import ListSender
from tests.k8s.wholelist import read_whole

CANARY = "s3cr3t-canary"
COPY = COPIES[0]
HELM = {"owner": "helm"}


def _decoded(kind: Kind, paths: list[str], value: dict[str, Any], masking: Masking = STANDARD) -> Any:
    """Returns the sent JSON of a decoded object."""
    decoder = object_decoder(kind.name, selection_of(["metadata.name", *paths]), kind, None, masking.of(kind))
    metadata = {"name": "a", **value.pop("metadata", {})}
    row = decoder.decode(msgspec.json.encode({"metadata": metadata, **value}))
    return msgspec.json.decode(msgspec.json.encode(row))


def _body(kind: Kind, *items: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"kind": f"{kind.name}List", "metadata": {}, "items": items})


def test_values_of_a_secret_are_null_and_its_keys_stay() -> None:
    secret = {"data": {"password": CANARY, "empty": None}, "stringData": {"token": CANARY}, "type": "Opaque"}

    assert _decoded(SECRET, ["data", "stringData", "type"], secret) == {
        "metadata": {"name": "a"},
        "data": {"password": None, "empty": None},
        "stringData": {"token": None},
        "type": "Opaque",
    }


def test_only_copies_of_the_secret_are_masked_among_its_annotations() -> None:
    annotations = {COPY: CANARY, "team": "shop"}

    decoded = _decoded(SECRET, ["metadata.annotations"], {"metadata": {"annotations": annotations}})

    assert decoded["metadata"]["annotations"] == {COPY: None, "team": "shop"}


@pytest.mark.parametrize("data", [None, "text", 5, ["a"]])
def test_data_that_is_no_map_is_null(data: object) -> None:
    assert _decoded(SECRET, ["data"], {"data": data})["data"] is None


def test_a_release_of_helm_is_masked_and_its_labels_are_decoded_for_that() -> None:
    release = {"metadata": {"labels": HELM, "annotations": {COPY: CANARY}}, "data": {"release": CANARY}}

    decoded = _decoded(CONFIG_MAP, ["data", "metadata.annotations"], release)

    assert decoded["data"] == {"release": None}
    assert decoded["metadata"]["annotations"] == {COPY: None}


def test_data_of_other_config_maps_is_shown() -> None:
    assert _decoded(CONFIG_MAP, ["data"], {"data": {"release": "1"}})["data"] == {"release": "1"}
    assert _decoded(CONFIG_MAP, ["data"], {"metadata": {"labels": {"owner": "x"}}, "data": {"a": "1"}})["data"] == {
        "a": "1"
    }


@pytest.mark.parametrize(
    ("kind", "masked", "path", "value", "shown"),
    [
        (POD, "pods:spec.nodeName", "spec.nodeName", {"spec": {"nodeName": CANARY}}, {"spec": {"nodeName": None}}),
        (
            POD,
            "pods:spec.containers.env.value",
            "spec.containers.env.value",
            {"spec": {"containers": [{"env": [{"value": CANARY}]}, {}]}},
            {"spec": {"containers": [{"env": [{"value": None}]}, {"env": None}]}},
        ),
        (
            POD,
            "pods:spec.containers",
            "spec.containers.image",
            {"spec": {"containers": [{"image": CANARY}]}},
            {"spec": {"containers": None}},
        ),
        (
            POD,
            "pods:spec.containers.args",
            "spec.containers.args",
            {"spec": {"containers": [{"args": [CANARY]}]}},
            {"spec": {"containers": [{"args": None}]}},
        ),
        (
            DEPLOYMENT,
            "deployments:spec.template",
            "spec.template.spec.nodeName",
            {"spec": {"template": {"spec": {"nodeName": CANARY}}}},
            {"spec": {"template": {"spec": {"nodeName": None}}}},
        ),
        (
            POD,
            "pods:spec.containers.resources.limits.cpu",
            "spec.containers.resources.limits",
            {"spec": {"containers": [{"resources": {"limits": {"cpu": "3", "memory": "1Gi"}}}]}},
            {"spec": {"containers": [{"resources": {"limits": {"cpu": None, "memory": "1Gi"}}}]}},
        ),
        (
            CONTROLLER_REVISION,
            "controllerrevisions:data.spec.token",
            "data",
            {"data": {"spec": [{"token": CANARY, "port": 1}]}},
            {"data": {"spec": [{"token": None, "port": 1}]}},
        ),
        (
            CONFIG_MAP,
            'configmaps:data["tls.key"]',
            "data",
            {"data": {"tls.key": CANARY, "tls.crt": "x"}},
            {"data": {"tls.key": None, "tls.crt": "x"}},
        ),
    ],
)
def test_a_path_of_the_operator_is_masked_in_each_format(
    kind: Kind, masked: str, path: str, value: dict[str, Any], shown: dict[str, Any]
) -> None:
    decoded = _decoded(kind, [path], value, Masking(masked_paths(masked)))

    assert {key: decoded[key] for key in shown} == shown


async def test_lists_and_single_reads_are_masked() -> None:
    secret = {"metadata": {"namespace": "shop", "name": "db"}, "data": {"password": CANARY}}
    reader = ClusterReader(ListSender({"": [_body(SECRET, secret)]}))
    selection = selection_of(["metadata.namespace", "metadata.name", "data"])
    single = ClusterReader(ListSender({"": [msgspec.json.encode({"kind": "Secret", **secret})]}))

    whole = await read_whole(reader, ListRequest(SECRET, "Secret", selection))
    one = await single.get(
        SECRET, structure="Secret", selection=selection, namespace="shop", name="db", deadline=Deadline(5)
    )

    assert [row.data for row in whole.rows] == [{"password": None}]
    assert one is not None
    assert one.data == {"password": None}


async def test_a_secret_that_cannot_be_decoded_is_not_quoted() -> None:
    broken = {"metadata": {"namespace": "shop", "name": 5, "annotations": {COPY: CANARY}}, "data": {CANARY: CANARY}}
    reader = ClusterReader(ListSender({"": [_body(SECRET, broken)] * 2}))
    request = ListRequest(SECRET, "Secret", selection_of(["metadata.namespace", "metadata.name", "data"]))

    with pytest.raises(ProtocolBroken) as refused:
        await read_whole(reader, request)

    error: BaseException | None = refused.value
    while error is not None:
        assert CANARY not in repr(error)
        error = error.__cause__


def test_a_map_of_texts_with_masked_keys_still_has_texts_only() -> None:
    with pytest.raises(Undecodable, match="expected texts"):
        _decoded(SECRET, ["metadata.annotations"], {"metadata": {"annotations": {"team": 5}}})
