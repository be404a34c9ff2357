"""Selectors: Kubernetes' grammar and nothing else, in time that grows with their length (PT-2)."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.arguments.selectors import checked_field_selector, checked_label_selector, cluster_labels
from resolvers.errors import BadUserInput
from tests.processortime import in_loops

Check = Callable[[str], object]


@pytest.mark.parametrize(
    "text",
    [
        "a=b",
        "a==b",
        "a!=b",
        "a=",
        "a==",
        "a",
        "!a",
        "! a",
        "a in (b)",
        "a in (b,c)",
        "a notin ( b , c )",
        "a in(b)",
        "a in ()",
        "a in (,b)",
        "a>5",
        "a < -5",
        "a=b,c in (d,e),!f,g",
        "app.kubernetes.io/name=web",
        "A_b.C-d=E_f.G-h",
        "a = b , c",
        "in in (in)",
        f"{'a' * 63}={'b' * 63}",
    ],
)
def test_label_selectors_that_kubernetes_knows(text: str) -> None:
    assert checked_label_selector(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a=b&watch=1",
        "a=b;c",
        "a=b,",
        ",a=b",
        "a=b,,c",
        "a in b",
        "a in (b",
        "a in b)",
        "a in ((b))",
        "a in (b)(c)",
        "a in (b) c",
        "(a)",
        "a notin",
        "=b",
        "a=b=c",
        "a=b c",
        "a===b",
        "!a=b",
        "!",
        "a>b",
        "a/b/c=d",
        "/a=b",
        "a/=b",
        "-a=b",
        "a=-b",
        f"{'a' * 64}=b",
        f"a={'b' * 64}",
        "a=b\0",
        "a=b%00",
        "a=\u00e9",
        "a\u00a0=b",
        "\u2024=b",
        "a=b\u2028",
        "a=b" * 100_000,
    ],
)
def test_pt_2_no_label_selectors(text: str) -> None:
    with pytest.raises(BadUserInput, match="labelSelector: "):
        checked_label_selector(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("status.phase=Running", "status.phase=Running"),
        (" status.phase = Running , spec.nodeName != n-1 ", "status.phase=Running,spec.nodeName!=n-1"),
        ("a=b\n", "a=b"),
        ("metadata.name==web", "metadata.name==web"),
        ("spec.nodeName=", "spec.nodeName="),
        ("status.podIP=fe80::1", "status.podIP=fe80::1"),
        ("involvedObject.fieldPath=spec.containers{app}", "involvedObject.fieldPath=spec.containers{app}"),
    ],
)
def test_field_selectors_are_sent_without_spaces(text: str, wanted: str) -> None:
    assert checked_field_selector(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "=b",
        "a=b=c",
        "a=b,",
        ",a=b",
        "a!b",
        "a in (b)",
        "a=\\,b",
        "a=\0",
        "a b=c",
        "!a",
        "a=b!",
        "x" * 10_001,
    ],
)
def test_no_field_selectors(text: str) -> None:
    with pytest.raises(BadUserInput, match="fieldSelector: "):
        checked_field_selector(text)


@pytest.mark.parametrize("check", [checked_label_selector, checked_field_selector])
@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_nothing_is_no_selector(check: Callable[[str | None], str], text: str | None) -> None:
    assert check(text) == ""


@pytest.mark.parametrize("check", [checked_label_selector, checked_field_selector, cluster_labels])
@pytest.mark.parametrize(
    "text",
    [
        "a=" + " " * 9990 + "!",
        "," * 10_000,
        "a in (" + " " * 9990,
        "a in (" + "," * 9990,
        "(" * 10_000,
        "a=b," * 2500,
        " " * 9998 + "!",
        "!" + " " * 9990 + "!",
        "a" * 10_000,
        "a." * 5000,
        "a/" * 5000,
        "a" + " " * 9990 + "~",
    ],
)
def test_checking_takes_no_time(check: Check, text: str) -> None:
    def refuse() -> None:
        with pytest.raises(BadUserInput):
            check(text)

    assert in_loops(refuse) < 20  # the slowest takes three; what is not linear, thousands


@given(st.text(alphabet="ab=!,() \t<>5/.-_~", max_size=40))
def test_what_is_accepted_is_accepted_as_it_is_sent(text: str) -> None:
    try:
        sent = checked_label_selector(text)
    except BadUserInput:
        return

    assert checked_label_selector(sent) == sent


def test_labels_of_clusters() -> None:
    assert cluster_labels("env=prod, region == eu,tier=") == {"env": "prod", "region": "eu", "tier": ""}


@pytest.mark.parametrize("text", ["env", "env!=prod", "env in (a)", "env=prod,", "env=prod,env=dev"])
def test_no_labels_of_clusters(text: str) -> None:
    with pytest.raises(BadUserInput, match=r"clusters\.labels: "):
        cluster_labels(text)
