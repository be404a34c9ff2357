"""JW-1 to JW-5 and JW-8: accepted JWTs and their callers, over HTTP, with real signatures."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from time import time
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from resolvers.caller import Caller
from tests.server.auth.oidc.conftest import SignIn
from tests.server.auth.oidc.provider import (
    AUDIENCE,
    IdentityProvider,
    Key,
    ec_key,
    ed_key,
    part,
    rsa_key,
)

ALICE = Caller(name="sso:alice", groups=frozenset({"sso:web"}))
SKEW_S = 60


async def test_a_valid_token_is_its_bearer_s(signed_in: SignIn) -> None:
    assert await signed_in.caller(signed_in.provider.token()) == ALICE


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa_key("first"), "RS256"),
        (rsa_key("first"), "PS256"),
        (ec_key("ec"), "ES256"),
        (ed_key("ed"), "EdDSA"),
        (ed_key("ed"), "Ed25519"),
    ],
)
async def test_algorithms_of_public_keys_are_accepted(signed_in: SignIn, key: Key, algorithm: str) -> None:
    signed_in.provider.keys = [key]

    assert await signed_in.caller(signed_in.provider.token(header={"alg": algorithm})) == ALICE


async def test_only_configured_algorithms_are_accepted(
    provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    signed_in = signing_in(provider, provider.configuration(algorithms=["ES256"]))

    assert await signed_in.caller(provider.token()) is None
    assert provider.paths == []


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AA"])
async def test_jw_1_a_token_without_a_signature_is_refused(signed_in: SignIn, algorithm: str, signature: str) -> None:
    header = part({"alg": algorithm, "kid": "first", "typ": "JWT"})

    token = f"{header}.{part(signed_in.provider.claims())}.{signature}"

    assert await signed_in.caller(token) is None


async def test_jw_1_a_public_key_is_no_secret(signed_in: SignIn) -> None:
    pem = rsa_key("first").as_pem(private=False)
    for secret in (pem, pem.strip(), rsa_key("first").as_der(private=False)):
        for algorithm, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            signing_input = f"{part({'alg': algorithm, 'kid': 'first'})}.{part(signed_in.provider.claims())}"
            mac = hmac.new(secret, signing_input.encode(), digest).digest()
            token = f"{signing_input}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

            assert await signed_in.caller(token) is None


async def test_jw_1_a_signature_of_another_key_is_refused(signed_in: SignIn) -> None:
    signed_in.provider.keys = [rsa_key("first"), rsa_key("second"), ec_key("ec")]
    for key, header in (
        (rsa_key("second"), {"kid": "first"}),
        (rsa_key("stranger"), {"kid": "first"}),
        (ec_key("ec"), {"kid": "first"}),
        (rsa_key("first"), {"kid": "ec"}),
    ):
        assert await signed_in.caller(signed_in.provider.token(key=key, header=header)) is None


async def test_jw_1_a_token_that_was_changed_is_refused(signed_in: SignIn) -> None:
    header, payload, signature = signed_in.provider.token().split(".")
    changed = part(signed_in.provider.claims(sub="bob"))

    assert await signed_in.caller(f"{header}.{changed}.{signature}") is None
    assert await signed_in.caller(f"{part({'alg': 'RS256', 'kid': 'first'})}.{payload}.{signature}") is None
    assert await signed_in.caller(f"{header}.{payload}.{signature[:-4]}AAAA") is None


async def test_jw_1_a_key_is_used_for_what_it_says_only(signed_in: SignIn) -> None:
    async def serve(kind: dict[str, object]) -> Caller | None:
        async def answer(request: Any) -> Any:
            if request.path != "/keys":
                return web.json_response({"issuer": provider.url, "jwks_uri": f"{provider.url}/keys"})
            return web.json_response({"keys": [rsa_key("first").as_dict(private=False) | kind]})

        provider.answer = answer
        signed_in.clock.passed_s += 3600
        return await signed_in.caller(provider.token(exp=int(time()) + 36000))

    provider = signed_in.provider

    assert await serve({"use": "sig", "alg": "RS256", "key_ops": ["verify"]}) == ALICE
    for kind in (
        {"use": "enc"},
        {"use": ["sig"]},
        {"alg": "PS256"},
        {"alg": "HS256"},
        {"key_ops": ["encrypt"]},
        {"kty": "oct", "k": "AA"},
    ):
        assert await serve(dict(kind)) is None


@pytest.mark.parametrize("kid", [None, "", 5, ["first"], {"a": 1}, "x" * 257])
async def test_jw_2_a_token_without_a_key_id_is_refused_unasked(signed_in: SignIn, kid: object) -> None:
    assert await signed_in.caller(signed_in.provider.token(header={"kid": "first"})) == ALICE
    requests = len(signed_in.provider.paths)
    _header, payload, signature = signed_in.provider.token().split(".")
    values = {"alg": "RS256", "typ": "JWT"} | ({} if kid is None else {"kid": kid})

    assert await signed_in.caller(f"{part(values)}.{payload}.{signature}") is None
    assert len(signed_in.provider.paths) == requests


@pytest.mark.parametrize("kid", ["../../x", "' OR 1=1 --", "https://evil.example/keys", "/etc/passwd", "\u2024"])
async def test_jw_2_a_key_id_is_only_compared(signed_in: SignIn, kid: str) -> None:
    assert await signed_in.caller(signed_in.provider.token(header={"kid": kid})) is None
    assert set(signed_in.provider.paths) <= {"/.well-known/openid-configuration", "/keys"}


@pytest.mark.parametrize("name", ["jku", "x5u"])
async def test_jw_3_urls_in_headers_are_never_asked(
    signed_in: SignIn, other_provider: IdentityProvider, name: str
) -> None:
    foreign_key = rsa_key("stranger")
    other_provider.keys = [foreign_key]
    header = {name: f"{other_provider.url}/keys"}

    assert await signed_in.caller(signed_in.provider.token(key=foreign_key, header=header)) is None
    assert other_provider.paths == []


async def test_jw_3_a_key_in_the_header_is_not_believed(signed_in: SignIn) -> None:
    foreign_key = rsa_key("stranger")
    header = {"kid": "first", "jwk": foreign_key.as_dict(private=False)}

    assert await signed_in.caller(signed_in.provider.token(key=foreign_key, header=header)) is None


@pytest.mark.parametrize(
    "header", [{"crit": ["x"], "x": 1}, {"crit": []}, {"b64": False}, {"crit": ["b64"], "b64": True}]
)
async def test_jw_3_critical_extensions_are_refused(signed_in: SignIn, header: dict[str, object]) -> None:
    _header, payload, signature = signed_in.provider.token().split(".")
    extended = part({"alg": "RS256", "kid": "first", **header})

    assert await signed_in.caller(f"{extended}.{payload}.{signature}") is None


@pytest.mark.parametrize("type_", ["logout+jwt", "secevent+jwt", "dpop+jwt", ""])
async def test_tokens_for_other_purposes_are_refused(signed_in: SignIn, type_: object) -> None:
    assert await signed_in.caller(signed_in.provider.token(header={"typ": type_})) is None


@pytest.mark.parametrize("type_", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
async def test_id_tokens_and_access_tokens_are_accepted(signed_in: SignIn, type_: str) -> None:
    assert await signed_in.caller(signed_in.provider.token(header={"typ": type_})) == ALICE


@pytest.mark.parametrize("make", ["{}/", "{}.evil.example", "{}x", " {}", "{}#", "{}/.", ""])
async def test_jw_4_the_issuer_is_compared_letter_for_letter(signed_in: SignIn, make: str) -> None:
    provider = signed_in.provider

    assert await signed_in.caller(provider.token(iss=make.format(provider.url))) is None
    assert await signed_in.caller(provider.token(iss=provider.url.upper())) is None
    assert provider.paths == []


@pytest.mark.parametrize("issuer", [None, 5, ["x"], {"a": "b"}])
async def test_jw_4_without_an_issuer_that_is_text(signed_in: SignIn, issuer: object) -> None:
    assert await signed_in.caller(signed_in.provider.token(iss=issuer)) is None


@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE], ["other", AUDIENCE]])
async def test_jw_4_one_of_the_audiences_is_ours(signed_in: SignIn, audience: object) -> None:
    assert await signed_in.caller(signed_in.provider.token(aud=audience)) == ALICE


@pytest.mark.parametrize(
    "audience",
    [None, "", [], "other", ["other"], "fleetgraph2", "Fleetgraph", ["fleet", "graph"], 5, [5], {AUDIENCE: 1}],
)
async def test_jw_4_a_token_for_others_is_refused(signed_in: SignIn, audience: object) -> None:
    assert await signed_in.caller(signed_in.provider.token(aud=audience)) is None


@pytest.mark.parametrize(
    ("party", "is_accepted"), [(AUDIENCE, True), ("other", False), ("", False), (["fleetgraph"], False)]
)
async def test_jw_4_the_authorized_party_is_an_audience(signed_in: SignIn, party: object, is_accepted: bool) -> None:
    token = signed_in.provider.token(aud=[AUDIENCE, "other"], azp=party)

    assert (await signed_in.caller(token) is not None) == is_accepted


async def test_jw_4_other_parties_may_be_named(provider: IdentityProvider, signing_in: Callable[..., SignIn]) -> None:
    entry = provider.configuration()
    entry["issuer"]["authorizedParties"] = ["portal"]
    signed_in = signing_in(provider, entry)

    assert await signed_in.caller(provider.token(azp="portal")) == ALICE
    assert await signed_in.caller(provider.token(azp="other")) is None


@pytest.mark.parametrize(
    ("claim", "offset_s", "is_accepted"),
    [
        ("exp", -SKEW_S + 10, True),
        ("exp", -SKEW_S - 1, False),
        ("nbf", SKEW_S - 10, True),
        ("nbf", SKEW_S + 10, False),
        ("iat", SKEW_S - 10, True),
        ("iat", SKEW_S + 10, False),
    ],
)
async def test_jw_4_clocks_may_differ_by_a_minute(
    signed_in: SignIn, claim: str, offset_s: int, is_accepted: bool
) -> None:
    token = signed_in.provider.token_of(json.dumps(signed_in.provider.claims() | {claim: int(time()) + offset_s}))

    assert (await signed_in.caller(token) is not None) == is_accepted


@pytest.mark.parametrize("value", [None, "9999999999", 1e30, -1, True, [9999999999], 10**400, "inf"])
async def test_jw_4_an_end_is_a_time(signed_in: SignIn, value: object) -> None:
    assert await signed_in.caller(signed_in.provider.token(exp=value)) is None


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e400", "null"])
async def test_jw_4_an_end_is_a_number_of_json(signed_in: SignIn, text: str) -> None:
    payload = json.dumps(signed_in.provider.claims(exp=None))[:-1] + f', "exp": {text}}}'

    assert await signed_in.caller(signed_in.provider.token_of(payload)) is None


async def test_jw_4_an_end_may_have_fractions(signed_in: SignIn) -> None:
    assert await signed_in.caller(signed_in.provider.token(exp=time() + 300.5)) == ALICE


async def test_a_token_that_was_valid_ends_with_its_time(signed_in: SignIn) -> None:
    token = signed_in.provider.token()
    assert await signed_in.caller(token) == ALICE

    signed_in.clock.passed_s = 300 + SKEW_S + 1

    assert await signed_in.caller(token) is None


async def test_a_maximum_age_ends_tokens_that_last_too_long(
    provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    signed_in = signing_in(provider, provider.configuration(maxTokenAgeSeconds=600))
    now = int(time())

    assert await signed_in.caller(provider.token(iat=now - 590, exp=now + 86400)) == ALICE
    assert await signed_in.caller(provider.token(iat=now - 661, exp=now + 86400)) is None
    assert await signed_in.caller(provider.token(iat=None)) is None


@pytest.mark.parametrize("size", [9 * 1024, 1024 * 1024])
async def test_jw_5_a_large_token_is_refused(signed_in: SignIn, size: int) -> None:
    assert await signed_in.caller(signed_in.provider.token(padding="x" * size)) is None
    assert signed_in.provider.paths == []


@pytest.mark.parametrize(
    "payload", ["[]", "5", '"x"', "null", "", "{", '{"a":1}{"b":2}', "[" * 2000 + "]" * 2000, "\ufeff{}"]
)
async def test_jw_5_a_payload_that_is_no_object_is_refused(signed_in: SignIn, payload: str) -> None:
    assert await signed_in.caller(signed_in.provider.token_of(payload)) is None


async def test_jw_5_claims_that_stand_twice_are_refused(signed_in: SignIn) -> None:
    claims = json.dumps(signed_in.provider.claims())

    assert await signed_in.caller(signed_in.provider.token_of(f'{{"sub": "bob", {claims[1:]}')) is None


async def test_jw_5_encrypted_tokens_are_refused(signed_in: SignIn) -> None:
    header = part({"alg": "RSA-OAEP", "enc": "A256GCM", "cty": "JWT", "kid": "first"})

    assert await signed_in.caller(f"{header}.a.b.c.d") is None


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("web", {"sso:web"}),
        (["web", "dev", "web"], {"sso:web", "sso:dev"}),
        ([], set()),
        (None, set()),
        (["system:masters"], {"sso:system:masters"}),
        ([f"g{i}" for i in range(200)], {f"sso:g{i}" for i in range(200)}),
    ],
)
async def test_jw_5_groups_are_text_or_texts(signed_in: SignIn, groups: object, expected: set[str]) -> None:
    caller = await signed_in.caller(signed_in.provider.token(groups=groups))

    assert caller is not None
    assert caller.groups == expected


async def test_jw_5_groups_that_are_null_are_none(signed_in: SignIn) -> None:
    payload = json.dumps(signed_in.provider.claims() | {"groups": None})

    caller = await signed_in.caller(signed_in.provider.token_of(payload))

    assert caller == Caller(name="sso:alice")


@pytest.mark.parametrize(
    "groups",
    [
        {"a": 1},
        5,
        True,
        [5],
        [None],
        [["web"]],
        [""],
        ["a\nb"],
        [" a"],
        ["x" * 253],
        [f"{i}" for i in range(201)],
        [f"{i}" for i in range(1000)],
    ],
)
async def test_jw_5_a_token_with_other_groups_is_refused(signed_in: SignIn, groups: object) -> None:
    assert await signed_in.caller(signed_in.provider.token(groups=groups)) is None


@pytest.mark.parametrize(
    "name", [None, "", " ", "a\r\nb", "a\0", "\u202eevil", " alice", "alice ", 5, ["alice"], "x" * 253]
)
async def test_jw_5_a_name_that_no_log_can_hold_is_refused(signed_in: SignIn, name: object) -> None:
    assert await signed_in.caller(signed_in.provider.token(sub=name)) is None


@pytest.mark.parametrize("name", ["system:admin", "system:serviceaccount:kube-system:x", "operator", "älice", "日本"])
async def test_jw_5_every_name_has_the_prefix_of_its_issuer(signed_in: SignIn, name: str) -> None:
    caller = await signed_in.caller(signed_in.provider.token(sub=name))

    assert caller is not None
    assert (caller.name, caller.is_administrator) == (f"sso:{name}", False)


async def test_an_address_that_was_not_verified_is_no_name(
    provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    entry = provider.configuration()
    entry["claimMappings"]["username"]["claim"] = "email"
    signed_in = signing_in(provider, entry)

    assert await signed_in.caller(provider.token(email="a@b.example")) is not None
    assert await signed_in.caller(provider.token(email="a@b.example", email_verified=True)) is not None
    assert await signed_in.caller(provider.token(email="a@b.example", email_verified=False)) is None
    assert await signed_in.caller(provider.token(email="a@b.example", email_verified="false")) is None


@pytest.mark.parametrize(
    ("claims", "groups"),
    [
        ({"realm_access": {"roles": ["dev", "ops"]}}, {"sso:dev", "sso:ops"}),
        ({"realm_access": {"roles": "dev"}}, {"sso:dev"}),
        ({"realm_access": {}}, set()),
        ({"realm_access": ["roles"]}, set()),
        ({"realm_access.roles": ["dev"]}, set()),
        ({}, set()),
    ],
)
async def test_a_claim_inside_others_has_a_path(
    provider: IdentityProvider, signing_in: Callable[..., SignIn], claims: dict[str, Any], groups: set[str]
) -> None:
    entry = provider.configuration()
    entry["claimMappings"]["groups"] = {"path": ["realm_access", "roles"], "prefix": "sso:"}

    caller = await signing_in(provider, entry).caller(provider.token(**claims))

    assert caller is not None
    assert caller.groups == groups


async def test_a_claim_inside_others_that_is_no_text_is_refused(
    provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    entry = provider.configuration()
    entry["claimMappings"]["groups"] = {"path": ["realm_access", "roles"], "prefix": "sso:"}

    assert await signing_in(provider, entry).caller(provider.token(realm_access={"roles": {"dev": 1}})) is None


async def test_claims_may_be_required(provider: IdentityProvider, signing_in: Callable[..., SignIn]) -> None:
    rules = [{"claim": "hd", "requiredValue": "example.com"}]
    signed_in = signing_in(provider, provider.configuration(claimValidationRules=rules))

    assert await signed_in.caller(provider.token(hd="example.com")) == ALICE
    assert await signed_in.caller(provider.token(hd="example.org")) is None
    assert await signed_in.caller(provider.token(hd=["example.com"])) is None
    assert await signed_in.caller(provider.token()) is None


async def test_jw_8_a_token_in_the_query_string_is_refused_unread(signed_in: SignIn) -> None:
    async with signed_in.fakes.client() as client:
        response = await client.post(f"/graphql?access_token={signed_in.provider.token()}", json={"query": "{ ok }"})

    assert response.status_code == 401
    assert signed_in.provider.paths == []


async def test_the_log_says_why_and_nothing_of_the_token(signed_in: SignIn) -> None:
    token = signed_in.provider.token(sub="canary-name", aud="canary-audience", groups=["canary-group"])

    with capture_logs() as logs:
        assert await signed_in.caller(token) is None

    (refused,) = (entry for entry in logs if entry["event"] == "JWT refused")
    assert refused["reason"] == "aud names none of the issuer's audiences"
    assert "canary" not in repr(logs)
    assert token.split(".")[2] not in repr(logs)
