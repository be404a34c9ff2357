"""Contexts that connections share: how many are made, in which thread, and when again."""

import asyncio
import gc
import ssl
import threading
import weakref
from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import perf_counter

import pytest

from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, CredentialInvalid, Secret
from k8s.endpoint import Endpoint
from k8s.errors import TlsFailed
from k8s.network.contexts import Contexts
from k8s.network.tls import client_context
from k8s.transport.limits import ConnectionLimits
from k8s.transport.transport import Transport
from k8s.turns.turns import Pace
from tests.controlplane.certificates import CertificateAuthority
from tests.k8s.kubeconfig_samples import authority, client_pair
from tests.k8s.transports import LIST
from tests.k8s.wireserver import CLOSE, WireServer, http, until

SERVER = "https://localhost:6443"
TOKEN = BearerToken(Secret("t"))


class Made:
    """Makes contexts without authorities, and records for which endpoints and in which threads."""

    def __init__(self) -> None:
        self.endpoints: list[Endpoint] = []
        self.threads: list[int] = []
        self.before: Callable[[], object] = lambda: None

    def __call__(self, endpoint: Endpoint, _credential: Credential | None) -> ssl.SSLContext:
        self.endpoints.append(endpoint)
        self.threads.append(threading.get_ident())
        self.before()
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class System:
    """The file of the system's authorities."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def trust(self, *authorities: CertificateAuthority) -> None:
        self._path.write_bytes(b"".join(trusted.pem for trusted in authorities))

    def trust_none(self) -> None:
        self._path.unlink()


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    """Returns the file of the system's authorities, with a stranger in it."""
    path, folder = tmp_path / "authorities.pem", tmp_path / "authorities"
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    made = System(path)
    made.trust(stranger())
    return made


@cache
def stranger() -> CertificateAuthority:
    return CertificateAuthority.create("stranger")


def trusting_endpoint() -> Endpoint:
    return Endpoint(SERVER, ca_pem=authority().pem.decode())


def public_endpoint(number: int = 0) -> Endpoint:
    return Endpoint(f"https://cluster-{number}.example:6443")


def certificate_credential(name: str = "admin") -> ClientCertificate:
    pair = client_pair() if name == "admin" else authority().client(name)
    return ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))


async def test_what_trusts_and_presents_the_same_shares_a_context() -> None:
    contexts = Contexts()
    first = await contexts.context(trusting_endpoint(), TOKEN)

    other_host = Endpoint("https://other.example:6443", ca_pem=authority().pem.decode(), tls_server_name="kubernetes")
    assert await contexts.context(other_host, BearerToken(Secret("another"))) is first


async def test_connections_that_wait_for_their_turn_share_a_context() -> None:
    made = Made()
    contexts = Contexts(made)

    async def spend_the_slice() -> None:
        until_s = Pace().until_s
        while perf_counter() <= until_s:
            pass

    connecting = [contexts.context(trusting_endpoint(), TOKEN) for _ in range(3)]
    await asyncio.gather(spend_the_slice(), *connecting)

    assert len(made.endpoints) == 1


async def test_nothing_that_trusts_or_presents_something_else_shares_it() -> None:
    contexts = Contexts()
    made = [
        await contexts.context(endpoint, credential)
        for endpoint in (
            trusting_endpoint(),
            Endpoint(SERVER),
            Endpoint(SERVER, skip_tls_verify=True),
            Endpoint(SERVER, ca_pem=stranger().pem.decode()),
        )
        for credential in (TOKEN, certificate_credential(), certificate_credential("another"))
    ]

    assert len(set(map(id, made))) == len(made)


@pytest.mark.parametrize("endpoint", [trusting_endpoint(), public_endpoint()], ids=["own", "system"])
async def test_a_context_that_nobody_uses_is_not_kept(endpoint: Endpoint) -> None:
    contexts = Contexts()
    used = weakref.ref(await contexts.context(endpoint, certificate_credential()))

    await until(lambda: gc.collect() >= 0 and used() is None)  # the task and the thread that have loaded it let it go

    assert len(contexts) == 0


