"""Lists of names in messages."""

import pytest

from k8s.listednames import all_of, any_of


@pytest.mark.parametrize(
    ("names", "joined"),
    [(["a"], "a"), (["a", "b"], "a {} b"), (["a", "b", "c"], "a, b {} c"), (["a", "b", "c", "d"], "a, b, c {} d")],
)
def test_names_are_joined_as_in_a_sentence(names: list[str], joined: str) -> None:
    assert any_of(names) == joined.format("or")
    assert all_of(iter(names)) == joined.format("and")
