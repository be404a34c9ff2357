"""JW-2, JW-6, JW-7: the keys of a provider, over real HTTPS: rotated, unknown, withdrawn, not to be had."""

import asyncio
import gzip
from collections.abc import Callable, Mapping, Sequence
from time import monotonic, time
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from resolvers.caller import Caller
from server.auth.oidc.fetching import MAX_BYTES
from tests.controlplane.certificates import CertificateAuthority
from tests.k8s.wireserver import until
from tests.server.auth.oidc.conftest import SignIn
from tests.server.auth.oidc.provider import IdentityProvider, part, rsa_key

ALICE = Caller(name="sso:alice", groups=frozenset({"sso:web"}))
METADATA = "/.well-known/openid-configuration"
FIRST, SECOND = rsa_key("first"), rsa_key("second")
MAX_AGE_S = 300
DAY_S = 86400
FETCH_TIMEOUT_S = 2.0


@pytest.fixture
def fetch_timeout_s() -> float:
    """Returns a short timeout: some providers never answer."""
    return FETCH_TIMEOUT_S


def lasting(provider: IdentityProvider, **changes: Any) -> str:
    """Returns a token that is valid for the whole test."""
    return provider.token(exp=int(time()) + 30 * DAY_S, **changes)


async def test_keys_are_fetched_once_for_many(signed_in: SignIn) -> None:
    await signed_in.caller("the-first-request-reads-the-file")
    tokens = [signed_in.provider.token(sub=f"user-{i}") for i in range(20)]

    identities = await asyncio.gather(*(signed_in.providers.identity(token) for token in tokens))

    assert [entry and entry.name for entry in identities] == [f"sso:user-{i}" for i in range(20)]
    assert (signed_in.provider.count(METADATA), signed_in.provider.count("/keys")) == (1, 1)


async def test_jw_2_a_thousand_unknown_keys_are_one_fetch_a_minute(signed_in: SignIn) -> None:
    provider = signed_in.provider
    await signed_in.caller(provider.token())
    _header, payload, signature = provider.token().split(".")

    for i in range(1000):
        await signed_in.providers.identity(f"{part({'alg': 'RS256', 'kid': f'made-up-{i}'})}.{payload}.{signature}")

    assert provider.count("/keys") == 2
    signed_in.clock.passed_s += 61
    await signed_in.caller(f"{part({'alg': 'RS256', 'kid': 'made-up'})}.{payload}.{signature}")
    await signed_in.caller(f"{part({'alg': 'RS256', 'kid': 'made-up'})}.{payload}.{signature}")
    assert provider.count("/keys") == 3
    assert await signed_in.caller(provider.token()) == ALICE


async def test_jw_2_tokens_that_are_wrong_otherwise_cost_no_fetch(signed_in: SignIn) -> None:
    await signed_in.caller(signed_in.provider.token())

    await signed_in.caller(signed_in.provider.token(header={"kid": "unknown"}, aud="other"))

    assert signed_in.provider.count("/keys") == 1


async def test_jw_7_a_new_key_is_accepted_after_one_fetch(signed_in: SignIn) -> None:
    provider = signed_in.provider
    assert await signed_in.caller(provider.token(key=FIRST)) == ALICE

    provider.keys = [SECOND]

    assert await signed_in.caller(provider.token(key=SECOND)) == ALICE
    assert provider.count("/keys") == 2
    assert await signed_in.caller(provider.token(key=FIRST)) is None


async def test_jw_7_a_withdrawn_key_is_refused_when_keys_are_too_old(signed_in: SignIn) -> None:
    provider = signed_in.provider
    old = lasting(provider, key=FIRST)
    assert await signed_in.caller(old) == ALICE
    provider.keys = [SECOND]

    signed_in.clock.passed_s = MAX_AGE_S - 1
    assert await signed_in.caller(old) == ALICE
    signed_in.clock.passed_s = MAX_AGE_S + 1
    assert await signed_in.caller(old) is None
    assert await signed_in.caller(lasting(provider, key=SECOND)) == ALICE


