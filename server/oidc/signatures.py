"""Which keys of an issuer may sign, with which algorithms, and whether a signature is right.

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

from server.oidc.compact import CompactJwt
from server.oidc.errors import KeysUnavailable, TokenRefused

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
_MAX_KEYS: Final = 100


class _Registry(JWSRegistry):
    """Bounds of its own: the token as a whole has one already, and some providers send a certificate in the header."""

    max_header_length = 65536
    max_payload_length = 65536

    def get_alg(self, name: str) -> JWSAlgModel:
        """The algorithm, without joserfc's warning of `EdDSA`, which is what Ed25519 was called before RFC 9864."""
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(f"{name} is not allowed")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key of an issuer.

    Attributes:
        algorithms: those that it may be used with.
    """

    key_id: str
    algorithms: tuple[str, ...]
    key: _PublicKey = field(repr=False)


def read_jwks(document: object) -> Mapping[str, VerificationKey]:
    """The keys of a JWK Set that may verify signatures, by id; others are left out, as RFC 7517 (section 5) says.

    Raises:
        KeysUnavailable: It is no JWK Set, or has too many keys.
    """
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or len(keys) > _MAX_KEYS:
        raise KeysUnavailable(f"the answer is no JWK Set with at most {_MAX_KEYS} keys")
    found: dict[str, VerificationKey] = {}
    for each in keys:
        key = _verification_key(each) if isinstance(each, dict) else None
        if key is not None:
            found.setdefault(key.key_id, key)
    return found


def verify_signature(token: CompactJwt, key: VerificationKey) -> None:
    """Whether the key signed the token; its algorithm must be one that the key may be used with.

    Raises:
        TokenRefused: It did not.
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
    stated = jwk.get("alg")
    if stated is not None:
        algorithms = tuple(each for each in algorithms if each == stated)
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
                return RSAKey.import_key(dict(jwk)) if _MIN_RSA_BITS <= _bits(jwk["n"]) <= _MAX_RSA_BITS else None
            case "EC":
                return ECKey.import_key(dict(jwk))
            case _:
                return OKPKey.import_key(dict(jwk))
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _bits(modulus: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4)), "big").bit_length()
