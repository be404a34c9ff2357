"""Any token and any keys of a trusted issuer: no error, and never the name of another caller."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.auth.oidc.claims import identity, require_valid
from server.auth.oidc.compact import parse_jwt
from server.auth.oidc.configuration import JwtAuthenticator
from server.auth.oidc.errors import KeysUnavailable, TokenRefused
from server.auth.oidc.signatures import read_jwks
from tests.server.auth.oidc.provider import ec_key, part, rsa_key

NOW_S = 1_700_000_000.0
ISSUER = "https://sso.example.com"
TRUSTED = JwtAuthenticator.model_validate(
    {
        "issuer": {"url": ISSUER, "audiences": ["fleetgraph"]},
        "claimMappings": {
            "username": {"claim": "sub", "prefix": "sso:"},
            "groups": {"claim": "groups", "prefix": "sso-groups:"},
        },
    }
)
VALID = {"iss": ISSUER, "aud": "fleetgraph", "exp": NOW_S + 60, "iat": NOW_S, "sub": "alice", "groups": ["web"]}
texts = st.one_of(
    st.text(max_size=20), st.sampled_from(["system:masters", "system:admin", "fleetgraph", ISSUER, "sso:"])
)
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
values = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4))
)
claims_of = st.dictionaries(st.sampled_from([*VALID, "azp", "nbf", "email_verified"]), values, max_size=6)
MEMBERS = ("kty", "kid", "use", "key_ops", "alg", "crv", "x", "y", "n", "e", "d", "k")
key_members = st.dictionaries(st.sampled_from(MEMBERS), values, max_size=6)
property_test = settings(
    deadline=None, max_examples=2 * settings().max_examples, suppress_health_check=list(HealthCheck)
)


@property_test
@given(changes=claims_of)
def test_jw_5_names_are_the_issuer_s_own_and_can_be_shown(changes: dict[str, Any]) -> None:
    try:
        require_valid(VALID | changes, TRUSTED, now_s=NOW_S)
        outcome = identity(VALID | changes, TRUSTED, max_groups=200)
    except TokenRefused:
        return

    assert outcome.name.startswith("sso:")
    assert all(group.startswith("sso-groups:") for group in outcome.groups)
    for name in (outcome.name, *outcome.groups):
        assert name.isprintable()
        assert len(name) <= 256


@property_test
@given(header=values, payload=values)
def test_whatever_a_token_holds_it_is_taken_apart_or_refused(header: Any, payload: Any) -> None:
    text = f"{part(json.dumps(header))}.{part(json.dumps(payload))}.AA"
    try:
        token = parse_jwt(text, max_bytes=8192)
    except TokenRefused:
        return

    assert isinstance(token.algorithm, str)
    assert isinstance(token.key_id, str)


@property_test
@given(text=st.one_of(st.text(max_size=50), st.binary(max_size=50).map(lambda data: part(repr(data)) + ".e30.AA")))
def test_whatever_text_comes_it_is_refused(text: str) -> None:
    try:
        parse_jwt(text, max_bytes=8192)
    except TokenRefused:
        return
    raise AssertionError(text)


@property_test
@given(changes=key_members, base=st.sampled_from([rsa_key("first"), ec_key("ec")]), document=values)
def test_whatever_an_issuer_says_its_keys_are_others_stay_usable(
    changes: dict[str, Any], base: Any, document: Any
) -> None:
    good = rsa_key("second").as_dict(private=False)

    outcome = read_jwks({"keys": [base.as_dict(private=False) | changes, document, good]})

    assert "second" in outcome.usable
    assert all(not algorithm.startswith("HS") for key in outcome.usable.values() for algorithm in key.algorithms)
    try:
        read_jwks(document)
    except KeysUnavailable:
        return
    assert isinstance(document, dict)
    assert isinstance(document["keys"], list)
