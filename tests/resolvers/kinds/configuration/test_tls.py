"""`Secret.tls`: certificates of TLS Secrets, and nothing else of them."""

from __future__ import annotations

from base64 import b64encode
from ssl import DER_cert_to_PEM_cert, PEM_cert_to_DER_cert
from typing import Any

import pytest

from graph.engine import Engine
from k8s.errors import AnswerTooLarge, Forbidden
from k8s.kinds import builtin as kinds
from k8s.masking.tlscertificates import read_tls_certificates
from k8s.transport.deadline import Deadline
from resolvers.limits import OperationLimits
from tests.graph.fleets import Asking, fleet_of
from tests.printed.requestbytes import CERTIFICATE, PROOF
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


def changed(before: bytes, after: bytes) -> str:
    """Returns the certificate with other bytes in its first place with `before`."""
    der = PEM_cert_to_DER_cert(PROOF)
    assert before in der
    return b64encode(DER_cert_to_PEM_cert(der.replace(before, after, 1)).encode()).decode()


UNKNOWN_VERSION = changed(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07")
NO_TEXT_NAME = changed(b"\x0c\x07printed", b"\x03\x07\0rinted")


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
        secret("s", b64encode(PROOF.encode() * 200).decode()),
        secret("s", UNKNOWN_VERSION),
        secret("s", NO_TEXT_NAME),
    ],
    ids=[
        *("opaque", "absent", "empty", "no base64", "no PEM", "no text", "no DER", "long", "long chain"),
        *("unknown version", "a name that is no text"),
    ],
)
async def test_a_secret_without_a_readable_certificate_has_none(engine: Engine, other: Any) -> None:
    answer = await answered(engine, f"{{ secrets {{ nodes {{ {FACTS} }} }} }}", cluster(other))

    assert answer == {"data": {"secrets": {"nodes": [{"tls": None}]}}}


async def test_a_certificate_of_an_unknown_version_costs_no_other_one(engine: Engine) -> None:
    sender = cluster(secret("a"), secret("b", UNKNOWN_VERSION), secret("c"))

    answer = await answered(engine, "{ secrets { nodes { tls { serialNumber } } } }", sender)

    known = {"tls": {"serialNumber": "7"}}
    assert answer == {"data": {"secrets": {"nodes": [known, {"tls": None}, known]}}}


async def test_all_fields_of_an_operation_share_two_readings(engine: Engine) -> None:
    sender = cluster(*(secret(f"s{place}", namespace=f"n{place}") for place in range(9)))
    every, one, tls = "secrets { nodes { tls { subject } } }", 'secrets(namespaces: "n1")', "tls { serialNumber }"
    apart = " ".join(f"s{place}: {one} {{ nodes {{ {tls} other: {tls} }} }}" for place in range(3))

    answer = await answered(engine, f"{{ a: {every} b: {every} {apart} }}", sender)

    assert "errors" not in answer
    assert answer["data"]["s2"] == {"nodes": [{"tls": {"serialNumber": "7"}, "other": {"serialNumber": "7"}}]}
    assert sender.paths.count("/api/v1/secrets") == 2
    assert sender.paths.count("/api/v1/namespaces/n1/secrets") == 2


async def test_fields_with_other_secrets_read_the_list_once_more_for_all(engine: Engine) -> None:
    sender = cluster(*(secret(f"s{place}") for place in range(4)))
    fields = " ".join(
        f's{place}: secrets(names: "s{place}", namespaces: "shop") {{ nodes {{ tls {{ serialNumber }} }} }}'
        for place in range(4)
    )

    answer = await answered(engine, f"{{ {fields} }}", sender)

    assert answer == {"data": {f"s{place}": {"nodes": [{"tls": {"serialNumber": "7"}}]} for place in range(4)}}
    assert sender.counts == {"secrets": 6}


async def test_only_wanted_certificates_are_kept_and_each_is_charged() -> None:
    sender, charged = cluster(*(secret(name) for name in "abc"), secret("d", UNKNOWN_VERSION)), list[int]()

    async def read(*names: str) -> Any:
        return await read_tls_certificates(
            sender,
            namespace=None,
            places={("shop", name) for name in names},
            deadline=Deadline(10),
            most=4,
            charge=charged.append,
        )

    assert set(await read("b", "gone")) == {("shop", "b")}
    assert charged == [charged[0]]
    assert charged[0] > 1000
    assert await read("d") == {("shop", "d"): None}
    assert len(charged) == 2


async def test_names_count_for_the_memory_of_an_operation(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.masking.tlscertificates._FACTS_BYTES", 2**30)

    answer = await answered(engine, "{ secrets { nodes { tls { serialNumber } } } }", cluster(secret("a")))

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["LIMIT_EXCEEDED"]


async def test_more_secrets_than_a_list_reads_are_refused(engine: Engine) -> None:
    sender = cluster(secret("a"), secret("b"), secret("c"))
    asking = Asking(engine, fleet_of([sender]))

    answer = await asking('{ secrets(names: "a") { nodes { tls { subject } } } }', limits=OperationLimits(objects=2))

    told = answer.to_builtins()
    assert told["data"] == {"secrets": {"nodes": [{"tls": None}]}}
    assert [error["message"] for error in told["errors"]] == [
        "cluster 'snap': it has at least 3 secrets here and a list reads at most 2 from a cluster; narrow it by "
        "namespaces, labelSelector or fieldSelector."
    ]


async def test_long_lists_of_names_are_cut(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.kinds.configuration.tlscertificate.MAX_ITEMS", 0)

    answer = await answered(engine, "{ secrets { nodes { tls { dnsNames } } } }", cluster(secret("a")))

    assert answer == {"data": {"secrets": {"nodes": [{"tls": {"dnsNames": []}}]}}}


async def test_a_page_that_is_too_large_is_requested_with_fewer_secrets(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = cluster(*(secret(f"s{place:02}") for place in range(30)))
    send, limits = sender.send, list[str]()

    async def small(call: Any, *arguments: Any, **options: Any) -> bytes:
        query = dict(call.query)
        if "fieldSelector" in query:
            limits.append(query["limit"])
            if int(query["limit"]) > 25:
                raise AnswerTooLarge("snap", "its answer is too large.")
        return await send(call, *arguments, **options)

    monkeypatch.setattr(sender, "send", small)
    answer = await answered(engine, "{ secrets { nodes { tls { serialNumber } } } }", sender)

    assert answer == {"data": {"secrets": {"nodes": [{"tls": {"serialNumber": "7"}}] * 30}}}
    assert limits == ["500", "25", "25"]


async def test_a_secret_that_is_too_large_alone_is_an_error(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = cluster(secret("s"))
    send, requests = sender.send, list[str]()

    async def small(call: Any, *arguments: Any, **options: Any) -> bytes:
        if any(key == "fieldSelector" for key, _ in call.query):
            requests.append(call.path)
            raise AnswerTooLarge("snap", "its answer is too large.")
        return await send(call, *arguments, **options)

    monkeypatch.setattr(sender, "send", small)
    answer = await answered(engine, "{ secrets { nodes { tls { subject } } } }", sender)

    assert [error["message"] for error in answer["errors"]] == ["cluster 'snap': its answer is too large."]
    assert len(requests) == 3


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
    monkeypatch.setattr("k8s.masking.tlscertificates.PAGE_OBJECTS", 4)
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
