"""Decoded values, and the values that are sent for them."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from graph.execution.shaping import decoded_selection, shaped
from graph.planning.levels import Constant, Entry, Leaf, Level, Nested, TypeMeta
from graph.schema.catalogue import TYPE_META, catalogue
from k8s.kinds.builtin import CRON_JOB
from k8s.reading.rowdecoders import Row, object_decoder
from k8s.reading.rowtypes import row_type
from k8s.reading.selection import Selection, selection_of

POD_SPEC = selection_of(["nodeName", "containers.name", "containers.image", "securityContext.runAsUser"])


def level(*entries: Entry, on: str = "PodSpec") -> Level:
    return Level(catalogue()[on], entries)


def nested(key: str, json_key: str, *entries: Entry, on: str, is_list: bool = False) -> Nested:
    return Nested(key, json_key, json_key, is_list, level(*entries, on=on))


def leaf(key: str, json_key: str | None = None) -> Leaf:
    return Leaf(key, json_key or key, json_key or key)


def containers(*entries: Entry, key: str = "containers") -> Nested:
    return nested(key, "containers", *entries, on="Container", is_list=True)


def decoded(selection: Selection, *bodies: str) -> list[Row]:
    decoder = msgspec.json.Decoder(list[row_type("PodSpec", selection)])  # type: ignore[misc]  # a class made at run time
    rows: list[Row] = decoder.decode(f"[{','.join(bodies)}]")
    return rows


def encoded(rows: Sequence[Row]) -> str:
    return msgspec.json.encode(rows).decode()


def test_values_that_were_decoded_for_the_level_are_passed_on() -> None:
    values = decoded(selection_of(["nodeName", "containers.name"]), '{"nodeName": "n"}')
    wanted = level(leaf("nodeName"), containers(leaf("name")))

    assert shaped(wanted, values, decoded_selection(values[0])) is values


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (level(leaf("where", "nodeName")), '[{"where":"n"}]'),
        (level(leaf("a", "nodeName"), leaf("b", "nodeName")), '[{"a":"n","b":"n"}]'),
        (
            level(containers(leaf("image"), leaf("name")), leaf("nodeName")),
            '[{"containers":[{"image":"i","name":"c"}],"nodeName":"n"}]',
        ),
        (
            level(containers(leaf("name")), containers(leaf("image"), key="again")),
            '[{"containers":[{"name":"c"}],"again":[{"image":"i"}]}]',
        ),
        (level(Constant("t", "PodSpec")), '[{"t":"PodSpec"}]'),
        (level(), "[{}]"),
        (level(containers()), '[{"containers":[{}]}]'),
    ],
)
def test_what_the_level_wants_is_sent_in_its_order(wanted: Level, expected: str) -> None:
    values = decoded(POD_SPEC, '{"nodeName": "n", "containers": [{"name": "c", "image": "i"}]}')

    assert encoded(shaped(wanted, values, POD_SPEC)) == expected


def test_names_that_changed_places_are_sent_so() -> None:
    selection = selection_of(["hostname", "nodeName"])
    values = decoded(selection, '{"hostname": "h", "nodeName": "n"}')

    rows = shaped(level(leaf("hostname", "nodeName"), leaf("nodeName", "hostname")), values, selection)

    assert encoded(rows) == '[{"hostname":"n","nodeName":"h"}]'


def test_what_was_decoded_for_something_else_is_left_out() -> None:
    values = decoded(POD_SPEC, '{"nodeName": "n", "securityContext": {"runAsUser": 9007199254740993}}')
    wanted = level(nested("securityContext", "securityContext", leaf("runAsUser"), on="PodSecurityContext"))

    assert encoded(shaped(wanted, values, POD_SPEC)) == '[{"securityContext":{"runAsUser":9007199254740993}}]'


def test_a_part_that_passes_is_passed_on_inside_one_that_does_not() -> None:
    values = decoded(POD_SPEC, '{"containers": [{"name": "c", "image": "i"}]}')
    wanted = level(containers(leaf("name"), leaf("image")))

    (rows,) = shaped(wanted, values, POD_SPEC)

    assert rows.value0 is values[0].containers


def test_an_absent_list_is_null_and_an_empty_one_is_empty() -> None:
    values = decoded(POD_SPEC, "{}", '{"containers": []}', '{"containers": null}', '{"containers": [{}, {}]}')

    rows = shaped(level(containers(leaf("title", "name"))), values, POD_SPEC)

    lists = ("null", "[]", "null", '[{"title":null},{"title":null}]')
    assert encoded(rows) == "[" + ",".join(f'{{"containers":{entry}}}' for entry in lists) + "]"


def test_none_stays_none_in_its_place() -> None:
    first, second = decoded(POD_SPEC, '{"nodeName": "a"}', '{"nodeName": "b"}')

    rows = shaped(level(leaf("n", "nodeName")), [None, first, None, second], POD_SPEC)

    assert encoded(rows) == '[null,{"n":"a"},null,{"n":"b"}]'


def test_keys_of_maps_are_never_renamed() -> None:
    selection = selection_of(["nodeSelector", "nodeName"])
    values = decoded(selection, '{"nodeSelector": {"nodeName": "x", "a.b/c-d": "", "__typename": "y"}}')

    rows = shaped(level(leaf("map", "nodeSelector")), values, selection)

    assert encoded(rows) == '[{"map":{"nodeName":"x","a.b/c-d":"","__typename":"y"}}]'


def test_nothing_is_changed_in_what_was_decoded() -> None:
    values = decoded(POD_SPEC, '{"nodeName": "n", "containers": [{"name": "c"}]}')
    before = encoded(values)

    shaped(level(leaf("other", "nodeName"), containers(leaf("x", "name"))), values, POD_SPEC)

    assert encoded(values) == before


def test_each_row_names_the_version_in_which_it_was_requested() -> None:
    """Rows of one list, of clusters that serve different versions of the kind."""
    selection = selection_of(["metadata.name"])
    kinds = [CRON_JOB, replace(CRON_JOB, version="v1beta1"), CRON_JOB]
    rows = [object_decoder("CronJob", selection, kind).decode(b'{"metadata":{"name":"c"}}') for kind in kinds]
    wanted = level(*(TypeMeta(key, value) for key, value in TYPE_META.items()), on="CronJob")

    found = shaped(wanted, rows, decoded_selection(rows[0]))

    assert encoded(found) == (
        '[{"apiVersion":"batch/v1","kind":"CronJob"},{"apiVersion":"batch/v1beta1","kind":"CronJob"},'
        '{"apiVersion":"batch/v1","kind":"CronJob"}]'
    )
