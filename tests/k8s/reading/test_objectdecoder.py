"""Values that are not of the types of their fields: they are None and named, and everything else is there."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.deniedvalues import MOST_NAMED, DeniedValues, ValueDenied, denied_to
from k8s.errors import ClusterError, ProtocolBroken
from k8s.kinds.builtin import CONFIG_MAP, NODE, POD
from k8s.kinds.kind import Kind
from k8s.masking.masking import STANDARD
from k8s.reading.decoder import Decoder, Undecodable
from k8s.reading.listing import ListRequest
from k8s.reading.reader import ClusterReader
from k8s.reading.rowdecoders import Row, object_decoder, page_decoder
from k8s.reading.selection import SelectionBuilder, selection_of
from k8s.transport.deadline import Deadline
from tests.graph.bodies import MadeObjects
from tests.graph.hostilesender import mutated
from tests.k8s.listsender import ListSender
from tests.k8s.wholelist import read_whole
from tests.otherturns import turns_during

PATHS: Final = (
    "metadata.name",
    "metadata.namespace",
    "metadata.labels",
    "metadata.generation",
    "spec.nodeName",
    "spec.priority",
    "spec.hostNetwork",
    "spec.overhead",
    "spec.containers.name",
    "spec.containers.args",
    "spec.containers.livenessProbe.httpGet.port",
    "status.conditions.type",
)
SELECTION = selection_of(PATHS)
WHOLE: Final[Mapping[str, Any]] = {
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}, "generation": 3},
    "spec": {
        "nodeName": "n",
        "priority": 7,
        "hostNetwork": True,
        "overhead": {"cpu": "1", "memory": 5},
        "containers": [
            {"name": "a", "args": ["x"], "livenessProbe": {"httpGet": {"port": 80}}},
            {"name": "b", "args": None},
        ],
    },
    "status": {"conditions": [{"type": "Ready"}]},
}


def _changed(path: str, value: object) -> dict[str, Any]:
    """Returns the whole pod with another value at a path, such as `spec.containers[1].name`."""
    body: dict[str, Any] = json.loads(json.dumps(WHOLE))
    *above, last = path.replace("[", ".").replace("]", "").split(".")
    place: Any = body
    for key in above:
        place = place[int(key) if isinstance(place, list) else key]
    place[int(last) if isinstance(place, list) else last] = value
    return body


async def _read(body: object, kind: Kind = POD, selection: Any = SELECTION) -> tuple[Row, DeniedValues]:
    denied = DeniedValues()
    decoder = object_decoder(kind.name, selection, kind, None, STANDARD.of(kind))
    return await decoder.read(msgspec.json.encode(body), denied), denied


def _plain(row: Row) -> Any:
    return json.loads(msgspec.json.encode(row))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.generation", "3"),
        ("metadata.generation", 1.5),
        ("metadata.labels", ["app"]),
        ("spec", 5),
        ("spec.nodeName", 7),
        ("spec.nodeName", {"a": 1}),
        ("spec.priority", "high"),
        ("spec.priority", 10**30),
        ("spec.hostNetwork", "yes"),
        ("spec.overhead", "1"),
        ("spec.containers", {"name": "a"}),
        ("spec.containers[1].name", False),
        ("spec.containers[0].args", ["x", 1]),
        ("spec.containers[0].livenessProbe.httpGet.port", 80.5),
        ("spec.containers[0].livenessProbe", []),
        ("status.conditions", "Ready"),
    ],
)
async def test_a_value_of_another_type_is_null_and_named(path: str, value: object) -> None:
    row, denied = await _read(_changed(path, value))

    expected, _ = await _read(_changed(path, None))
    assert _plain(row) == _plain(expected)
    assert (denied.named, denied.count) == ([f"{path} of pods shop/web"], 1)


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("spec.containers[0].livenessProbe.httpGet.port", "http", "http"),
        ("spec.overhead.cpu", 1.5, 1.5),
        ("metadata.labels.app", None, None),
    ],
)
async def test_a_value_that_its_field_takes_is_given_as_it_is(path: str, value: object, shown: object) -> None:
    body = _changed(path, value) | {"status": 5}

    row, denied = await _read(body)

    assert denied.count == 1
    found: Any = _plain(row)
    for key in path.replace("[", ".").replace("]", "").split("."):
        found = found[int(key) if isinstance(found, list) else key]
    assert found == shown


async def test_an_entry_of_a_map_costs_only_itself() -> None:
    labels = _changed("metadata.labels", {"app": "web", "tier": 5})
    row, denied = await _read(labels)
    assert row.metadata.labels == {"app": "web", "tier": None}
    assert denied.named == ["metadata.labels.tier of pods shop/web"]

    row, denied = await _read(_changed("spec.overhead", {"cpu": "1", "memory": True}))
    assert row.spec.overhead == {"cpu": "1"}
    assert denied.named == ["spec.overhead.memory of pods shop/web"]


async def test_a_list_of_objects_has_no_nulls() -> None:
    row, denied = await _read(_changed("spec.containers[1]", "b"))

    assert row.spec.containers is None
    assert denied.named == ["spec.containers of pods shop/web"]


async def test_a_number_out_of_range_is_null() -> None:
    denied = DeniedValues()
    body = msgspec.json.encode(WHOLE).replace(b'"priority":7', b'"priority":1e999')

    row = await object_decoder("Pod", SELECTION, POD).read(body, denied)

    assert (row.spec.priority, row.spec.nodeName) == (None, "n")
    assert denied.named == ["spec.priority of pods shop/web"]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"5",
        b'{"metadata":',
        b'{"spec":5}',
        b'{"metadata":{"namespace":"shop"},"spec":5}',
        b'{"metadata":{"name":7,"namespace":"shop"}}',
        b'{"metadata":[]}',
    ],
)
async def test_what_has_no_name_is_no_object(body: bytes) -> None:
    with pytest.raises(Undecodable):
        await object_decoder("Pod", SELECTION, POD).read(body, DeniedValues())


async def test_nobody_listens_and_nothing_is_denied() -> None:
    with pytest.raises(Undecodable):
        await object_decoder("Pod", SELECTION, POD).read(msgspec.json.encode(_changed("spec", 5)))


async def test_a_page_loses_no_row() -> None:
    items = [WHOLE, _changed("spec.nodeName", 7), _changed("metadata.generation", "x"), WHOLE]
    body = msgspec.json.encode({"kind": "PodList", "metadata": {"continue": "t"}, "items": items})
    denied = DeniedValues()

    found = await page_decoder("Pod", SELECTION, POD).read(body, denied)

    expected = [WHOLE, _changed("spec.nodeName", None), _changed("metadata.generation", None), WHOLE]
    assert [_plain(row) for row in found.items] == [_plain((await _read(item))[0]) for item in expected]
    assert denied.named == ["spec.nodeName of pods shop/web", "metadata.generation of pods shop/web"]
    assert found.metadata.continue_token == "t"


async def test_objects_with_open_paths_lose_no_row_either() -> None:
    builder = SelectionBuilder()
    builder.update(SELECTION)
    builder.add_open(("spec", "nodeName"))
    body = msgspec.json.encode({"kind": "PodList", "items": [WHOLE, _changed("spec.nodeName", 7)]})
    denied = DeniedValues()

    found = await page_decoder("Pod", builder.freeze(), POD).read(body, denied)

    assert [row.spec.nodeName for row in found.items] == ["n", None]
    assert denied.named == ["spec.nodeName of pods shop/web"]


async def test_labels_that_decide_on_masks_are_no_guess() -> None:
    """A release of Helm in a ConfigMap is masked by its label; without the label nobody knows."""
    release = {"metadata": {"name": "r", "labels": {"owner": 5}}, "data": {"release": "values"}}
    selection = selection_of(["metadata.name", "data"])

    with pytest.raises(Undecodable):
        await _read(release, CONFIG_MAP, selection)
    row, denied = await _read(
        release | {"metadata": {"name": "r", "labels": {"owner": "helm"}, "generation": "x"}},
        CONFIG_MAP,
        selection_of(["metadata.name", "metadata.generation", "data"]),
    )
    assert (row.data["release"], denied.count) == (None, 1)


async def test_other_tasks_have_turns_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    containers = [{"name": number} for number in range(500)]
    body = _changed("spec.containers", containers)

    turns = await turns_during(lambda: _read(body), monkeypatch)

    assert turns >= 500


@given(st.integers(0, 2**32 - 1), st.sampled_from((0.01, 0.1, 0.5)))
async def test_any_object_has_every_value_that_its_type_takes(seed: int, chance: float) -> None:
    """Each selected leaf outside lists is what decoding that leaf alone gives, or None."""
    made = dict(MadeObjects(seed % 50)(NODE)[0])
    broken: Any = mutated(made, Random(seed), chance)  # noqa: S311  reproducible
    if not isinstance(broken, dict) or not isinstance(broken.get("metadata"), dict):
        return
    broken["metadata"]["name"] = "n"
    leaves: Mapping[str, Any] = {
        "spec.podCIDR": str | None,
        "spec.unschedulable": bool | None,
        "metadata.generation": int | None,
    }

    row, denied = await _read(broken, NODE, selection_of(["metadata.name", *leaves, "status.capacity"]))

    lost = 0
    for path, leaf_type in leaves.items():
        value: Any = broken
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        try:
            expected = await Decoder(leaf_type).read(json.dumps(value).encode())
        except Undecodable:
            expected, lost = None, lost + 1
        found = row
        for key in path.split("."):
            found = getattr(found, key, None)
        assert found == expected
    assert denied.count >= lost


def _request() -> ListRequest:
    return ListRequest(POD, "Pod", SELECTION)


async def test_a_listener_hears_of_the_first_ones_and_of_the_number() -> None:
    items = [_changed("metadata.name", f"web-{number}") | {"status": 5} for number in range(20)]
    body = msgspec.json.encode({"kind": "PodList", "items": items})
    heard: list[ClusterError] = []

    with denied_to(heard.append):
        listing = await read_whole(ClusterReader(ListSender({"": [body]})), _request())

    assert len(listing.rows) == 20
    assert {type(error) for error in heard} == {ValueDenied}
    assert [str(error) for error in heard] == [
        *(
            f"cluster 'alpha': the value at status of pods shop/web-{number} is not of the field's type; "
            "the field is null."
            for number in range(MOST_NAMED)
        ),
        f"cluster 'alpha': other values that are not of their fields' types: {20 - MOST_NAMED}; those fields are null.",
    ]


async def test_a_single_object_is_read_likewise() -> None:
    body = msgspec.json.encode({"kind": "Pod", **_changed("spec.nodeName", 7)})
    heard: list[ClusterError] = []

    with denied_to(heard.append):
        row = await ClusterReader(ListSender({"": [body]})).get(
            POD, structure="Pod", selection=SELECTION, namespace="shop", name="web", deadline=Deadline(5)
        )

    assert row is not None
    assert row.spec.nodeName is None
    assert len(heard) == 1


async def test_long_keys_do_not_make_long_errors() -> None:
    heard: list[ClusterError] = []
    labels = _changed("metadata.labels", {"k" * 10_000: 5})
    body = msgspec.json.encode({"kind": "PodList", "items": [labels]})

    with denied_to(heard.append):
        await read_whole(ClusterReader(ListSender({"": [body]})), _request())

    assert len(str(heard[0])) < 400


async def test_without_a_listener_the_answer_is_broken() -> None:
    body = msgspec.json.encode({"kind": "PodList", "items": [_changed("spec.nodeName", 7)]})

    with pytest.raises(ProtocolBroken):
        await read_whole(ClusterReader(ListSender({"": [body]})), _request())
