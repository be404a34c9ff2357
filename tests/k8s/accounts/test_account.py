"""Recognition of our service accounts by the content of their cluster, which may be anything."""

import json
from collections.abc import Callable
from functools import partial

import pytest

import k8s.accounts.account
from k8s.accounts.account import MOST_SUBJECTS, Account, AccountOwner, account_of

OWNER = AccountOwner("fleetgraph", "test")
NAME = Account(OWNER, ("user:alice",)).name
MOST = tuple(f"group:{number:04}" for number in range(MOST_SUBJECTS))

compact = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts the annotations that are decoded or sorted, and the texts that a name is derived from."""
    events: list[str] = []

    def counting(what: str, work: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **named: object) -> object:
            events.append(what)
            return work(*arguments, **named)

        return counted

    monkeypatch.setattr(
        k8s.accounts.account._SUBJECTS, "decode", counting("decoded", k8s.accounts.account._SUBJECTS.decode)
    )
    monkeypatch.setattr("k8s.accounts.account.json.loads", counting("decoded", json.loads))
    monkeypatch.setattr("k8s.accounts.account.json.dumps", counting("written", json.dumps))
    monkeypatch.setattr(k8s.accounts.account, "sorted", counting("sorted", sorted), raising=False)
    return events


@pytest.mark.parametrize(
    "subjects",
    [
        ("user:alice",),
        ("group:developers", "user:alice"),
        ('group:a", "b', 'group:"""', "group:\\", 'group:\\"', "group:[,]", "user:Zoë 😀"),
        MOST,
        tuple(f'group:{number}"\\' for number in range(MOST_SUBJECTS)),
        ("user:" + "😀" * 512,),
    ],
)
def test_an_account_of_ours_is_recognised(subjects: tuple[str, ...]) -> None:
    account = Account(OWNER, subjects)

    assert account_of(OWNER, account.name, account.subjects_annotation) == account


@pytest.mark.parametrize(
    "told",
    [
        "",
        "null",
        "[]",
        "[1]",
        '{"user:alice": 1}',
        '["user:bob"]',
        '["user:alice"',
        '["user:alice", "user:bob"]',
        "[" * 100_000,
        '["\ud800"]',
    ],
)
def test_what_claims_to_be_an_account_is_none(told: str) -> None:
    assert account_of(OWNER, NAME, told) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("default", '["user:alice"]'),
        (NAME.upper(), '["user:alice"]'),
        (f"{NAME}0", '["user:alice"]'),
        (NAME, compact(["😀a"] * 30_000)),
        (NAME, compact([""] * 80_000)),
        (NAME, compact(["\\"] * 50_000)),
        (NAME, compact(['"'] * 50_000)),
        (NAME, json.dumps(["a\\"] * 2 * (MOST_SUBJECTS + 1))),
        (NAME, compact(["a" * 256 * 1024])),
        (NAME, compact(["😀" * 64 * 1024])),
    ],
)
def test_nothing_is_made_of_what_cannot_be_ours(name: str, told: str, events: list[str]) -> None:
    assert account_of(OWNER, name, told) is None
    assert events == []


def test_more_than_an_account_stands_for_are_not_sorted(events: list[str]) -> None:
    assert account_of(OWNER, NAME, json.dumps([*MOST, "user:alice"])) is None
    assert "sorted" not in events


def test_an_account_for_others_than_have_grants_is_not_derived(events: list[str]) -> None:
    account = Account(OWNER, ("user:alice", "user:bob"))
    annotation = account.subjects_annotation

    assert account_of(OWNER, account.name, annotation, among=frozenset(account.subjects)) == account
    events.clear()
    assert account_of(OWNER, account.name, annotation, among=frozenset({"user:alice"})) is None
    assert events == ["decoded"]


def test_accounts_share_the_texts_that_they_stand_for() -> None:
    one, other = Account(OWNER, ("user:alice", "user:bob")), Account(OWNER, ("user:alice", "user:carol"))

    accounts = [account_of(OWNER, account.name, account.subjects_annotation) for account in (one, other)]

    assert accounts == [one, other]
    first, second = (account.subjects[0] for account in accounts if account is not None)
    assert first is second
