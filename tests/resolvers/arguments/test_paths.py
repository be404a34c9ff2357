"""Paths as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.arguments.paths import MapKey, Name, Pick, Step, parse_path, written
from resolvers.errors import BadUserInput

names = st.from_regex("[_A-Za-z][_0-9A-Za-z]{0,8}", fullmatch=True)
texts = st.text(max_size=8)
steps = st.builds(Name, names) | st.builds(MapKey, texts) | st.builds(Pick, names, texts)


@given(st.builds(Name, names), st.lists(steps, max_size=5))
def test_a_written_path_is_parsed_to_the_same_steps(first: Step, others: list[Step]) -> None:
    assert parse_path(written([first, *others])) == (first, *others)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("a[type=Ready]", Pick("type", "Ready")),
        ("a[name=a.b/c-d:8080]", Pick("name", "a.b/c-d:8080")),
        ('a[name="a b]"]', Pick("name", "a b]")),
        ('a[name=""]', Pick("name", "")),
        ('a["x=y"]', MapKey("x=y")),
    ],
)
def test_a_step_in_brackets(text: str, last: Step) -> None:
    assert parse_path(text)[-1] == last


@pytest.mark.parametrize(
    "text", ["a[b=]", "a[=b]", "a[b=c", "a[b=c d]", "a[b==c]", "a[b='c']", "[a=b]", "a[0]", "a[b]"]
)
def test_another_step_in_brackets_is_no_path(text: str) -> None:
    with pytest.raises(BadUserInput, match=r"elements of lists as status\.conditions\[type=Ready\]\."):
        parse_path(text)
