"""Addresses of a Prometheus: normalised, and refused unless each part of them is valid."""

import pytest

from k8s.prometheus.address import (
    PrometheusAddressInvalid,
    PrometheusEndpoint,
    PrometheusService,
    prometheus_address,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("HTTPS://Prometheus.Example.:443/", "https://prometheus.example"),
        ("http://prometheus.example:80", "http://prometheus.example"),
        ("http://prometheus.example:9090/select/0/", "http://prometheus.example:9090/select/0"),
        ("https://[2001:DB8:0::1]:9090", "https://[2001:db8::1]:9090"),
        ("service:monitoring/prometheus:9090", "service:monitoring/prometheus:9090"),
        ("service:monitoring/https:prometheus-k8s:web", "service:monitoring/https:prometheus-k8s:web"),
        ('https://Thanos/{tenant="a b",cluster="prod-eu"}', 'https://thanos{cluster="prod-eu",tenant="a b"}'),
        ('service:monitoring/thanos:http{cluster="eu/1"}', 'service:monitoring/thanos:http{cluster="eu/1"}'),
    ],
)
def test_an_address_has_one_normal_form(text: str, normal: str) -> None:
    assert str(prometheus_address(text)) == normal
    assert prometheus_address(normal) == prometheus_address(text)


def test_a_service_is_asked_below_its_proxy() -> None:
    paths = {
        PrometheusService("monitoring", "prometheus", "9090").query_path,
        PrometheusService("monitoring", "prometheus", "web", "https").query_path,
    }

    assert paths == {
        "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query_range",
        "/api/v1/namespaces/monitoring/services/https:prometheus:web/proxy/api/v1/query_range",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://user:s3cret@prometheus", "has a user, a password"),
        ("https://s3cret@prometheus", "has a user, a password"),
        ("https://prometheus/?token=s3cret", "a query or a fragment"),
        ("https://prometheus/#s3cret", "a query or a fragment"),
        ("ftp://s3cret", "does not begin with https:// or http://"),
        ("s3cret.example", "does not begin with"),
        ("", "does not begin with"),
        ("https://", "no valid DNS name"),
        ("https://127.1", "four decimal numbers"),
        ("https://prometheus:0", "a number from 1 to 65535"),
        ("https://prometheus/a/../s3cret", "with . or .. in it"),
        ("https://prometheus/%2e%2e/s3cret", "a special character"),
        ("https://prometheus//s3cret", "an empty segment"),
        ("https://prometheus/\ns3cret", "unprintable"),
    ],
)
def test_a_url_with_more_than_a_host_and_a_path_is_refused(text: str, reason: str) -> None:
    with pytest.raises(PrometheusAddressInvalid) as refusal:
        prometheus_address(text)

    assert reason in str(refusal.value)
    assert str(refusal.value).endswith("a service of the cluster is written as service:NAMESPACE/NAME:PORT")
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "service:",
        "service:prometheus:9090",
        "service:monitoring/prometheus",
        "service:monitoring/prometheus:",
        "service:monitoring/prometheus:0",
        "service:monitoring/prometheus:65536",
        "service:monitoring/prometheus:9090/",
        "service:monitoring/prometheus:9090/api",
        "service:monitoring/prometheus:9090?x",
        "service:monitoring/prometheus:9090\n",
        "service:monitoring/ftp:prometheus:9090",
        "service:monitoring/a/prometheus:9090",
        "service:../prometheus:9090",
        "service:Monitoring/prometheus:9090",
        "service:monitoring/..:9090",
        "service:monitoring/%2e%2e:9090",
        "service:monitoring/prom etheus:9090",
        "service:monitoring/prometheus:\uff19\uff10",
        "service:monitoring/" + "p" * 64 + ":9090",
        "service:monitoring/" + "p" * 4096 + ":9090",
        "https://" + "prometheus." * 400,
        "Service:monitoring/prometheus:9090",
    ],
)
def test_a_service_with_an_invalid_segment_is_refused(text: str) -> None:
    with pytest.raises(PrometheusAddressInvalid):
        prometheus_address(text)


@pytest.mark.parametrize(
    "labels",
    [
        "{",
        "{}",
        "{cluster}",
        '{cluster="a"',
        '{cluster="a"} ',
        '{cluster=""}',
        '{cluster=~"a"}',
        '{cluster="a\\"}',
        '{cluster="a\n"}',
        '{cluster="a",}',
        '{cluster="a" ,b="c"}',
        '{cluster="a",cluster="b"}',
        '{cluster="a"}{b="c"}',
        '{cluster="a"} or up{b="c"}',
        '{1="a"}',
        '{cl\u00fcster="a"}',
    ],
)
def test_labels_that_are_no_plain_equalities_are_refused(labels: str) -> None:
    with pytest.raises(PrometheusAddressInvalid, match="the labels behind the address"):
        prometheus_address(f"https://thanos{labels}")


def test_the_name_of_a_metric_is_no_label_of_a_cluster() -> None:
    with pytest.raises(PrometheusAddressInvalid, match="__name__ behind the address is the name of a metric"):
        prometheus_address('https://thanos{__name__="x",cluster="a"}')


def test_a_url_verifies_certificates_of_the_system_and_uses_no_proxy() -> None:
    address = prometheus_address("https://prometheus").place

    assert isinstance(address, PrometheusEndpoint)
    assert (address.skip_tls_verify, address.ca_pem, address.proxy_url) == (False, None, None)
