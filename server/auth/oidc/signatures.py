"""The keys of an issuer that are accepted, with their algorithms, and the verification of a signature.

Only public-key algorithms: a shared secret, or none, is no proof. A key is used with the algorithms of its own type and
curve, so that a public key is never taken for a secret. Source: RFC 7517, RFC 7518, RFC 8037, RFC 8725.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact

from server.auth.oidc.compact import CompactJwt
from server.auth.oidc.errors import KeysUnavailable, TokenRefused

_PublicKey: TypeAlias = RSAKey | ECKey | OKPKey
_BY_TYPE: Final[Mapping[tuple[str, str | None], tuple[str, ...]]] = {
    ("RSA", None): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("Ed25519", "EdDSA"),
}
ALGORITHMS: Final = tuple(algorithm for algorithms in _BY_TYPE.values() for algorithm in algorithms)
_PUBLIC: Final = frozenset({"kty", "kid", "n", "e", "crv", "x", "y"})
_MIN_RSA_BITS: Final = 2048
_MAX_RSA_BITS: Final = 8192
_MAX_EXPONENT_BITS: Final = 32
"""Each bit costs a step of the verification. The usual exponent is 65537, and many libraries accept no more."""
_MAX_KEYS: Final = 100


class _Registry(JWSRegistry):
    """Limits of the header and the payload: the token as a whole has one, and some providers send a certificate."""

    max_header_length = 65536
    max_payload_length = 65536

    def get_alg(self, name: str) -> JWSAlgModel:
        """Returns the algorithm, without joserfc's warning for `EdDSA`, the name of Ed25519 before RFC 9864."""
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(f"{name} is not allowed")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key of an issuer.

    Attributes:
        algorithms: The algorithms that it is used with.
    """

    key_id: str
    algorithms: tuple[str, ...]
    key: _PublicKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of an issuer, by id.

    Attributes:
        usable: Keys that verify signatures.
        refused: Reasons against other keys, for the log: RSA numbers that are not accepted.
    """

    usable: Mapping[str, VerificationKey] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


class _KeyRefused(Exception):
    """The numbers of an RSA key are not accepted; the message is the reason."""


def read_jwks(document: object) -> KeySet:
    """Returns the keys of a JWK Set that verify signatures. Others are left out, as RFC 7517 (section 5) says.

    Raises:
        KeysUnavailable: It is not a JWK Set, or has too many keys.
    """
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or len(keys) > _MAX_KEYS:
        raise KeysUnavailable(f"the response is not a JWK Set with at most {_MAX_KEYS} keys")
    usable: dict[str, VerificationKey] = {}
    refused: dict[str, str] = {}
    for jwk in keys:
        try:
            key = _verification_key(jwk) if isinstance(jwk, dict) else None
        except _KeyRefused as reason:
            refused.setdefault(jwk["kid"], str(reason))
            continue
        if key is not None:
            usable.setdefault(key.key_id, key)
    return KeySet(usable, refused)


def verify_signature(token: CompactJwt, key: VerificationKey) -> None:
    """Raises unless the key signed the token, with one of its algorithms.

    Raises:
        TokenRefused: The signature or its algorithm is wrong.
    """
    if token.algorithm not in key.algorithms:
        raise TokenRefused("the alg is not one of the key's")
    registry = _Registry(algorithms=[token.algorithm], strict_check_header=False)
    try:
        deserialize_compact(token.text, key.key, registry=registry)
    except (JoseError, ValueError, TypeError):
        raise TokenRefused("the signature is wrong") from None


def _verification_key(jwk: Mapping[str, object]) -> VerificationKey | None:
    key_id, type_, curve = jwk.get("kid"), jwk.get("kty"), jwk.get("crv")
    if not isinstance(key_id, str) or not key_id or "d" in jwk or not _may_verify(jwk):
        return None
    if not isinstance(type_, str) or not (curve is None or isinstance(curve, str)):
        return None
    algorithms = _BY_TYPE.get((type_, None if type_ == "RSA" else curve), ())
    algorithm = jwk.get("alg")
    if algorithm is not None:
        algorithms = tuple(name for name in algorithms if name == algorithm)
    key = _imported(type_, {name: value for name, value in jwk.items() if name in _PUBLIC and isinstance(value, str)})
    return VerificationKey(key_id, algorithms, key) if algorithms and key is not None else None


def _may_verify(jwk: Mapping[str, object]) -> bool:
    operations = jwk.get("key_ops")
    return jwk.get("use") in (None, "sig") and (
        operations is None or (isinstance(operations, list) and "verify" in operations)
    )


def _imported(type_: str, jwk: dict[str, str]) -> _PublicKey | None:
    try:
        match type_:
            case "RSA":
                _require_usable(modulus=_number(jwk["n"]), exponent=_number(jwk["e"]))
                return RSAKey.import_key(dict(jwk))
            case "EC":
                return ECKey.import_key(dict(jwk))
            case _:
                return OKPKey.import_key(dict(jwk))
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _require_usable(*, modulus: int, exponent: int) -> None:
    """Raises _KeyRefused for an RSA key that is too weak, or that takes too long to verify with."""
    bits, exponent_bits = modulus.bit_length(), exponent.bit_length()
    if not _MIN_RSA_BITS <= bits <= _MAX_RSA_BITS:
        raise _KeyRefused(f"its RSA modulus has {bits} bits; {_MIN_RSA_BITS} to {_MAX_RSA_BITS} are accepted")
    if exponent_bits > _MAX_EXPONENT_BITS:
        raise _KeyRefused(
            f"its RSA exponent has {exponent_bits} bits; the most are {_MAX_EXPONENT_BITS}; 65537 is usual"
        )
    if exponent < 3 or exponent % 2 == 0:
        raise _KeyRefused("its RSA exponent is even or less than 3; 65537 is usual")


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
