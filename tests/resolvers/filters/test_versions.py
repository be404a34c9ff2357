"""The compact keys of versions have the order of the versions."""

import re
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType, key, operand
from resolvers.filters.versions import MAX_CHARACTERS, version_key

VERSIONS = st.from_regex(
    re.compile(r"v?[0-9]{1,3}(\.[0-9]{1,19}){0,6}(-[a-b0-1.-]{1,8})?(\+[a-b0-1.~-]{1,3})?", re.ASCII), fullmatch=True
)
FORM = re.compile(r"v?([0-9]{1,18}(?:\.[0-9]{1,18}){0,5})(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.~-]+))?")


@settings(deadline=None)  # a busy machine is slow
@given(st.lists(VERSIONS, min_size=2, max_size=6))
def test_keys_order_as_the_parts_of_versions_do(texts: list[str]) -> None:
    for one, other in combinations(texts, 2):
        keys, parts = (version_key(one), version_key(other)), (_parts(one), _parts(other))

        assert (keys[0] < keys[1], keys[0] == keys[1]) == (parts[0] < parts[1], parts[0] == parts[1])


def _parts(text: str) -> tuple[Any, ...]:
    """Compares versions identifier by identifier, by the rules of semver.org."""
    match = FORM.fullmatch(text)
    if match is None:
        return (1, text)
    numbers = [int(part) for part in match[1].split(".")]
    before = [(0, int(item), "") if item.isdigit() and len(item) < 19 else (1, 0, item) for item in _split(match[2])]
    return (0, numbers + [0] * (6 - len(numbers)), not before, before, match[3] or "")


def _split(text: str | None) -> list[str]:
    return text.split(".") if text else []


def test_a_key_is_about_as_long_as_its_version() -> None:
    text = "v1.2.3-" + "1." * 60 + "1"

    kind, compact = version_key(text)

    assert kind == 0
    assert len(compact) < 3 * len(text)


def test_a_text_longer_than_any_tag_is_a_plain_text() -> None:
    text = "v1.2.3-" + "1." * 480 + "1"

    assert key(ValueType.VERSION, text) == (1, text)
    with pytest.raises(
        BadUserInput, match=rf"here: .* is not a version.*: it has {len(text)} characters; the limit is 128"
    ):
        operand(ValueType.VERSION, text, where="here")
    assert version_key("v1." + "0" * (MAX_CHARACTERS - 3))[0] == 1  # a number of more than 18 digits
    assert version_key("v1-" + "a" * (MAX_CHARACTERS - 3))[0] == 0
