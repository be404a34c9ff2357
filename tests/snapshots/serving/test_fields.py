"""Field selectors: their grammar, and the selectable fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapshots.serving.api import SnapshotApi
from snapshots.serving.selectors.fields import Term, parsed_fields
from snapshots.serving.static import StaticContent
from snapshots.serving.status import RequestRefused
from tests.controlplane.json_object import JsonObject
from tests.snapshots.serving.asking import ask, node, pod, widget, widget_definition


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        (",,", ()),
        ("=", ()),
        ("a=b", (Term("a", "b"),)),
        ("b==c,a!=", (Term("a", "", is_negated=True), Term("b", "c"))),
        (r"a=b\,c\=d\\", (Term("a", r"b,c=d" + "\\"),)),
        ("a= b", (Term("a", " b"),)),
    ],
)
def test_terms(text: str, terms: tuple[Term, ...]) -> None:
    assert parsed_fields(text).terms == terms


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        (r"a=\b", r"invalid field selector: invalid escape sequence: \b"),
        ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
    ],
)
def test_is_refused(text: str, message: str) -> None:
    with pytest.raises(RequestRefused, match="invalid") as refused:
        parsed_fields(text)

    assert (refused.value.code, str(refused.value)) == (400, message)


@given(st.text("ab.=!,\\ é", max_size=10))
def test_any_text_is_a_selector_or_refused(text: str) -> None:
    assert _outcome(text) in {200, 400}


def _outcome(text: str) -> int:
    try:
        parsed_fields(text)
    except RequestRefused as refused:
        return refused.code
    return 200


PODS: list[JsonObject] = [
    pod(
        "a", spec={"nodeName": "n-1", "hostNetwork": True}, status={"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}]}
    ),
    pod("b", spec={"nodeName": "n-2"}, status={"phase": "Pending", "podIP": "10.0.0.2"}),
    pod("c", "other"),
]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("spec.nodeName=n-1", ["a"]),
        ("spec.host=n-2", ["b"]),
        ("spec.nodeName=", ["c"]),
        ("spec.nodeName!=", ["a", "b"]),
        ("spec.hostNetwork=false", ["b", "c"]),
        ("status.phase=Running,spec.nodeName=n-1", ["a"]),
        ("status.podIP=10.0.0.1", ["a"]),
        ("status.podIP=10.0.0.2", ["b"]),
        ("status.podIPs=10.0.0.1", []),
        ("metadata.name=b", ["b"]),
        ("metadata.name!=b", ["a", "c"]),
        ("metadata.namespace=other", ["c"]),
        ("metadata.namespace=other,metadata.name=a", []),
    ],
)
async def test_pods_are_selected(selector: str, names: list[str]) -> None:
    api = SnapshotApi(StaticContent(PODS))

    answered = await ask(api, f"/api/v1/pods?fieldSelector={selector}")

    assert sorted(answered.names) == names


async def test_defaults_of_numbers_and_switches_are_selected() -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "shop"}}
    api = SnapshotApi(StaticContent([job, node("n"), node("m", spec={"unschedulable": True})]))

    assert (await ask(api, "/apis/batch/v1/jobs?fieldSelector=status.successful=0")).names == ["j"]
    assert (await ask(api, "/api/v1/nodes?fieldSelector=spec.unschedulable=false")).names == ["n"]
    assert (await ask(api, "/api/v1/nodes?fieldSelector=spec.unschedulable=true")).names == ["m"]


@pytest.mark.parametrize("source", [{"source": {"component": "kubelet"}}, {"reportingComponent": "kubelet"}])
async def test_events_have_a_source_of_two_fields(source: JsonObject) -> None:
    event = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "shop"}, **source}
    api = SnapshotApi(StaticContent([event]))

    assert (await ask(api, "/api/v1/events?fieldSelector=source=kubelet")).names == ["e"]


async def test_custom_resources_are_selected_by_what_their_definition_declares() -> None:
    objects = [widget_definition(selectable=(".spec.color",)), widget("w", "red"), widget("v", "blue")]
    api = SnapshotApi(StaticContent(objects))

    selected = await ask(api, "/apis/example.com/v1/widgets?fieldSelector=spec.color=red")
    refused = await ask(api, "/apis/example.com/v1/widgets?fieldSelector=spec.size=1")

    assert selected.names == ["w"]
    assert (refused.status, refused.message) == (400, "field label not supported: spec.size")


async def test_other_fields_are_refused_in_the_words_of_the_kind() -> None:
    api = SnapshotApi(StaticContent([]))

    async def message(path: str) -> str:
        answered = await ask(api, f"{path}?fieldSelector=spec.x=1")
        assert answered.status == 400
        return answered.message

    assert await message("/api/v1/pods") == "field label not supported: spec.x"
    assert await message("/apis/batch/v1/jobs") == 'field label "spec.x" not supported for Job'
    known = 'only "metadata.name", "metadata.namespace"'
    assert await message("/apis/apps/v1/deployments") == f'"spec.x" is not a known field selector: {known}'
