"""JW-9 and CR-9: callers of several providers and of API tokens, administrators, and how soon a change holds."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from resolvers.caller import Caller
from server.auth.oidc.configurationfile import CHECK_INTERVAL_S
from tests.server.auth.oidc.conftest import SignIn
from tests.server.auth.oidc.provider import IdentityProvider, rsa_key
from tests.server.http_parts import TOKEN

ADMINISTRATORS = {"users": ["sso:alice", "robot"], "groups": ["sso:platform"]}


def prefixed(provider: IdentityProvider, prefix: str) -> dict[str, object]:
    """Trusts a provider under a prefix."""
    claims = {name: {"claim": claim, "prefix": prefix} for name, claim in (("username", "sub"), ("groups", "groups"))}
    return provider.configuration(claimMappings=claims)


async def test_jw_9_one_name_of_two_providers_is_two_callers(
    provider: IdentityProvider, other_provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    signed_in = signing_in(provider, prefixed(provider, "one:"), prefixed(other_provider, "two:"))

    first, second = await signed_in.caller(provider.token()), await signed_in.caller(other_provider.token())

    assert first == Caller(name="one:alice", groups=frozenset({"one:web"}))
    assert second == Caller(name="two:alice", groups=frozenset({"two:web"}))


async def test_jw_9_a_provider_cannot_speak_for_another(
    provider: IdentityProvider, other_provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    signed_in = signing_in(provider, prefixed(provider, "one:"), prefixed(other_provider, "two:"))
    other_provider.keys = [rsa_key("second")]

    assert await signed_in.caller(other_provider.token(iss=provider.url)) is None
    caller = await signed_in.caller(other_provider.token(sub="one:alice"))
    assert caller is not None
    assert caller.name == "two:one:alice"


async def test_jw_9_an_api_token_is_another_caller_than_any_of_a_provider(signed_in: SignIn) -> None:
    tokens = signed_in.fakes.tokens
    tokens.record = replace(tokens.record, user="alice", is_administrator=False)

    assert await signed_in.caller(TOKEN) == Caller(name="alice", groups=frozenset({"ci"}))
    assert await signed_in.caller(signed_in.provider.token()) == Caller(name="sso:alice", groups=frozenset({"sso:web"}))


async def test_jwts_never_reach_the_store_nor_api_tokens_a_provider(signed_in: SignIn) -> None:
    await signed_in.caller(signed_in.provider.token())
    assert signed_in.fakes.tokens.verified == []
    paths = list(signed_in.provider.paths)

    await signed_in.caller(TOKEN)
    assert signed_in.fakes.tokens.verified == [TOKEN]
    assert signed_in.provider.paths == paths


@pytest.mark.parametrize(
    ("claims", "is_administrator"),
    [
        ({"sub": "alice"}, True),
        ({"sub": "bob", "groups": ["web", "platform"]}, True),
        ({"sub": "bob"}, False),
        ({"sub": "Alice"}, False),
        ({"sub": "robot"}, False),
        ({"sub": "platform", "groups": ["alice"]}, False),
    ],
)
async def test_administrators_are_named_by_user_or_group(
    provider: IdentityProvider, signing_in: Callable[..., SignIn], claims: dict[str, object], is_administrator: bool
) -> None:
    signed_in = signing_in(provider, administrators=ADMINISTRATORS)

    caller = await signed_in.caller(provider.token_of(json.dumps(provider.claims() | claims)))

    assert caller is not None
    assert caller.is_administrator == is_administrator


async def test_the_user_of_an_api_token_may_be_an_administrator_by_name(
    provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    signed_in = signing_in(provider, administrators=ADMINISTRATORS)
    tokens = signed_in.fakes.tokens
    tokens.record = replace(tokens.record, is_administrator=False)

    caller = await signed_in.caller(TOKEN)

    assert caller is not None
    assert caller.is_administrator


async def test_cr_9_who_is_an_administrator_no_more_is_none_a_second_later(
    provider: IdentityProvider, signing_in: Callable[..., SignIn]
) -> None:
    signed_in = signing_in(provider, administrators=ADMINISTRATORS)
    before = await signed_in.caller(provider.token())
    signed_in.configure(administrators={"users": ["sso:bob"]})

    signed_in.clock.passed_s += CHECK_INTERVAL_S
    after = await signed_in.caller(provider.token())

    assert before is not None
    assert after is not None
    assert (before.is_administrator, after.is_administrator) == (True, False)


@pytest.mark.parametrize("disabled", [{"users": ["sso:alice"]}, {"groups": ["sso:web"]}])
async def test_cr_9_who_is_disabled_is_refused_a_second_later(
    signed_in: SignIn, disabled: dict[str, list[str]]
) -> None:
    token = signed_in.provider.token()
    assert await signed_in.caller(token) is not None
    signed_in.configure(disabled=disabled)

    signed_in.clock.passed_s += CHECK_INTERVAL_S

    assert await signed_in.caller(token) is None
    assert await signed_in.caller(signed_in.provider.token(sub="bob", groups=[])) is not None


async def test_cr_9_the_user_of_an_api_token_can_be_disabled_too(signed_in: SignIn) -> None:
    signed_in.configure(disabled={"users": ["robot"]})
    signed_in.clock.passed_s += CHECK_INTERVAL_S

    assert await signed_in.caller(TOKEN) is None


async def test_cr_9_a_provider_that_is_trusted_no_more_is_so_a_second_later(
    signed_in: SignIn, other_provider: IdentityProvider
) -> None:
    token = signed_in.provider.token()
    assert await signed_in.caller(token) is not None
    signed_in.configure(other_provider.configuration())

    signed_in.clock.passed_s += CHECK_INTERVAL_S

    assert await signed_in.caller(token) is None
    assert await signed_in.caller(other_provider.token()) is not None


async def test_a_change_elsewhere_in_the_file_keeps_the_keys(signed_in: SignIn) -> None:
    await signed_in.caller(signed_in.provider.token())
    signed_in.configure(administrators={"users": ["sso:bob"]})
    signed_in.clock.passed_s += CHECK_INTERVAL_S

    await signed_in.caller(signed_in.provider.token())

    assert signed_in.provider.count("/keys") == 1


@pytest.mark.parametrize("content", ["{", "", None])
async def test_a_file_that_cannot_be_used_changes_nothing(signed_in: SignIn, content: str | None) -> None:
    if content is None:
        signed_in.file.unlink()
    else:
        signed_in.file.write_text(content)
    signed_in.clock.passed_s += CHECK_INTERVAL_S

    with capture_logs() as logs:
        assert await signed_in.caller(signed_in.provider.token()) is not None
        assert await signed_in.caller(signed_in.provider.token()) is not None

    (reason,) = (entry["reason"] for entry in logs if entry["event"] == "authentication configuration not changed")
    assert str(signed_in.file) in reason


async def test_a_file_that_is_mended_is_used_again(signed_in: SignIn) -> None:
    signed_in.file.write_text("{")
    signed_in.clock.passed_s += CHECK_INTERVAL_S
    await signed_in.caller(TOKEN)
    signed_in.configure(disabled={"users": ["robot"]})
    signed_in.clock.passed_s += CHECK_INTERVAL_S

    assert await signed_in.caller(TOKEN) is None


async def test_without_a_configuration_a_jwt_is_nothing(signed_in: SignIn) -> None:
    signed_in.fakes.configuration = None

    assert await signed_in.caller(signed_in.provider.token()) is None
    assert signed_in.provider.paths == []


async def test_the_request_log_names_the_caller(signed_in: SignIn) -> None:
    with capture_logs() as logs:
        await signed_in.caller(signed_in.provider.token())

    assert [entry["caller"] for entry in logs if entry["event"] == "request"] == ["sso:alice"]
    assert json.dumps(logs, default=str).count("eyJ") == 0
