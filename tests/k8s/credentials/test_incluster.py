"""The pod's own cluster: found as client-go finds it, with a token that is read again after the kubelet renewed it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from k8s import errors
from k8s.credentials.credential import CredentialInvalid, PodServiceAccount, dump_credential, load_credential
from k8s.credentials.incluster import MountedToken, NotInCluster, in_cluster_endpoint
from k8s.credentials.sources import CredentialSources
from k8s.credentials.tokens import RenewedToken
from k8s.transport.transport import Transport
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.tokens import WallClock
from tests.k8s.transports import LIMITS, LIST
from tests.k8s.wireserver import WireServer, http

POD = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ca.crt").write_bytes(authority().pem)
    (tmp_path / "token").write_text("first\n")
    return tmp_path


def test_the_address_comes_from_the_variables_and_the_authorities_from_the_folder(folder: Path) -> None:
    endpoint = in_cluster_endpoint(folder, POD)

    assert (endpoint.server, endpoint.ca_pem) == ("https://10.96.0.1", authority().pem.decode())


def test_an_ipv6_address_is_bracketed(folder: Path) -> None:
    assert in_cluster_endpoint(folder, POD | {"KUBERNETES_SERVICE_HOST": "fd00::1"}).server == "https://[fd00::1]"


@pytest.mark.parametrize("missing", ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"])
def test_without_the_variables_this_is_no_pod(folder: Path, missing: str) -> None:
    with pytest.raises(NotInCluster, match="this is no pod"):
        in_cluster_endpoint(folder, POD | {missing: ""})


@pytest.mark.parametrize("missing", ["ca.crt", "token"])
def test_a_file_that_is_missing_is_named(folder: Path, missing: str) -> None:
    (folder / missing).unlink()

    with pytest.raises(NotInCluster, match=missing):
        in_cluster_endpoint(folder, POD)


def test_not_the_token_is_stored_but_where_it_is(folder: Path) -> None:
    stored = dump_credential(PodServiceAccount())

    assert load_credential(stored) == PodServiceAccount()
    assert b"first" not in stored
    assert str(folder).encode() not in stored


async def test_the_token_is_read_again_each_minute(folder: Path) -> None:
    wall = WallClock(datetime.now(UTC))
    source = RenewedToken(MountedToken(folder), clock=wall)
    assert (await source.token()).reveal() == "first"
    (folder / "token").write_text("second")
    assert (await source.token()).reveal() == "first"
    wall.pass_s(61)

    assert (await source.token()).reveal() == "second"


async def test_the_token_of_the_folder_is_sent(folder: Path, server: WireServer) -> None:
    limits = replace(LIMITS, sources=CredentialSources(service_account=folder))
    transport = Transport("alpha", server.endpoint, credential=PodServiceAccount(), limits=limits)
    await transport.exchange(LIST, timeout_s=10)
    await transport.close()

    assert server.headers()["authorization"] == "Bearer first"


async def test_elsewhere_the_cluster_says_that_it_is_reached_from_its_pods(tmp_path: Path, server: WireServer) -> None:
    limits = replace(LIMITS, sources=CredentialSources(service_account=tmp_path / "missing"))
    server.answers = [http()]
    transport = Transport("alpha", server.endpoint, credential=PodServiceAccount(), limits=limits)

    with pytest.raises(errors.CredentialUnusable, match="by the service account of its own pods"):
        await transport.exchange(LIST, timeout_s=10)
    await transport.close()

    assert server.connections == 0


@pytest.mark.parametrize("content", ["", "a b", "x" * 20_000])
async def test_a_file_that_holds_no_token(folder: Path, content: str) -> None:
    (folder / "token").write_text(content)

    with pytest.raises(CredentialInvalid):
        await MountedToken(folder)()
