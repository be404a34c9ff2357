"""Rules of names and labels."""

import pytest

from store.errors import InvalidValue
from store.names import require_cluster_name, require_labels, require_text, require_token_name


@pytest.mark.parametrize("name", ["a", "0", "prod-eu-1", "a" * 63])
def test_a_dns_label_is_a_cluster_name(name: str) -> None:
    require_cluster_name(name)


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "A", "a.b", "a_b", "a b", "a\n", "ä", "\N{ARABIC-INDIC DIGIT ONE}", "..", "a/b", "a" * 64]
)
def test_anything_else_is_no_cluster_name(name: str) -> None:
    with pytest.raises(InvalidValue, match="is not a cluster name: use at most 63 of a-z, 0-9 and '-'"):
        require_cluster_name(name)


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"env": "prod"},
        {"app.kubernetes.io/name": "Web_1.2-x"},
        {"a" * 63: "b" * 63},
        {f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 61}/x": ""},
    ],
)
def test_labels_of_kubernetes_are_accepted(labels: dict[str, str]) -> None:
    require_labels(labels)


@pytest.mark.parametrize(
    "key", ["", "/", "a/", "/a", "a/b/c", "-a", "a b", "A.io/x", "a" * 64, f"{'a' * 254}/x", "a\n"]
)
def test_a_key_that_kubernetes_refuses_is_refused(key: str) -> None:
    with pytest.raises(InvalidValue, match="is not a label key"):
        require_labels({key: "x"})


@pytest.mark.parametrize("value", ["-", "a ", "a=b", "a/b", "_a", "a" * 64, "a\n", "é"])
def test_a_value_that_kubernetes_refuses_is_refused(value: str) -> None:
    with pytest.raises(InvalidValue, match="is not a value for label 'env'"):
        require_labels({"env": value})


@pytest.mark.parametrize("name", ["ci", "Anna's laptop", "a@example.com", "ß" * 63])
def test_a_readable_name_is_a_token_name(name: str) -> None:
    require_token_name(name)


@pytest.mark.parametrize("name", ["", " ", " a", "a ", "a\nb", "\x1b[31m", "a" * 64])
def test_an_unreadable_name_is_no_token_name(name: str) -> None:
    with pytest.raises(InvalidValue, match="is not a token name"):
        require_token_name(name)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_characters_that_no_database_keeps_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="The description has a character that cannot be stored"):
        require_text("description", text)


def test_all_other_text_is_accepted() -> None:
    require_text("description", "line\nline \N{SNOWMAN} \U0001f600")
