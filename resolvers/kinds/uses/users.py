"""The kinds of objects that use ConfigMaps, Secrets, ServiceAccounts and claims, and the references in each of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.kinds.podspecs.references import (
    claim_reads,
    claim_uses,
    config_map_reads,
    config_map_uses,
    secret_reads,
    secret_uses,
    service_account_reads,
    service_account_uses,
)
from resolvers.kinds.podspecs.uses import Use, WayOfUse
from resolvers.kinds.uses.credentials import CLASS_READS, VOLUME_READS, class_uses, volume_uses

SPECS: Final[Mapping[Kind, str]] = {
    kinds.CRON_JOB: "spec.jobTemplate.spec.template.spec",
    kinds.DAEMON_SET: "spec.template.spec",
    kinds.DEPLOYMENT: "spec.template.spec",
    kinds.JOB: "spec.template.spec",
    kinds.POD: "spec",
    kinds.REPLICA_SET: "spec.template.spec",
    kinds.REPLICATION_CONTROLLER: "spec.template.spec",
    kinds.STATEFUL_SET: "spec.template.spec",
}
"""The path to the spec of pods in each kind that has one."""


@dataclass(frozen=True, slots=True)
class User:
    """A kind whose objects use others.

    Attributes:
        kind: the kind.
        reads: the paths that `uses` reads.
        uses: returns the uses in one object.
        has_templates: whether some of the uses are templates of names.
        is_left_out: whether its uses are left out, with a warning, where the caller may not list it.
    """

    kind: Kind
    reads: tuple[str, ...]
    uses: Callable[[Row], Iterable[Use]]
    has_templates: bool = False
    is_left_out: bool = False


def _of_pods(
    kind: Kind, reads: Callable[[str], tuple[str, ...]], references: Callable[[Row | None], Iterable[Use]]
) -> User:
    path = SPECS[kind]
    spec_of = attrgetter(path)

    def uses(row: Row) -> Iterable[Use]:
        try:
            spec = spec_of(row)
        except AttributeError:  # a part on the way is missing
            spec = None
        return references(spec)

    return User(kind, reads(path), uses)


def _of_ingress(ingress: Row) -> Iterator[Use]:
    for entry in items_of(ingress.spec.tls if ingress.spec is not None else None):
        if entry.secretName:
            yield Use(entry.secretName, WayOfUse.TLS)


def _of_service_account(account: Row) -> Iterator[Use]:
    for way, references in (
        (WayOfUse.ACCOUNT_SECRET, account.secrets),
        (WayOfUse.PULL_SECRET, account.imagePullSecrets),
    ):
        for reference in items_of(references):
            if reference.name:
                yield Use(reference.name, way, is_optional=way is WayOfUse.PULL_SECRET)


def _account_of_pod(pod: Row) -> Iterator[Use]:
    """Yields the service account of a pod; API servers fill in `default`, so one without is a mirror pod."""
    spec = pod.spec
    if spec is not None and (spec.serviceAccountName or spec.serviceAccount):
        yield from service_account_uses(spec)


def _claims_of_pod(pod: Row) -> Iterable[Use]:
    return claim_uses(pod.spec, pod.metadata.name)


def _claims_of_stateful_set(stateful_set: Row) -> Iterator[Use]:
    """Yields the claims of the template of pods, and those that are made of the set's own templates.

    Source: `getPersistentVolumeClaimName` in kubernetes/pkg/controller/statefulset/stateful_set_utils.go.
    """
    spec = stateful_set.spec
    if spec is None:
        return
    yield from claim_uses(spec.template.spec if spec.template is not None else None)
    for template in items_of(spec.volumeClaimTemplates):
        volume = template.metadata.name if template.metadata is not None else None
        if volume:
            name = f"{volume}-{stateful_set.metadata.name}"
            yield Use(name, WayOfUse.CLAIM_TEMPLATE, volume, is_template=True)


def _of_claims() -> Iterator[User]:
    for kind, path in SPECS.items():
        reads = (*claim_reads(path), "metadata.name")
        if kind is kinds.POD:
            yield User(kind, reads, _claims_of_pod)
        elif kind is kinds.STATEFUL_SET:
            own = "spec.volumeClaimTemplates.metadata.name"
            yield User(kind, (*reads, own), _claims_of_stateful_set, has_templates=True)
        else:
            yield _of_pods(kind, claim_reads, claim_uses)


def _ordered(users: Iterable[User]) -> tuple[User, ...]:
    return tuple(sorted(users, key=lambda user: user.kind.name))


USERS: Final[Mapping[Kind, tuple[User, ...]]] = {
    kinds.CONFIG_MAP: _ordered(_of_pods(kind, config_map_reads, config_map_uses) for kind in SPECS),
    kinds.SECRET: _ordered(
        [
            *(_of_pods(kind, secret_reads, secret_uses) for kind in SPECS),
            User(kinds.INGRESS, ("spec.tls.secretName",), _of_ingress),
            User(kinds.PERSISTENT_VOLUME, VOLUME_READS, volume_uses, is_left_out=True),
            User(kinds.SERVICE_ACCOUNT, ("secrets.name", "imagePullSecrets.name"), _of_service_account),
            User(kinds.STORAGE_CLASS, CLASS_READS, class_uses, is_left_out=True),
        ]
    ),
    kinds.SERVICE_ACCOUNT: _ordered(
        User(kind, service_account_reads(path), _account_of_pod)
        if kind is kinds.POD
        else _of_pods(kind, service_account_reads, service_account_uses)
        for kind, path in SPECS.items()
    ),
    kinds.PERSISTENT_VOLUME_CLAIM: _ordered(_of_claims()),
}
"""The kinds that use each kind, ordered by name."""
