"""Random files of `kind: Config`, each of which is read or refused with a reason, without side effects."""

import json
from collections.abc import Iterator
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from k8s.kubeconfig.errors import KubeconfigError
from k8s.kubeconfig.kubeconfig import Kubeconfig, KubeconfigContext, parse_kubeconfig
from k8s.kubeconfig.policy import KubeconfigPolicy
from tests.k8s.audit_events import outside_events
from tests.k8s.kubeconfig_samples import Sample, certificate_user, client_pair

EXAMPLES = 300
KEYS = st.sampled_from(
    [
        "server", "certificate-authority", "certificate-authority-data", "tls-server-name", "insecure-skip-tls-verify",
        "proxy-url", "extensions", "token", "tokenFile", "client-certificate", "client-certificate-data", "client-key",
        "client-key-data", "exec", "auth-provider", "as", "username", "name", "cluster", "user", "context", "namespace",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["/etc/passwd", "/proc/self/environ", "https://[::1", "https://a@b", "Zm9v", "prod", "admin", "\0"]
    ),
    st.text("LS0tQkdJTiBDRVJUSUZJQ0FURS0=\n", max_size=60),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, TEXTS), inner, max_size=3)),
    max_leaves=8,
)


Container: TypeAlias = dict[str, object] | list[object]


@st.composite
def mutated_configs(draw: st.DrawFn) -> dict[str, object]:
    """Draws a valid kubeconfig with up to three of its values replaced, added or removed."""
    user: dict[str, object] = draw(st.sampled_from([{"token": "t"}, certificate_user(client_pair())]))
    document: dict[str, object] = json.loads(json.dumps(Sample(user=user).document()))
    for _ in range(draw(st.integers(0, 3))):
        mutate(draw, draw(st.sampled_from(list(containers(document)))))
    return document


def containers(value: object) -> Iterator[Container]:
    """Returns each mapping and list in a document, including itself."""
    if isinstance(value, dict | list):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from containers(child)


def mutate(draw: st.DrawFn, container: Container) -> None:
    """Changes one item of a container."""
    if isinstance(container, list):
        container.append(draw(VALUES))
        return
    key = draw(st.one_of(st.sampled_from(sorted(container)), KEYS) if container else KEYS)
    if draw(st.booleans()):
        container[key] = draw(VALUES)
    else:
        container.pop(key, None)


def read_all(text: bytes) -> list[KubeconfigContext | KubeconfigError]:
    """Reads a file and each of its contexts; any error but a KubeconfigError is a bug and passes through."""
    try:
        kubeconfig = parse_kubeconfig(text, source="config", policy=KubeconfigPolicy())
    except KubeconfigError as refused:
        return [refused]
    return [read(kubeconfig, name) for name in kubeconfig.contexts]


def read(kubeconfig: Kubeconfig, name: str) -> KubeconfigContext | KubeconfigError:
    """Returns a context, or the reason of its refusal."""
    try:
        return kubeconfig.context(name)
    except KubeconfigError as refused:
        return refused


@settings(max_examples=EXAMPLES, deadline=None)
@given(mutated_configs())
def test_kc_13_a_mutated_config_is_read_or_refused_and_touches_nothing(document: dict[str, object]) -> None:
    text = json.dumps(document).encode()

    with outside_events() as events:
        read_all(text)

    assert events == []


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text("abc:-[]{}&*!|>'\"#%@` \n\t0,?~", max_size=60).map(str.encode)))
def test_kc_13_any_bytes_are_read_or_refused_and_touch_nothing(text: bytes) -> None:
    with outside_events() as events:
        read_all(text)

    assert events == []


def test_the_valid_config_that_is_mutated_is_read() -> None:
    [context] = read_all(json.dumps(Sample().document()).encode())

    assert isinstance(context, KubeconfigContext)
