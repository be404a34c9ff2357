"""What a provider may ask of the handshake with it, which the event loop computes."""

import ssl

import pytest

from server.oidc.configuration import JwtAuthenticator
from server.oidc.errors import KeysUnavailable
from server.oidc.fetching import KeyFetcher, tls_context
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tlswire import FFDHE8192, choosing
from tests.server.oidc.provider import IdentityProvider, running_provider


def fetcher(provider: IdentityProvider) -> KeyFetcher:
    return KeyFetcher(JwtAuthenticator.model_validate(provider.configuration()))


def with_group(group: str) -> ssl.SSLContext:
    context = authority().issue().server_context()
    context.set_ecdh_curve(group)
    return context


async def test_a_provider_with_another_group_than_the_first_is_asked() -> None:
    async with running_provider(with_group("secp384r1")) as provider:
        assert len((await fetcher(provider)()).usable) == 1


async def test_a_key_exchange_that_takes_long_is_refused() -> None:
    async with choosing(FFDHE8192) as port:
        provider = IdentityProvider(f"https://127.0.0.1:{port}", authority())
        with pytest.raises(KeysUnavailable, match="the server chooses ffdhe8192 for the key exchange, which takes too"):
            await fetcher(provider)()


def test_no_suite_has_parameters_that_a_provider_makes_up() -> None:
    """Python's own context offers some; tests/k8s/test_tls.py has such a server."""

    def made_up(context: ssl.SSLContext) -> list[str]:
        return [name for suite in context.get_ciphers() if (name := suite["name"]).startswith("DHE-")]

    assert made_up(ssl.create_default_context()) != []
    assert made_up(tls_context(authority().pem.decode())) == []
    assert made_up(tls_context(None)) == []


def test_certificates_are_judged_as_pythons_own_context_does() -> None:
    ours, pythons = tls_context(authority().pem.decode()), ssl.create_default_context(cadata=authority().pem.decode())

    assert (ours.verify_mode, ours.verify_flags) == (pythons.verify_mode, pythons.verify_flags)
    assert ours.check_hostname
