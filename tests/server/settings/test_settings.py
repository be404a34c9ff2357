"""The environment, and the document about it."""

import re
from dataclasses import astuple
from ipaddress import ip_network
from pathlib import Path

import pytest

from k8s.kinds.builtin import CONFIG_MAP, SECRET
from k8s.kinds.kind import Kind
from k8s.kubeconfig.allowance import Allowance
from k8s.network.addresses import AddressRefused
from k8s.schemas import limits
from resolvers.limits import MIB
from resolvers.live.watchpolicy import WatchPolicy
from server.commanderrors import SettingsError
from server.settings.clusterlimits import connection_limits, watch_policy, without_loopback
from server.settings.kinds import KindSettings
from server.settings.settings import Settings, load_settings
from server.settings.types import PREFIX

DOCUMENT = Path(__file__).parents[3] / "docs" / "settings.md"


def _load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    return load_settings({f"{PREFIX}{name}": value for name, value in environment.items()})


def test_the_defaults_are_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(monkeypatch)

    assert (settings.connect_timeout_s, settings.cluster_timeout_s, settings.operation_timeout_s) == (3, 15, 30)
    assert (settings.max_body_bytes, settings.drain_timeout_s) == (2_000_000, 10)
    assert settings.kubeconfig_allow == frozenset()


@pytest.mark.parametrize(("process_mib", "share_mib"), [(256, 16), (384, 24), (1024, 32)])
def test_answers_on_their_way_take_a_quarter_of_the_process_at_most(
    monkeypatch: pytest.MonkeyPatch, process_mib: int, share_mib: int
) -> None:
    limits = connection_limits(_load(monkeypatch, MAX_MEMORY_BYTES=str(process_mib * MIB)))

    assert (limits.share_bytes, limits.body_bytes) == (share_mib * MIB, 32 * MIB)


def test_allowances_are_a_list_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(monkeypatch, KUBECONFIG_ALLOW=" files, proxy-url ,")

    assert settings.kubeconfig_allow == {Allowance.FILES, Allowance.PROXY_URL}


def test_networks_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(monkeypatch, DENIED_ADDRESSES="10.96.0.0/12, ::1", ALLOWED_ADDRESSES="127.0.0.1")

    assert settings.denied_addresses == {ip_network("10.96.0.0/12"), ip_network("::1/128")}
    assert settings.allowed_addresses == {ip_network("127.0.0.1/32")}


def test_masked_paths_are_read_by_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    masking = _load(monkeypatch, MASKED_PATHS="configmaps:data.password, example.com/Widget:spec.token").masking

    assert masking.is_masked(CONFIG_MAP, ["data", "password"])
    assert masking.is_masked(Kind("example.com", "v1", "Widget", "widgets"), ["spec", "token"])
    assert masking.is_masked(SECRET, ["data"])


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("configmap:data", r"'configmap' is no kind; did you mean configmaps or ConfigMap\?"),
        (
            "pods:spec.nodename",
            r"'pods:spec.nodename': PodSpec has no field nodename; did you mean nodeName or hostname\?",
        ),
    ],
)
def test_a_masked_path_that_masks_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, value: str, cause: str) -> None:
    with pytest.raises(SettingsError, match=f"^FLEETGRAPH_MASKED_PATHS: {cause}$"):
        _load(monkeypatch, MASKED_PATHS=value)


@pytest.mark.parametrize("value", ["10.0.0.1/8", "example.com", "10.0.0.0/33", "10.0.0.0/8;::1"])
def test_what_is_no_network_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with pytest.raises(SettingsError, match=r"^FLEETGRAPH_DENIED_ADDRESSES: must hold IP networks, such as [^\n]+$"):
        _load(monkeypatch, DENIED_ADDRESSES=value)


def test_kc_7_a_server_that_others_reach_denies_loopback_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = connection_limits(without_loopback(_load(monkeypatch))).addresses
    excepted = connection_limits(without_loopback(_load(monkeypatch, ALLOWED_ADDRESSES="127.0.0.0/8"))).addresses

    for address in ("127.0.0.1", "::1"):
        connection_limits(_load(monkeypatch)).addresses.require(address)
        with pytest.raises(AddressRefused):
            policy.require(address)
    excepted.require("127.0.0.1")


def test_typed_kinds_are_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    choice = _load(monkeypatch, TYPED_KINDS="*, -*.upbound.io").type_choice

    assert choice.chooses("argoproj.io")
    assert not choice.chooses("ec2.upbound.io")


