"""Refusals by the constructors of the values."""

import pytest

from store.clusters.cluster import ClusterConnection
from store.errors import InvalidValue
from tests.store.samples import new_cluster


@pytest.mark.parametrize("name", ["Prod", "a/b", "..", ""])
def test_a_name_that_is_no_dns_label_is_refused_before_anything_is_stored(name: str) -> None:
    with pytest.raises(InvalidValue):
        new_cluster(name)


def test_an_empty_credential_is_refused() -> None:
    with pytest.raises(InvalidValue, match="Cluster prod has an empty credential"):
        new_cluster("prod", credential=b"")


@pytest.mark.parametrize("url", ["https://user:canary@host", "https://canary@host:6443"])
def test_a_url_with_a_secret_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidValue, match="The server has a user or password") as refusal:
        ClusterConnection(server=url)
    with pytest.raises(InvalidValue, match="The proxy_url has a user or password"):
        ClusterConnection(server="https://host", proxy_url=url)

    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("url", ["", "host:6443", "https://", "//host", "https://[::1", "https://a\0b"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidValue):
        ClusterConnection(server=url)
