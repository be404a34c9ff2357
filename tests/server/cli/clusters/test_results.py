"""The printed result of an import."""

import pytest

from k8s.errors import Unauthenticated
from server.cli.clusters.results import NotImported, print_result


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("", "it does not accept the credential of the kubeconfig."),
        (
            "the token expired on 2026-03-01 at 12:00 UTC",
            "it does not accept the credential of the kubeconfig: the token expired on 2026-03-01 at 12:00 UTC.",
        ),
    ],
)
def test_a_refused_credential_says_its_known_fault(capsys: pytest.CaptureFixture[str], fault: str, cause: str) -> None:
    error = Unauthenticated("alpha", "no", status=401)
    error.fault = fault

    print_result(NotImported(context="alpha", name="alpha", error=error))

    assert capsys.readouterr().out == f"failed    alpha: {cause}\n"