async def status_500(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=500)


async def oversized(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"keys": [], "padding": "x" * (MAX_BYTES + 1)})


async def no_json(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>")


async def nested(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="[" * 100_000)


async def no_keys(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"keys": "none"})


async def too_many(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"keys": [{}] * 101})


async def hanging(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def dripping(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(300):
        await response.write(b" ")
        await asyncio.sleep(0.1)
    return response


async def compressed(_request: web.Request) -> web.StreamResponse:
    bomb = gzip.compress(b" " * 100 * MAX_BYTES)
    return web.Response(body=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})


FAULTS = [status_500, compressed, oversized, no_json, nested, no_keys, too_many, hanging, dripping]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.__name__))
async def test_jw_6_known_keys_stay_valid_while_the_provider_fails(signed_in: SignIn, fault: Any) -> None:
    provider = signed_in.provider
    known, unknown = lasting(provider), lasting(provider, key=SECOND)
    assert await signed_in.caller(known) == ALICE

    provider.answer = fault
    signed_in.clock.passed_s = MAX_AGE_S + 1

    async with asyncio.timeout(25):  # some of them take 30 s
        assert await signed_in.caller(known) == ALICE
        assert await signed_in.caller(unknown) is None


@pytest.mark.parametrize("fault", [status_500, oversized, no_json, no_keys], ids=lambda fault: str(fault.__name__))
async def test_jw_6_nobody_is_let_in_by_a_provider_that_never_answered(signed_in: SignIn, fault: Any) -> None:
    signed_in.provider.answer = fault

    assert await signed_in.caller(signed_in.provider.token()) is None


async def test_jw_6_only_the_first_waits_for_a_provider_that_hangs(signed_in: SignIn) -> None:
    provider = signed_in.provider
    known = lasting(provider)
    await signed_in.caller(known)
    provider.answer = hanging
    signed_in.clock.passed_s = MAX_AGE_S + 1
    await signed_in.caller(known)

    for pause_s in (1, 5, 11, 1):
        signed_in.clock.passed_s += pause_s
        began_s = monotonic()
        assert await signed_in.caller(known) == ALICE
        assert monotonic() - began_s < FETCH_TIMEOUT_S


async def noted(logs: Sequence[Mapping[str, Any]], event: str, times: int) -> None:
    """Waits until the log has an event that often: what happens beside requests ends with one."""
    await until(lambda: sum(entry["event"] == event for entry in logs) == times, timeout_s=10)


async def test_jw_6_an_hour_of_failure_ends_by_itself(signed_in: SignIn) -> None:
    provider = signed_in.provider
    known = lasting(provider)
    await signed_in.caller(known)
    provider.answer = status_500
    with capture_logs() as logs:
        for times in range(1, 13):
            signed_in.clock.passed_s += 300
            assert await signed_in.caller(known) == ALICE
            await noted(logs, "keys of an identity provider not fetched", times)
        provider.answer, provider.keys = None, [SECOND]

        signed_in.clock.passed_s += 11
        await signed_in.caller(known)
        await noted(logs, "keys of an identity provider fetched", 1)

    assert await signed_in.caller(known) is None
    assert await signed_in.caller(lasting(provider, key=SECOND)) == ALICE


async def test_jw_6_keys_that_nobody_has_confirmed_for_a_day_are_dropped(signed_in: SignIn) -> None:
    provider = signed_in.provider
    known = lasting(provider)
    await signed_in.caller(known)
    provider.answer = status_500

    signed_in.clock.passed_s = MAX_AGE_S + DAY_S - 1
    assert await signed_in.caller(known) == ALICE
    signed_in.clock.passed_s = MAX_AGE_S + DAY_S + 1
    assert await signed_in.caller(known) is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["{other}/keys", "http://127.0.0.1:1/keys", "file:///etc/passwd", "/keys"])
