"""`Secret.tls`: certificates of TLS Secrets, and nothing else of them."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from graph.engine import Engine
from k8s.errors import Forbidden
from k8s.kinds import builtin as kinds
from tests.printed.requestbytes import CERTIFICATE
from tests.resolvers.links.owning import RecordingSender, answered, cluster_with, object_of

FACTS = "tls { subject issuer dnsNames ipAddresses serialNumber notBefore notAfter }"
EXPECTED = {
    "subject": "CN=printed",
    "issuer": "CN=printed",
    "dnsNames": ["a.example.com"],
    "ipAddresses": [],
    "serialNumber": "7",
    "notBefore": "2026-01-04T03:04:05Z",
    "notAfter": "2036-01-02T03:04:05Z",
}


def secret(name: str, certificate: str | None = CERTIFICATE, kind: str = "kubernetes.io/tls", **options: Any) -> Any:
    """Returns a Secret with a certificate and a key."""
    data = {"tls.key": b64encode(b"private").decode()} | ({} if certificate is None else {"tls.crt": certificate})
    return object_of(kinds.SECRET, name, **options) | {"type": kind, "data": data}


def cluster(*secrets: Any, **options: Any) -> RecordingSender:
    """Returns a cluster with Secrets."""
    return cluster_with([*secrets], serves=[kinds.SECRET], **options)


async def test_the_certificate_is_shown_and_all_values_stay_masked(engine: Engine) -> None:
    sender = cluster(secret("a"))

    answer = await answered(engine, f"{{ secrets {{ nodes {{ name data {FACTS} }} }} }}", sender)

    masked = {"tls.crt": None, "tls.key": None}
    assert answer == {"data": {"secrets": {"nodes": [{"name": "a", "data": masked, "tls": EXPECTED}]}}}


@pytest.mark.parametrize(
    "other",
    [
        secret("s", kind="Opaque"),
        secret("s", None),
        secret("s", ""),
        secret("s", "not base64"),
        secret("s", b64encode(b"no certificate").decode()),
        secret("s", b64encode(b"\xff").decode()),
        secret("s", b64encode(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").decode()),
        secret("s", "A" * 600_000),
    ],
    ids=["opaque", "absent", "empty", "no base64", "no PEM", "no text", "no DER", "long"],
)
async def test_a_secret_without_a_readable_certificate_has_none(engine: Engine, other: Any) -> None:
    answer = await answered(engine, f"{{ secrets {{ nodes {{ {FACTS} }} }} }}", cluster(other))

    assert answer == {"data": {"secrets": {"nodes": [{"tls": None}]}}}


async def test_any_number_of_secrets_costs_one_list_more(engine: Engine) -> None:
    sender = cluster(*(secret(f"s{place}", namespace=f"n{place}") for place in range(9)))

    condition = '{path: "tls.notAfter", op: LT, value: "2037-01-01T00:00:00Z"}'
    answer = await answered(engine, f"{{ secrets(where: [{condition}]) {{ totalCount }} }}", sender)

    assert answer == {"data": {"secrets": {"totalCount": 9}}}
    assert sender.counts == {"secrets": 2}


async def test_without_tls_secrets_nothing_more_is_read(engine: Engine) -> None:
    sender = cluster(secret("s", kind="Opaque"))

    await answered(engine, f"{{ secrets {{ nodes {{ {FACTS} }} }} }}", sender)

    assert sender.counts == {"secrets": 1}


async def test_the_list_of_all_namespaces_may_be_forbidden(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = cluster(*(secret(f"s{place}", namespace=f"n{place}") for place in range(9)))
    send = sender.send

    async def refusing(call: Any, *arguments: Any, **options: Any) -> bytes:
        if call.path == "/api/v1/secrets" and any(key == "fieldSelector" for key, _ in call.query):
            raise Forbidden("snap", "it does not allow that.", status=403)
        return await send(call, *arguments, **options)

    monkeypatch.setattr(sender, "send", refusing)
    answer = await answered(engine, "{ secrets { nodes { tls { serialNumber } } } }", sender)

    assert answer == {"data": {"secrets": {"nodes": [{"tls": {"serialNumber": "7"}}] * 9}}}


async def test_a_list_that_never_ends_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = cluster(secret("s"))
    send = sender.send

    async def endless(call: Any, *arguments: Any, **options: Any) -> bytes:
        if any(key == "fieldSelector" for key, _ in call.query):
            return b'{"metadata": {"continue": "again"}, "items": []}'
        return await send(call, *arguments, **options)

    monkeypatch.setattr(sender, "send", endless)
    answer = await answered(engine, "{ secrets { nodes { tls { subject } } } }", sender)

    assert answer["data"] == {"secrets": {"nodes": [{"tls": None}]}}
    assert [error["message"] for error in answer["errors"]] == ["cluster 'snap': its list of secrets never ends."]


async def test_pages_are_read_to_the_end(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.masking.tlscertificates._PAGE", 4)
    sender = cluster(*(secret(f"s{place}", namespace=f"n{place}") for place in range(9)))

    answer = await answered(engine, "{ secrets { nodes { tls { serialNumber } } } }", sender)

    assert answer == {"data": {"secrets": {"nodes": [{"tls": {"serialNumber": "7"}}] * 9}}}
    assert sender.counts == {"secrets": 4}


async def test_accounts_lead_to_their_secrets_and_pods(engine: Engine) -> None:
    token = object_of(kinds.SECRET, "token")
    token["metadata"]["annotations"] = {"kubernetes.io/service-account.name": "a"}
    account = object_of(kinds.SERVICE_ACCOUNT, "a") | {
        "secrets": [{"name": "m"}, {"name": "gone"}],
        "imagePullSecrets": [{"name": "pull"}],
    }
    sender = cluster_with(
        [
            account,
            object_of(kinds.SERVICE_ACCOUNT, "default"),
            token,
            *(object_of(kinds.SECRET, name) for name in ("m", "pull")),
            object_of(kinds.POD, "p") | {"spec": {"serviceAccountName": "a"}},
            object_of(kinds.POD, "q") | {"spec": {}},
        ],
        serves=[kinds.SERVICE_ACCOUNT, kinds.SECRET, kinds.POD],
    )

    answer = await answered(
        engine,
        """{ serviceAccounts { nodes { name pods { nodes { name } } mountableSecrets { name } pullSecrets { name }
        tokenSecrets { nodes { name } } } } secrets { nodes { name serviceAccount { name } } } }""",
        sender,
    )

    none: Any = {"nodes": []}
    assert answer["data"] == {
        "serviceAccounts": {
            "nodes": [
                {
                    "name": "a",
                    "pods": {"nodes": [{"name": "p"}]},
                    "mountableSecrets": [{"name": "m"}],
                    "pullSecrets": [{"name": "pull"}],
                    "tokenSecrets": {"nodes": [{"name": "token"}]},
                },
                {
                    "name": "default",
                    "pods": none,
                    "mountableSecrets": [],
                    "pullSecrets": [],
                    "tokenSecrets": none,
                },
            ]
        },
        "secrets": {
            "nodes": [
                {"name": "m", "serviceAccount": None},
                {"name": "pull", "serviceAccount": None},
                {"name": "token", "serviceAccount": {"name": "a"}},
            ]
        },
    }