async def test_150_clusters_at_once_load_the_authorities_of_the_system_once() -> None:
    contexts = Contexts(made := Made())

    shared = await asyncio.gather(*(contexts.context(public_endpoint(number), TOKEN) for number in range(150)))

    assert len(made.endpoints) == 1
    assert len(set(map(id, shared))) == 1


async def test_150_clusters_one_after_the_other_load_them_once() -> None:
    contexts = Contexts(made := Made())

    for number in range(150):
        await contexts.context(public_endpoint(number), TOKEN)
        gc.collect(0)

    assert len(made.endpoints) == 1


async def test_they_are_loaded_beside_the_event_loop_for_each_client_certificate() -> None:
    contexts = Contexts(made := Made())
    goes_on = threading.Event()
    made.before = lambda: goes_on.wait(30)
    credentials: list[Credential] = [certificate_credential("one"), certificate_credential("two"), TOKEN]

    loading = [
        asyncio.create_task(contexts.context(public_endpoint(number), credential))
        for number, credential in enumerate(credentials * 10)
    ]
    await asyncio.sleep(0)
    goes_on.set()  # by the loop, which is not blocked meanwhile
    await asyncio.gather(*loading)

    assert len(made.endpoints) == len(credentials)
    assert threading.get_ident() not in made.threads


async def test_one_that_no_longer_waits_takes_nothing_from_the_others() -> None:
    contexts = Contexts(made := Made())
    goes_on = threading.Event()
    made.before = lambda: goes_on.wait(30)
    leaving, staying = (asyncio.create_task(contexts.context(public_endpoint(), TOKEN)) for _ in range(2))
    await asyncio.sleep(0)

    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    goes_on.set()

    assert await staying is await contexts.context(public_endpoint(), TOKEN)
    assert len(made.endpoints) == 1


async def test_a_certificate_that_is_refused_is_refused_each_time() -> None:
    def refuse() -> None:
        raise CredentialInvalid("the TLS library refuses the client certificate")

    contexts = Contexts(made := Made())
    made.before = refuse

    for _ in range(2):
        with pytest.raises(CredentialInvalid):
            await contexts.context(public_endpoint(), certificate_credential())
    assert len(made.endpoints) == 2


async def test_they_are_loaded_again_once_the_file_has_changed(system: System) -> None:
    contexts = Contexts(made := Made())
    first = await contexts.context(public_endpoint(), TOKEN)

    system.trust(stranger(), authority())

    assert await contexts.context(public_endpoint(), TOKEN) is not first
    assert await contexts.context(public_endpoint(), TOKEN) is await contexts.context(public_endpoint(1), TOKEN)
    assert len(made.endpoints) == 2


async def test_they_are_loaded_once_while_the_system_has_none(system: System) -> None:
    system.trust_none()
    contexts = Contexts(made := Made())

    for number in range(3):
        await contexts.context(public_endpoint(number), TOKEN)

    assert len(made.endpoints) == 1


async def test_a_connection_that_is_open_for_long_trusts_what_the_system_trusts_now(
    system: System, server: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8s.transport.transport.CONTEXTS", Contexts(client_context))
    server.answers = [CLOSE + http()]  # each request needs a new connection
    transport = Transport(
        "alpha", Endpoint(server.endpoint.server), credential=TOKEN, limits=ConnectionLimits(connect_timeout_s=30)
    )
    with pytest.raises(TlsFailed, match="certificate was refused"):
        await transport.exchange(LIST, timeout_s=30)

    system.trust(authority())
    assert await transport.exchange(LIST, timeout_s=30) == b"{}"

    system.trust(stranger())
    with pytest.raises(TlsFailed, match="certificate was refused"):
        await transport.exchange(LIST, timeout_s=30)
    await transport.close()
