"""Checks after the choice: what other contexts have costs a selected one nothing. And limits, which are settings."""

import json

import pytest

from k8s.credentials.credential import BearerToken, Secret
from k8s.kubeconfig.errors import KubeconfigInvalid, KubeconfigTooLarge
from k8s.kubeconfig.kubeconfig import parse_kubeconfig
from k8s.kubeconfig.limits import KubeconfigLimits
from k8s.kubeconfig.policy import KubeconfigPolicy
from tests.k8s.kubeconfig_samples import SERVER, TOKEN, ca_data, certificate_user, client_pair, parse

NOTHING = KubeconfigPolicy()


def document(*names: str) -> dict[str, list[dict[str, object]]]:
    """Returns a kubeconfig with a context, cluster and user for each name."""
    return {
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in names],
        "clusters": [{"name": name, "cluster": {"server": SERVER}} for name in names],
        "users": [{"name": name, "user": {"token": TOKEN}} for name in names],
    }


@pytest.mark.parametrize("section", ["contexts", "clusters", "users"])
def test_a_name_that_is_there_twice_refuses_that_context_alone(section: str) -> None:
    content = document("twice", "once")
    content[section].append({"name": "twice", section[:-1]: {"server": "https://other.example", "token": "other"}})
    kubeconfig = parse(content)

    with pytest.raises(KubeconfigInvalid) as refused:
        kubeconfig.context("twice")

    assert str(refused.value) == f"config: context 'twice': {section} has 'twice' twice; rename or remove one."
    assert kubeconfig.context("once").credential == BearerToken(Secret(TOKEN))
    assert kubeconfig.contexts == ("twice", "once")


@pytest.mark.parametrize("section", ["contexts", "clusters", "users"])
@pytest.mark.parametrize(
    "item",
    [
        None,
        "text",
        [],
        {},
        {"name": None},
        {"name": ["a"]},
        {"name": "x" * 513},
        {"name": "a\x1bb", "context": "x"},
        {"name": "z", "context": 1, "cluster": [], "user": "x"},
        {"name": "z", "user": {"auth-provider": {"name": "gcp"}}, "cluster": {"server": "nonsense"}},
    ],
)
def test_what_another_item_has_costs_nothing(section: str, item: object) -> None:
    content: dict[str, list[object]] = {key: [item, *items] for key, items in document("a").items()}
    others = {key: items for key, items in document("a").items() if key != section}

    assert parse({**others, section: content[section]}).context("a").credential == BearerToken(Secret(TOKEN))


@pytest.mark.parametrize("current", [["a"], True, {"a": "b"}, "a\nb"])
def test_an_unusable_current_context_is_none_with_a_note(current: object) -> None:
    kubeconfig = parse(document("a") | {"current-context": current})

    assert kubeconfig.current_context is None
    assert [note.startswith("config: the file: current-context ") for note in kubeconfig.notes] == [True]
    assert kubeconfig.context("a").name == "a"


@pytest.mark.parametrize("user", [{"token": TOKEN}, certificate_user(client_pair())], ids=["slim", "certificates"])
def test_1300_contexts_are_read(user: dict[str, object]) -> None:
    names = [f"c{number}" for number in range(1300)]
    content = document(*names)
    for cluster, entry in zip(content["clusters"], content["users"], strict=True):
        cluster["cluster"] = {"server": SERVER, "certificate-authority-data": ca_data()}
        entry["user"] = user

    kubeconfig = parse(content)

    assert len(kubeconfig.contexts) == 1300
    assert kubeconfig.context("c7").name == "c7"


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (KubeconfigLimits(file_bytes=100), "the file has more than 100 bytes (FLEETGRAPH_MAX_KUBECONFIG_BYTES)."),
        (
            KubeconfigLimits(contexts=2),
            "contexts has more than 2 items (FLEETGRAPH_MAX_KUBECONFIG_CONTEXTS).",
        ),
    ],
)
def test_a_limit_is_named_with_its_setting(limits: KubeconfigLimits, message: str) -> None:
    text = json.dumps(document("a", "b", "c")).encode()

    with pytest.raises(KubeconfigTooLarge) as refused:
        parse_kubeconfig(text, source="config", policy=NOTHING, limits=limits)

    assert str(refused.value) == f"config: {message}"


@pytest.mark.parametrize(
    ("section", "body"),
    [
        ("clusters", {"server": SERVER, "certificate-authority-data": "DATA+OMITTED"}),
        ("users", {"client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED"}),
        ("users", {"token": "REDACTED"}),
        ("users", {"client-certificate": "/x", "client-key-data": "REDACTED"}),
    ],
)
def test_the_output_of_kubectl_config_view_is_recognised(section: str, body: dict[str, object]) -> None:
    content = document("a", "b")
    content[section][0] = {"name": "a", section[:-1]: body}
    kubeconfig = parse(content)

    with pytest.raises(KubeconfigInvalid) as refused:
        kubeconfig.context("a")

    assert str(refused.value).endswith("write the file with: kubectl config view --raw.")
    assert kubeconfig.context("b").name == "b"
