"""Label selectors: matches, and refusals of invalid ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapshots.serving.selectors.labels import parsed_labels
from snapshots.serving.status import RequestRefused

LABELS = {"app": "api", "tier": "", "size": "12", "example.com/zone": "a", "in": "x", "unset": None}
names = st.sampled_from(("app", "tier", "size", "example.com/zone", "in", "notin", "absent"))
values = st.sampled_from(("api", "", "12", "a", "in", "x"))
spaces = st.sampled_from(("", " ", "\t ", "\n"))


@pytest.mark.parametrize(
    "selector",
    [
        "",
        " ",
        "app",
        "!absent",
        "! absent",
        "app=api",
        "app==api",
        " app = api ",
        "app!=web",
        "absent!=web",
        "app in (api,web)",
        "app in(api)",
        "app notin (web)",
        "absent notin (api)",
        "tier=",
        "tier in ()",
        "tier in (,a)",
        "tier in (a,,b)",
        "tier in (a,)",
        "size>11",
        "size<13",
        "example.com/zone=a",
        "in=x",
        "in in (x)",
        "in",
        "unset=",
        "app,size,!absent",
        "app\0,size",
        "app \0=ends before",
    ],
)
def test_selects(selector: str) -> None:
    assert parsed_labels(selector).matches(LABELS)


@pytest.mark.parametrize(
    "selector",
    [
        "absent",
        "!app",
        "app=web",
        "absent=",
        "app!=api",
        "app in (web)",
        "absent in (api)",
        "app in ()",
        "app notin (api,web)",
        "size>12",
        "size<12",
        "app>1",
        "absent<1",
        "app,absent",
    ],
)
def test_does_not_select(selector: str) -> None:
    assert not parsed_labels(selector).matches(LABELS)


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (=", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("a in (b,=", "unable to parse requirement: found '=', expected: ',', or identifier"),
        ("a==(", "unable to parse requirement: found '(', expected: identifier"),
        (
            "a>x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be "
            "an integer",
        ),
    ],
)
def test_is_refused(selector: str, message: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        parsed_labels(selector)

    assert (refused.value.code, str(refused.value)) == (400, message)


@pytest.mark.parametrize(
    "selector", ["-a", "a_", "a/b/c", "/a", "A/a", "a=-b", "a=b c", f"a={'b' * 64}", f"{'a' * 64}"]
)
def test_names_and_values_that_no_label_has_are_refused(selector: str) -> None:
    with pytest.raises(RequestRefused):
        parsed_labels(selector)


@given(key=names, wanted=st.lists(values, min_size=1, max_size=4), space=spaces, is_negated=st.booleans())
def test_sets_mean_what_they_say(key: str, wanted: list[str], space: str, is_negated: bool) -> None:
    operator = "notin" if is_negated else "in"
    selector = parsed_labels(f"{key} {operator}{space}({f'{space},{space}'.join(wanted)}){space}")

    is_in = key in LABELS and (LABELS[key] or "") in wanted
    assert selector.matches(LABELS) == (is_in != is_negated)


@given(st.text("ab1=!(),<> in-./_\t\0é", max_size=12))
def test_any_text_is_a_selector_or_refused(text: str) -> None:
    assert _outcome(text) in {200, 400}


def _outcome(text: str) -> int:
    try:
        parsed_labels(text).matches(LABELS)
    except RequestRefused as refused:
        return refused.code
    return 200
