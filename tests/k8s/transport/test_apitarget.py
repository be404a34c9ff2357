"""What paths are about."""

import pytest

from k8s.transport.apitarget import ApiTarget, api_target
from k8s.transport.path import ApiPath


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/secrets", ("secrets", "", "", "/api/v1/secrets")),
        ("/api/v1/namespaces", ("namespaces", "", "", "/api/v1/namespaces")),
        ("/api/v1/namespaces/shop", ("namespaces", "", "shop", "/api/v1/namespaces/{name}")),
        ("/api/v1/namespaces/shop/status", ("namespaces/status", "", "shop", "/api/v1/namespaces/{name}/status")),
        ("/api/v1/namespaces/shop/pods", ("pods", "shop", "", "/api/v1/namespaces/{namespace}/pods")),
        (
            "/api/v1/namespaces/shop/pods/web-0/log",
            ("pods/log", "shop", "web-0", "/api/v1/namespaces/{namespace}/pods/{name}/log"),
        ),
        (
            "/apis/apps/v1/namespaces/shop/deployments/web",
            ("deployments.apps", "shop", "web", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"),
        ),
        ("/apis/apps/v1/deployments", ("deployments.apps", "", "", "/apis/apps/v1/deployments")),
        ("/apis/apps/v1", ("/apis/apps/v1", "", "", "/apis/apps/v1")),
        ("/version", ("/version", "", "", "/version")),
        ("/api", ("/api", "", "", "/api")),
    ],
)
def test_a_path_is_about_a_resource(path: str, expected: tuple[str, str, str, str]) -> None:
    assert api_target(ApiPath(path)) == ApiTarget(*expected)
