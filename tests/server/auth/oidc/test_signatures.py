"""RSA keys of a JWK Set: accepted if their numbers are neither weak nor slow to verify with."""

import base64
from collections.abc import Mapping

import pytest

from server.auth.oidc.signatures import read_jwks
from tests.server.auth.oidc.provider import rsa_key


def encoded(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")).rstrip(b"=").decode()


def jwk(**numbers: int) -> Mapping[str, object]:
    """Returns the key of some id with other numbers."""
    return rsa_key("first").as_dict(private=False) | {name: encoded(number) for name, number in numbers.items()}


@pytest.mark.parametrize("exponent", [3, 17, 65537, 2**32 - 1])
def test_usual_exponents_are_accepted(exponent: int) -> None:
    keys = read_jwks({"keys": [jwk(e=exponent)]})

    assert (list(keys.usable), keys.refused) == (["first"], {})


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ({"e": 2**32 + 1}, "its RSA exponent has 33 bits; the most are 32; 65537 is usual"),
        (
            {"n": 2**3071 + 1, "e": 2**3070 + 1},
            "its RSA exponent has 3071 bits; the most are 32; 65537 is usual",
        ),
        ({"e": 0}, "its RSA exponent is even or less than 3; 65537 is usual"),
        ({"e": 1}, "its RSA exponent is even or less than 3; 65537 is usual"),
        ({"e": 65536}, "its RSA exponent is even or less than 3; 65537 is usual"),
        ({"n": 2**2046 + 1}, "its RSA modulus has 2047 bits; 2048 to 8192 are accepted"),
        ({"n": 2**8192 + 1}, "its RSA modulus has 8193 bits; 2048 to 8192 are accepted"),
    ],
)
def test_weak_and_slow_keys_are_refused(numbers: dict[str, int], reason: str) -> None:
    keys = read_jwks({"keys": [jwk(**numbers)]})

    assert (keys.usable, keys.refused) == ({}, {"first": reason})


def test_a_refused_key_takes_its_id_from_no_other() -> None:
    keys = read_jwks({"keys": [jwk(e=1), jwk()]})

    assert list(keys.usable) == ["first"]
