"""Encryption and decryption of values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import CredentialUnreadable
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing

KEY_1 = bytes(range(32))
KEY_2 = bytes(range(32, 64))
CIPHER = Cipher(KeyRing({1: KEY_1}))


def seal(plaintext: bytes = b"canary") -> bytes:
    return CIPHER.seal(plaintext, cluster_id="a", column="credential")


@given(st.binary())
def test_what_is_sealed_opens_again_and_is_not_readable(plaintext: bytes) -> None:
    sealed = seal(plaintext)

    assert CIPHER.open(sealed, cluster_id="a", column="credential") == plaintext
    assert len(plaintext) < 4 or plaintext not in sealed


def test_cr_7_the_same_plaintext_never_gives_the_same_value() -> None:
    sealed = [seal() for _ in range(1000)]

    assert len({value[4:16] for value in sealed}) == 1000
    assert len({value[16:] for value in sealed}) == 1000


def test_cr_2_a_value_does_not_open_in_another_row() -> None:
    with pytest.raises(CredentialUnreadable, match="The stored credential of cluster b was changed"):
        CIPHER.open(seal(), cluster_id="b", column="credential")


def test_cr_2_a_value_does_not_open_in_another_column() -> None:
    with pytest.raises(CredentialUnreadable):
        CIPHER.open(seal(), cluster_id="a", column="proxy_credential")


def test_im_9_a_value_does_not_open_for_another_connection() -> None:
    sealed = CIPHER.seal(b"canary", cluster_id="a", column="credential", bound_to="https://a")

    for other in ("https://b", ""):
        with pytest.raises(CredentialUnreadable, match="encrypted for another connection"):
            CIPHER.open(sealed, cluster_id="a", column="credential", bound_to=other)
    assert CIPHER.open(sealed, cluster_id="a", column="credential", bound_to="https://a") == b"canary"


def test_cr_3_no_flipped_bit_is_accepted() -> None:
    sealed = seal()

    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CredentialUnreadable):
            CIPHER.open(bytes(flipped), cluster_id="a", column="credential")


def test_cr_3_no_shortened_value_is_accepted() -> None:
    sealed = seal()

    for length in range(len(sealed)):
        with pytest.raises(CredentialUnreadable):
            CIPHER.open(sealed[:length], cluster_id="a", column="credential")


def test_cr_3_appended_bytes_are_not_accepted() -> None:
    with pytest.raises(CredentialUnreadable):
        CIPHER.open(seal() + b"\0", cluster_id="a", column="credential")


def test_the_highest_version_seals_and_an_older_one_still_opens() -> None:
    both = Cipher(KeyRing({1: KEY_1, 2: KEY_2}))

    assert both.open(seal(), cluster_id="a", column="credential") == b"canary"
    assert both.seal(b"x", cluster_id="a", column="credential")[:4] == bytes([0, 0, 0, 2])


def test_cr_4_a_missing_version_is_named() -> None:
    with pytest.raises(CredentialUnreadable, match="Encryption key v1 is missing"):
        Cipher(KeyRing({2: KEY_2})).open(seal(), cluster_id="a", column="credential")


def test_another_key_of_the_same_version_does_not_open() -> None:
    with pytest.raises(CredentialUnreadable, match="with another key v1"):
        Cipher(KeyRing({1: KEY_2})).open(seal(), cluster_id="a", column="credential")


def test_neither_repr_nor_message_shows_a_key_or_a_value() -> None:
    with pytest.raises(CredentialUnreadable) as failure:
        CIPHER.open(seal(), cluster_id="b", column="credential")

    assert "canary" not in str(failure.value)
    assert "\\x" not in repr(failure.value)
    assert repr(KEY_1) not in repr(CIPHER)
