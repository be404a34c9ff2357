"""Plain YAML scalars as Kubernetes' tools read them."""

import pytest

from snapshots.dumps.errors import DocumentBroken
from snapshots.dumps.texts.yamlscalars import resolved, tagged


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("300", 300),
        ("1000", 1000),
        ("-5", -5),
        ("+7", 7),
        ("0", 0),
        ("0644", 420),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b101", 5),
        ("1_000", 1000),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", float(2**64)),
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("Yes", True),
        ("off", False),
    ],
)
def test_numbers_and_words(text: str, value: object) -> None:
    found = resolved(text)

    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    "text",
    [
        "y",
        "n",
        "web-0",
        "1.2.3",
        "10m",
        "1:30",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        ".inf",
        ".nan",
        "-",
        "1e999",
        "9" * 500,
    ],
)
def test_text_stays_text(text: str) -> None:
    assert resolved(text) == text


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [("tag:yaml.org,2002:str", "1", "1"), ("!", "true", "true"), ("tag:yaml.org,2002:int", "1", 1)],
)
def test_tags_of_json_types(tag: str, text: str, value: object) -> None:
    assert tagged(text, tag) == value


@pytest.mark.parametrize(
    ("tag", "text"),
    [("tag:yaml.org,2002:python/object/apply:os.system", "ls"), ("!custom", "a"), ("tag:yaml.org,2002:int", "a")],
)
def test_other_tags_are_refused(tag: str, text: str) -> None:
    with pytest.raises(DocumentBroken, match="tag"):
        tagged(text, tag)