def test_the_limits_of_watches_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(
        monkeypatch,
        MAX_WATCHES_PER_CLUSTER="7",
        MAX_WATCHES="70",
        MAX_WATCHED_BYTES=str(64 * MIB),
        WATCH_LINGER_S="5",
        MAX_MEMORY_BYTES=str(256 * MIB),
    )
    assert watch_policy(settings) == WatchPolicy(7, 70, 64 * MIB, 5.0)
    small = _load(monkeypatch, MAX_WATCHED_BYTES=str(512 * MIB), MAX_MEMORY_BYTES=str(300 * MIB))
    assert watch_policy(small).memory_bytes == 150 * MIB


def test_the_limits_of_schemas_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {name: value for name, value in vars(limits).items() if name.endswith("_SETTING")}
    values = {
        value.removeprefix(PREFIX): str(number) for number, value in enumerate(sorted(named.values()), start=2000)
    }
    values |= {"MAX_SCHEMA_DEPTH": "80", "MAX_SCHEMA_REREADS": "9"}

    settings = _load(monkeypatch, **values)

    found = [str(value) for value in astuple(settings.schema_limits)]
    assert sorted([*found, str(settings.max_types)]) == sorted(values.values())


def test_bounds_of_the_limits_of_schemas_are_documented() -> None:
    text = DOCUMENT.read_text()
    for name, field in KindSettings.model_fields.items():
        bounds = {kind: getattr(one, kind) for one in field.metadata for kind in ("ge", "le") if hasattr(one, kind)}
        if "ge" in bounds and not name.endswith("_bytes"):
            row = rf"^\| {bounds['ge']} to {bounds['le']} \| .*`{PREFIX}{name.upper()}`"
            assert re.search(row, text, re.MULTILINE), name


def test_what_is_no_group_is_refused_without_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        SettingsError, match=r"^FLEETGRAPH_TYPED_KINDS: must hold API groups, such as [^\n]+$"
    ) as refused:
        _load(monkeypatch, TYPED_KINDS="Canary/v1")

    assert "Canary" not in str(refused.value)


def test_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _load(monkeypatch, DATABASE_URL="", CONNECT_TIMEOUT_S="").database_url is None


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan", "1e9", "soon", "3 s"])
def test_no_value_of_a_deadline_means_unlimited(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with pytest.raises(SettingsError, match=r"^FLEETGRAPH_CLUSTER_TIMEOUT_S: [^\n]+$"):
        _load(monkeypatch, CLUSTER_TIMEOUT_S=value)


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name.startswith("max_")])
@pytest.mark.parametrize("value", ["0", "-1", "unlimited", "99999999999999999999"])
def test_no_value_of_a_limit_means_unlimited(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{PREFIX}{name.upper()}: "):
        _load(monkeypatch, **{name.upper(): value})


def test_each_bad_value_has_its_line_without_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as raised:
        _load(monkeypatch, LOG_LEVEL="canary-a", MAX_OBJECTS="canary-b", KUBECONFIG_ALLOW="canary-c")

    lines = str(raised.value).splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == [
        "FLEETGRAPH_KUBECONFIG_ALLOW",
        "FLEETGRAPH_LOG_LEVEL",
        "FLEETGRAPH_MAX_OBJECTS",
    ]
    assert "canary" not in str(raised.value)


def test_a_misspelt_name_is_refused_with_what_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        SettingsError, match=r"FLEETGRAPH_CLUSTR_TIMEOUT_S .* did you mean FLEETGRAPH_CLUSTER_TIMEOUT_S"
    ):
        _load(monkeypatch, CLUSTR_TIMEOUT_S="60")


def test_an_unknown_name_is_ignored_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _load(monkeypatch, COLOUR="red")

    assert capsys.readouterr().err == "warning: FLEETGRAPH_COLOUR is not a setting and is ignored.\n"


@pytest.mark.parametrize(
    "name",
    ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_8000_TCP", "PORT_8000_TCP_ADDR", "DB_PORT"],
)
def test_what_kubernetes_makes_of_a_service_called_fleetgraph_is_no_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    _load(monkeypatch, **{name: "tcp://10.0.0.1:8000"})

    assert capsys.readouterr().err == ""


def test_secrets_show_themselves_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(monkeypatch, DATABASE_URL="postgresql://u:canary@h/d", ENCRYPTION_KEYS="v1:canary")

    assert "canary" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_the_document_has_every_setting_with_default_and_description() -> None:
    rows = re.findall(r"^\| `(FLEETGRAPH_\w+)` \| (.+?) \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)

    documented = {name: (default, description) for name, default, description in rows}
    assert documented == {
        f"{PREFIX}{name.upper()}": (_in_words(field.get_default()), field.description)
        for name, field in Settings.model_fields.items()
    }


def _in_words(default: object) -> str:
    if default in (None, frozenset(), ()):
        return "none"
    if isinstance(default, frozenset):
        return f"`{','.join(sorted(default))}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
