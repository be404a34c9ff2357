"""Addresses of API servers: one spelling, and nothing but https."""

import pytest

from k8s.endpoint import Endpoint, EndpointInvalid
from tests.k8s.kubeconfig_samples import authority, client_pair


def refused(server: str) -> str:
    with pytest.raises(EndpointInvalid) as error:
        Endpoint(server)
    return str(error.value)


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("https://api.example", "https://api.example"),
        ("HTTPS://API.Example:6443/", "https://api.example:6443"),
        ("https://api.example:443", "https://api.example"),
        ("https://API.example.:6443", "https://api.example:6443"),
        ("https://my_cluster.internal", "https://my_cluster.internal"),
        ("https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"),
        ("https://127.0.0.1:6443", "https://127.0.0.1:6443"),
        ("https://[::1]:6443", "https://[::1]:6443"),
        ("https://[2001:DB8:0::1]", "https://[2001:db8::1]"),
        ("https://rancher.example/k8s/clusters/c-abc/", "https://rancher.example/k8s/clusters/c-abc"),
        ("https://rancher.example/k8s/clusters/c-m-abc~1", "https://rancher.example/k8s/clusters/c-m-abc~1"),
        ("https://proxy.example/user@host", "https://proxy.example/user@host"),
    ],
)
def test_an_address_has_one_spelling(written: str, normalised: str) -> None:
    endpoint = Endpoint(written)

    assert endpoint.server == normalised
    assert Endpoint(endpoint.server) == endpoint


def test_an_address_is_taken_apart() -> None:
    endpoint = Endpoint("https://[::1]:6443/k8s/clusters/c-abc")

    assert (endpoint.host, endpoint.port, endpoint.path_prefix) == ("::1", 6443, "/k8s/clusters/c-abc")


def test_the_port_of_https_is_443() -> None:
    endpoint = Endpoint("https://api.example")

    assert (endpoint.host, endpoint.port, endpoint.path_prefix) == ("api.example", 443, "")


@pytest.mark.parametrize(
    "server",
    [
        "",
        "api.example:6443",
        "//api.example",
        "http://api.example",
        "file:///etc/passwd",
        "unix:/run/x",
        "unix:///run/x",
        "https:api",
        "https:\\\\api",
    ],
)
def test_kc_7_anything_but_https_is_refused(server: str) -> None:
    assert refused(server) == "the server address does not begin with https:// and a host"


@pytest.mark.parametrize(
    "server",
    [
        "https://user:canary@api.example",
        "https://canary@api.example",
        "https://@api.example",
        "https://api.example?x=canary",
        "https://api.example/#canary",
    ],
)
def test_kc_7_users_queries_and_fragments_are_refused_unseen(server: str) -> None:
    expected = "the server address has a user, a password, a query or a fragment; write it as https://host:port"
    assert refused(server) == expected


@pytest.mark.parametrize("path", ["/../x", "/a/..", "/.", "/a/./b"])
def test_kc_7_dots_in_the_path_are_refused(path: str) -> None:
    assert (
        refused(f"https://api.example{path}")
        == "the server address has a path with . or .. in it; write the path without them"
    )


@pytest.mark.parametrize("path", ["/%2e%2e/x", "/a%2fb", "//", "/a//b", "/a b", "/a\\b", "/é"])
def test_kc_7_paths_that_are_not_plain_are_refused(path: str) -> None:
    expected = "the server address has an empty segment or a special character in its path"
    assert refused(f"https://api.example{path}/end") == expected


@pytest.mark.parametrize(
    "host", ["0x7f000001", "2130706433", "127.1", "0177.0.0.1", "127.0.0.0x1", "256.1.1.1", "1.2.3.4.5"]
)
def test_kc_7_addresses_in_odd_spellings_are_refused(host: str) -> None:
    assert (
        refused(f"https://{host}")
        == "the server address has a host that is neither a DNS name nor four decimal numbers"
    )


@pytest.mark.parametrize(
    "host", ["", "a..b", "-a.example", "a-.example", "a b", "a%00b", "x" * 64, "a.example..", ".", "*.example"]
)
def test_hosts_that_are_no_names_are_refused(host: str) -> None:
    assert refused(f"https://{host}") == "the server address has no valid DNS name or IP address as its host"


