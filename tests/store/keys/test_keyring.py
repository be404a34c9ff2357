"""The ring of encryption keys."""

import base64

import pytest

from store.errors import KeyRingError
from store.keys.keyring import KeyRing

KEY_1 = bytes(range(32))
KEY_2 = bytes(range(32, 64))
TEXT_1 = base64.b64encode(KEY_1).decode()
TEXT_2 = base64.b64encode(KEY_2).decode()


def test_the_highest_version_encrypts_and_all_are_kept() -> None:
    ring = KeyRing.parse(f"v2:{TEXT_2},v1:{TEXT_1}")

    assert ring.current_version == 2
    assert ring.versions == (1, 2)
    assert (ring.key(1), ring.key(2)) == (KEY_1, KEY_2)


def test_versions_are_numbers_and_not_text() -> None:
    assert KeyRing.parse(f"v9:{TEXT_1},v10:{TEXT_2}").current_version == 10


@pytest.mark.parametrize("text", [f" v1:{TEXT_1} \n", f"v1:{TEXT_1.rstrip('=')}"], ids=["spaces", "no padding"])
def test_what_people_paste_is_accepted(text: str) -> None:
    assert KeyRing.parse(text).key(1) == KEY_1


def test_url_safe_base64_is_accepted() -> None:
    key = b"\xfb\xff" * 16

    assert KeyRing.parse(f"v1:{base64.urlsafe_b64encode(key).decode()}").key(1) == key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is no encryption key."),
        ("   ", "There is no encryption key."),
        (TEXT_1, "Encryption key number 1 is not of the form"),
        (f"v1:{TEXT_1},", "Encryption key number 2 is not of the form"),
        (f"v0:{TEXT_1}", "Encryption key number 1 is not of the form"),
        (f"v1:{TEXT_1},v1:{TEXT_2}", "Key version v1 occurs twice."),
        (f"v9999999999:{TEXT_1}", "Key version 9999999999 is out of range"),
        (f"v1:{TEXT_1},v2:{base64.b64encode(KEY_2[:31]).decode()}", "Encryption key v2 has 31 bytes, not 32."),
        (f"v1:{base64.b64encode(KEY_1 + b'x').decode()}", "Encryption key v1 has 33 bytes, not 32."),
        ("v1:AAAAA", "Encryption key v1 is not valid base64."),
    ],
)
def test_cr_4_an_unusable_key_is_refused_by_its_version_and_never_shown(text: str, message: str) -> None:
    with pytest.raises(KeyRingError) as refusal:
        KeyRing.parse(text)

    assert str(refusal.value).startswith(message)
    assert TEXT_1[:8] not in str(refusal.value)
    assert TEXT_2[:8] not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_cr_4_a_missing_version_is_named() -> None:
    ring = KeyRing({2: KEY_2})

    with pytest.raises(KeyRingError, match=r"Encryption key v1 is missing \(there is v2\)"):
        ring.key(1)


def test_all_missing_versions_are_named_at_once() -> None:
    ring = KeyRing({2: KEY_2})

    with pytest.raises(KeyRingError, match="need encryption key v1, v3; there is v2"):
        ring.require({3, 2, 1})


def test_versions_that_are_there_are_not_refused() -> None:
    KeyRing({2: KEY_2}).require({2})


def test_repr_shows_versions_and_no_key() -> None:
    assert repr(KeyRing({1: KEY_1, 2: KEY_2})) == "KeyRing(v1, v2)"


def test_a_derived_key_belongs_to_its_purpose_and_to_the_current_key() -> None:
    ring = KeyRing({1: KEY_1, 2: KEY_2})

    assert ring.derive("cursor") == KeyRing({2: KEY_2}).derive("cursor")
    assert len({ring.derive("cursor"), ring.derive("session"), KeyRing({1: KEY_1}).derive("cursor"), KEY_2}) == 4
    assert len(ring.derive("cursor")) == 32
