"""The file that names issuers and administrators: its format, and its error messages."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.auth.oidc.configurationfile import read_configuration
from server.commanderrors import SettingsError
from tests.server.commandline import Cli

ISSUER = {"url": "https://sso.example.com", "audiences": ["fleetgraph"]}
MAPPINGS = {"username": {"claim": "sub", "prefix": "sso:"}, "groups": {"claim": "groups", "prefix": "sso:"}}
EXAMPLE = Path(__file__).parents[4] / "docs" / "authentication.md"


def entry(prefix: str = "sso:", **issuer: Any) -> dict[str, Any]:
    """Returns one issuer."""
    mappings = {"username": {"claim": "sub", "prefix": prefix}, "groups": {"claim": "groups", "prefix": prefix}}
    return {"issuer": {**ISSUER, **issuer}, "claimMappings": mappings}


def content(*jwt: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """Returns the whole file."""
    base = {"apiVersion": "fleetgraph/v1", "kind": "AuthenticationConfiguration", "jwt": list(jwt)}
    return {name: value for name, value in (base | sections).items() if value is not None}


def refusal(tmp_path: Path, written: object) -> str:
    """Returns the reason why a file is refused, without its name."""
    file = tmp_path / "authentication.yaml"
    file.write_text(written if isinstance(written, str) else json.dumps(written))
    with pytest.raises(SettingsError) as refused:
        read_configuration(file)
    return "\n".join(
        line.removeprefix(f"FLEETGRAPH_AUTHENTICATION_CONFIG: {file}: ") for line in str(refused.value).splitlines()
    )


def test_defaults(tmp_path: Path) -> None:
    file = tmp_path / "authentication.yaml"
    file.write_text(json.dumps(content(entry())))

    (issuer,) = read_configuration(file).jwt

    assert issuer.issuer.metadata_url == "https://sso.example.com/.well-known/openid-configuration"
    assert issuer.clock_skew_seconds == 60
    assert (issuer.jwks_max_age_seconds, issuer.jwks_max_stale_seconds) == (300, 86400)
    assert "none" not in issuer.algorithms
    assert not any(algorithm.startswith("HS") for algorithm in issuer.algorithms)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (content(entry(), kind="Config"), "kind: Input should be 'AuthenticationConfiguration'."),
        (content(entry(), apiVersion="v1"), "apiVersion: Input should be 'fleetgraph/v1'."),
        (content(entry(), kind=None), "kind: Field required."),
        (content({"issuer": ISSUER}), "jwt[0].claimMappings: Field required."),
        (content(entry(audiences=[])), "jwt[0].issuer.audiences: Tuple should have at least 1 item"),
        (content(entry(audience="x")), "jwt[0].issuer.audience: Extra inputs are not permitted."),
        (content(entry(), entry()), "jwt: two entries have the same issuer.url."),
        (content(entry(), clockSkew=3), "clockSkew: Extra inputs are not permitted."),
        (
            content({**entry(), "clockSkewSeconds": 301}),
            "jwt[0].clockSkewSeconds: Input should be less than or equal to 300.",
        ),
        (content({**entry(), "algorithms": ["HS256"]}), "jwt[0].algorithms: must be among RS256"),
        (content({**entry(), "algorithms": ["none"]}), "jwt[0].algorithms: must be among RS256"),
        (content(entry(certificateAuthority="x")), "jwt[0].issuer.certificateAuthority: holds no certificate in PEM."),
        (
            content(entry(), administrators={"users": ["ssso:alice"]}),
            "administrators.users: 'ssso:alice' begins with the prefix of no issuer.",
        ),
        (
            content(entry(), disabled={"groups": ["web:x"]}),
            "disabled.groups: 'web:x' begins with the prefix of no issuer.",
        ),
        (
            content({**entry(), "claimMappings": {"username": {"prefix": "sso:"}}}),
            "jwt[0].claimMappings.username: needs either claim or path.",
        ),
        (
            content({**entry(), "claimMappings": {"username": {"claim": "sub", "path": ["a"], "prefix": "sso:"}}}),
            "jwt[0].claimMappings.username: needs either claim or path.",
        ),
        ("- a", "Input should be a valid dictionary"),
        ("a: b: c", "YAML"),
        ("a: &x 1\nb: *x", ""),
        ("kind: A\nkind: B", "kind"),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, written: object, expected: str) -> None:
    assert expected in refusal(tmp_path, written)


@pytest.mark.parametrize("prefix", ["", "sso", "system:", "system:x:", "System:", " sso:", "a\n:", "-"])
def test_jw_5_prefixes_that_could_be_somebody_else_s_are_refused(tmp_path: Path, prefix: str) -> None:
    assert "jwt[0].claimMappings.username.prefix" in refusal(tmp_path, content(entry(prefix)))


@pytest.mark.parametrize(("first", "second"), [("sso:", "sso:"), ("sso:", "sso:eu:"), ("a:b:", "a:")])
def test_jw_9_prefixes_that_begin_alike_are_refused(tmp_path: Path, first: str, second: str) -> None:
    written = content(entry(first), entry(second, url="https://other.example.com"))

    assert "begin alike" in refusal(tmp_path, written)


@pytest.mark.parametrize(
    "url",
    [
        "http://sso.example.com",
        "ftp://sso.example.com",
        "file:///etc/passwd",
        "sso.example.com",
        "https://",
        "https://user:pw@sso.example.com",
        "https://sso.example.com?x=1",
        "https://sso.example.com#x",
        "https://sso.example.com/ x",
        "https://sso.example.com\\@evil.example",
        "https://[::1",
        "https://sso.example.com:99999",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
    ],
)
@pytest.mark.parametrize("field", ["url", "discoveryURL", "jwksURL"])
def test_urls_are_https(tmp_path: Path, url: str, field: str) -> None:
    assert f"jwt[0].issuer.{field}: must" in refusal(tmp_path, content(entry(**{field: url})))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:8080/realms/x", "http://[::1]:1"])
def test_plain_http_is_for_this_machine(tmp_path: Path, url: str) -> None:
    file = tmp_path / "authentication.yaml"
    file.write_text(json.dumps(content(entry(url=url))))

    assert read_configuration(file).jwt[0].issuer.url == url


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere.yaml cannot be read \(No such file or directory\)"):
        read_configuration(tmp_path / "nowhere.yaml")


def test_serve_ends_with_one_line_a_mistake(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "authentication.yaml"
    file.write_text(json.dumps(content({**entry(), "clockSkewSeconds": -1}, kind="Config")))
    monkeypatch.setenv("FLEETGRAPH_AUTHENTICATION_CONFIG", str(file))

    ran = cli("serve", "--port", "0")

    assert (ran.exit_code, ran.out) == (2, "")
    place = f"FLEETGRAPH_AUTHENTICATION_CONFIG: {file}: "
    assert [line.removeprefix("error: ") for line in ran.err.splitlines() if place in line] == [
        f"{place}kind: Input should be 'AuthenticationConfiguration'.",
        f"{place}jwt[0].clockSkewSeconds: Input should be greater than or equal to 0.",
    ]


def test_the_manual_s_example_can_be_used(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    file = tmp_path / "authentication.yaml"
    file.write_text(text)

    configuration = read_configuration(file)

    assert [authenticator.claim_mappings.username.prefix for authenticator in configuration.jwt] == ["sso:", "ci:"]
    assert configuration.administrators.groups == ("sso:platform",)