def test_hosts_outside_ascii_are_refused_with_what_to_write() -> None:
    expected = "the server address has a host with characters outside ASCII; write it in its xn-- form"
    assert refused("https://münchen.example") == expected


@pytest.mark.parametrize("host", ["[::g]", "[127.0.0.1]", "[]"])
def test_brackets_hold_ipv6_addresses_only(host: str) -> None:
    expected = "the server address has a host that is not an IPv6 address; write it in brackets in a URL"
    assert refused(f"https://{host}") == expected


def test_zones_of_ipv6_are_refused() -> None:
    assert refused("https://[fe80::1%eth0]").endswith("an IPv6 host with a zone, which only this machine understands")


@pytest.mark.parametrize("port", ["", "0", "65536", "x", "-1", "+1", "\uff11", "443:1"])
def test_ports_that_are_none_are_refused(port: str) -> None:
    assert (
        refused(f"https://api.example:{port}") == "the server address has a port that is not a number from 1 to 65535"
    )


@pytest.mark.parametrize(
    "server", ["https://api.example\n", "https://a\tpi.example", "https://api.example/\0", f"https://{'a' * 2048}"]
)
def test_unprintable_and_endless_addresses_are_refused(server: str) -> None:
    assert refused(server) == "the server address is longer than 2048 characters or has unprintable ones"


def test_an_authority_is_normalised_and_not_shown() -> None:
    pem = authority().pem.decode()

    endpoint = Endpoint("https://api.example", ca_pem=f"# ours\n{pem}")

    assert endpoint.ca_pem == pem
    assert "CERTIFICATE" not in repr(endpoint)


@pytest.mark.parametrize(
    ("pem", "cause"),
    [
        ("", "holds no PEM certificate (-----BEGIN CERTIFICATE-----)"),
        ("hello", "holds no PEM certificate (-----BEGIN CERTIFICATE-----)"),
        ("-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----", "holds a certificate that cannot be read"),
        (client_pair().key_pem.decode(), "holds a private key where only certificates belong"),
        ("x" * 262145, "has more than 262144 bytes"),
    ],
)
def test_an_authority_that_is_none_is_refused(pem: str, cause: str) -> None:
    with pytest.raises(EndpointInvalid) as error:
        Endpoint("https://api.example", ca_pem=pem)

    assert str(error.value) == f"the certificate authority {cause}"


def test_a_server_name_is_normalised() -> None:
    assert Endpoint("https://127.0.0.1", tls_server_name="API.Example.").tls_server_name == "api.example"


def test_a_server_name_that_is_none_is_refused() -> None:
    with pytest.raises(EndpointInvalid, match="the TLS server name has no valid DNS name"):
        Endpoint("https://127.0.0.1", tls_server_name="a/b")


def test_an_authority_beside_a_skipped_verification_is_refused() -> None:
    with pytest.raises(EndpointInvalid, match="contradicts a TLS verification that is skipped"):
        Endpoint("https://api.example", ca_pem=authority().pem.decode(), skip_tls_verify=True)


@pytest.mark.parametrize(
    ("written", "normalised"),
    [("http://proxy.example:3128/", "http://proxy.example:3128"), ("HTTPS://Proxy.Example", "https://proxy.example")],
)
def test_a_proxy_is_normalised(written: str, normalised: str) -> None:
    assert Endpoint("https://api.example", proxy_url=written).proxy_url == normalised


@pytest.mark.parametrize(
    ("proxy", "cause"),
    [
        ("socks5://proxy.example", "does not begin with http:// or https:// and a host"),
        (
            "http://user:canary@proxy.example",
            "has a user, a password, a query or a fragment; write it as http://host:port",
        ),
        ("http://proxy.example/x", "has a path; write it as http://host:port"),
    ],
)
def test_a_proxy_that_is_none_is_refused(proxy: str, cause: str) -> None:
    with pytest.raises(EndpointInvalid) as error:
        Endpoint("https://api.example", proxy_url=proxy)

    assert str(error.value) == f"the proxy address {cause}"
