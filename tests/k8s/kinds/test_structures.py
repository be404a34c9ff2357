"""Sets of structures: additions to the built-in set, and caches that end with their set."""

import gc
import weakref
from collections.abc import Callable

import msgspec
import pytest

from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import Field, FieldFormat, Structure
from k8s.kinds.structures import Structures
from k8s.reading.rowdecoders import object_decoder, page_decoder
from k8s.reading.rowtypes import object_type, row_type
from k8s.reading.selection import selection_of

WIDGET = Kind("example.com", "v1", "Widget", "widgets")
SPEC = selection_of(["metadata.name", "spec.size"])


def _widgets(size: FieldFormat = FieldFormat.INT32) -> Structures:
    metadata = Field("metadata", "", structure="ObjectMeta", is_required=True)
    spec = Structure("WidgetSpec", "", (Field("size", "", format=size),))
    widget = Structure("Widget", "", (metadata, Field("spec", "", structure="WidgetSpec")))
    return Structures({widget.name: widget, spec.name: spec}, built_in_structures())


def test_an_addition_has_the_structures_of_both() -> None:
    widgets = _widgets()

    assert {"Widget", "WidgetSpec", "Pod"} <= set(widgets)
    assert len(widgets) == len(built_in_structures()) + 2
    assert "Gadget" not in widgets
    with pytest.raises(KeyError):
        widgets["Gadget"]


def test_an_addition_cannot_replace_a_structure() -> None:
    widgets = Structures({"Pod": Structure("Pod", "", ())}, built_in_structures())

    assert widgets["Pod"] is built_in_structures()["Pod"]
    assert widgets.holder("Pod") is built_in_structures()
    assert len(widgets) == len(list(widgets)) == len(built_in_structures())


def test_equal_sets_are_different() -> None:
    one, other = _widgets(), _widgets()

    assert one != other
    assert len({one, other}) == 2


def test_a_custom_object_is_decoded_by_its_set() -> None:
    body = b'{"metadata": {"name": "w", "uid": "u"}, "spec": {"size": 3}}'
    small, texts = _widgets(), _widgets(FieldFormat.STRING)

    row = object_decoder("Widget", SPEC, WIDGET, small).decode(body)

    assert (type(row).__name__, row.metadata.name, row.spec.size) == ("Widget", "w", 3)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=object_type("Widget", SPEC, WIDGET, texts))


@pytest.mark.parametrize("made", [object_type, page_decoder, object_decoder])
def test_a_built_in_kind_is_made_once_for_all_sets(made: Callable[..., object]) -> None:
    selection, widgets = selection_of(["metadata.name", "spec.nodeName"]), _widgets()

    assert made("Pod", selection, POD) is made("Pod", selection, POD, widgets)
    assert made("Widget", SPEC, WIDGET, widgets) is made("Widget", SPEC, WIDGET, widgets)
    assert made("Widget", SPEC, WIDGET, widgets) is not made("Widget", SPEC, WIDGET, _widgets())


def test_a_built_in_structure_is_made_once_for_all_sets() -> None:
    ports, size, widgets = selection_of(["ports.name"]), selection_of(["size"]), _widgets()

    assert row_type("Container", ports) is row_type("Container", ports, widgets)
    assert row_type("WidgetSpec", size, widgets) is row_type("WidgetSpec", size, widgets)
    assert row_type("WidgetSpec", size, widgets) is not row_type("WidgetSpec", size, _widgets())


def test_a_set_and_its_decoders_end_together() -> None:
    widgets = _widgets()
    decoder = weakref.ref(page_decoder("Widget", SPEC, WIDGET, widgets))
    ended = weakref.ref(widgets)

    del widgets
    gc.collect()

    assert ended() is None
    assert decoder() is None


@pytest.mark.parametrize("key", ["selection", "open_keys", "open_readers", "class", "_x", "none"])
def test_fields_with_names_of_rows_and_keywords_can_be_read(key: str) -> None:
    metadata = Field("metadata", "", structure="ObjectMeta", is_required=True)
    odd = Structure("Odd", "", (metadata, Field(key, "", format=FieldFormat.STRING)))
    paths = selection_of(["metadata.name", key])
    rows = object_type("Odd", paths, WIDGET, Structures({"Odd": odd}, built_in_structures()))

    row = msgspec.json.decode(msgspec.json.encode({"metadata": {"name": "a"}, key: "b"}), type=rows)

    assert getattr(row, odd.fields[1].attribute) == "b"
    assert (vars(rows)["selection"], vars(rows)["kind"]) == (paths, WIDGET)
    assert vars(rows)["open_readers"] == {}