async def test_jw_6_redirects_are_refused(
    signed_in: SignIn, other_provider: IdentityProvider, status: int, location: str
) -> None:
    async def redirect(request: web.Request) -> web.StreamResponse:
        if request.path == METADATA:
            return web.json_response({"issuer": provider.url, "jwks_uri": f"{provider.url}/moved"})
        return web.Response(status=status, headers={"Location": location.format(other=other_provider.url)})

    provider = signed_in.provider
    provider.answer = redirect

    assert await signed_in.caller(provider.token()) is None
    assert provider.paths == [METADATA, "/moved"]
    assert other_provider.paths == []


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:1/keys",
        "http://example.com/keys",
        "ftp://x/y",
        "",
        "/keys",
        "https://a@b/",
    ],
)
async def test_jw_6_metadata_leads_to_https_only(signed_in: SignIn, uri: str) -> None:
    signed_in.provider.jwks_uri = uri

    assert await signed_in.caller(signed_in.provider.token()) is None
    assert set(signed_in.provider.paths) <= {METADATA, "/keys"}


async def test_metadata_of_another_issuer_is_not_believed(signed_in: SignIn) -> None:
    async def other(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"issuer": f"{provider.url}/", "jwks_uri": f"{provider.url}/keys"})

    provider = signed_in.provider
    provider.answer = other

    assert await signed_in.caller(provider.token()) is None
    assert provider.paths == [METADATA]


async def test_keys_may_be_at_a_url_of_their_own(provider: IdentityProvider, signing_in: Callable[..., SignIn]) -> None:
    entry = provider.configuration()
    entry["issuer"]["jwksURL"] = f"{provider.url}/keys"
    signed_in = signing_in(provider, entry)

    assert await signed_in.caller(provider.token()) == ALICE
    assert provider.paths == ["/keys"]


async def test_metadata_may_be_at_a_url_of_its_own(
    provider: IdentityProvider, other_provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    async def metadata(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"issuer": provider.url, "jwks_uri": f"{provider.url}/keys"})

    other_provider.answer = metadata
    entry = provider.configuration()
    entry["issuer"]["discoveryURL"] = f"{other_provider.url}/inside/metadata"
    signed_in = signing_in(provider, entry)

    assert await signed_in.caller(provider.token()) == ALICE
    assert (other_provider.paths, provider.paths) == (["/inside/metadata"], ["/keys"])


async def test_the_provider_s_certificate_is_verified(
    provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    for authority in (CertificateAuthority.create("stranger").pem.decode(), None):
        entry = provider.configuration()
        entry["issuer"]["certificateAuthority"] = authority
        signed_in = signing_in(provider, entry)

        assert await signed_in.caller(provider.token()) is None
    assert provider.paths == []


async def test_proxies_of_the_environment_do_not_count(signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert await signed_in.caller(signed_in.provider.token()) == ALICE


async def test_the_log_says_why_a_key_is_not_used(signed_in: SignIn) -> None:
    async def keys(request: web.Request) -> web.StreamResponse:
        if request.path == METADATA:
            return web.json_response({"issuer": provider.url, "jwks_uri": f"{provider.url}/keys"})
        return web.json_response({"keys": [FIRST.as_dict(private=False) | {"e": "Ag"}]})

    provider = signed_in.provider
    provider.answer = keys

    with capture_logs() as logs:
        assert await signed_in.caller(provider.token(key=FIRST)) is None

    assert [entry["reason"] for entry in logs if entry["event"] == "JWT refused"] == [
        "the issuer's key of this kid is not used: its RSA exponent is even or less than 3; 65537 is usual"
    ]


async def test_short_and_private_keys_are_left_out(signed_in: SignIn) -> None:
    async def keys(request: web.Request) -> web.StreamResponse:
        if request.path == METADATA:
            return web.json_response({"issuer": provider.url, "jwks_uri": f"{provider.url}/keys"})
        return web.json_response(
            {"keys": [FIRST.as_dict(private=True), SECOND.as_dict(private=False), {"kty": "oct"}, 5]}
        )

    provider = signed_in.provider
    provider.answer = keys

    assert await signed_in.caller(provider.token(key=FIRST)) is None
    assert await signed_in.caller(provider.token(key=SECOND)) == ALICE
