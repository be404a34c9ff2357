"""The kinds of objects that use ConfigMaps, Secrets, ServiceAccounts and claims, and the references in each of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.kinds.uses.references import READS, REFERENCES
from resolvers.kinds.uses.ways import Use, WayOfUse

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
    """

    kind: Kind
    reads: tuple[str, ...]
    uses: Callable[[Row], Iterable[Use]]
    has_templates: bool = False


def _of_pods(kind: Kind, used: Kind) -> User:
    path, references = SPECS[kind], REFERENCES[used]
    quick = attrgetter(path)

    def uses(row: Row) -> Iterable[Use]:
        try:
            spec = quick(row)
        except AttributeError:  # a part on the way is missing
            spec = None
        return references(spec)

    return User(kind, tuple(f"{path}.{read}" for read in READS[used]), uses)


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


def _ephemeral_claims(pod: Row) -> Iterator[Use]:
    """Yields the claims that a pod names, and those that are made for its ephemeral volumes.

    Source: `VolumeClaimName` in k8s.io/component-helpers/storage/ephemeral/ephemeral.go.
    """
    spec = pod.spec
    yield from REFERENCES[kinds.PERSISTENT_VOLUME_CLAIM](spec)
    for volume in items_of(spec.volumes if spec is not None else None):
        if volume.ephemeral is not None:
            yield Use(f"{pod.metadata.name}-{volume.name}", WayOfUse.VOLUME, volume.name)


def _claim_templates(stateful_set: Row) -> Iterator[Use]:
    """Yields the claims of the template of pods, and those that are made of the set's own templates.

    Source: `getPersistentVolumeClaimName` in kubernetes/pkg/controller/statefulset/stateful_set_utils.go.
    """
    spec = stateful_set.spec
    if spec is None:
        return
    yield from REFERENCES[kinds.PERSISTENT_VOLUME_CLAIM](spec.template.spec if spec.template is not None else None)
    for template in items_of(spec.volumeClaimTemplates):
        volume = template.metadata.name if template.metadata is not None else None
        if volume:
            name = f"{volume}-{stateful_set.metadata.name}"
            yield Use(name, WayOfUse.CLAIM_TEMPLATE, volume, is_template=True)


def _with_claims(users: Iterable[User]) -> Iterator[User]:
    for user in users:
        if user.kind is kinds.POD:
            own = "spec.volumes.ephemeral.volumeClaimTemplate.metadata.name"
            yield User(user.kind, (*user.reads, own, "metadata.name"), _ephemeral_claims)
        elif user.kind is kinds.STATEFUL_SET:
            own = "spec.volumeClaimTemplates.metadata.name"
            yield User(user.kind, (*user.reads, own, "metadata.name"), _claim_templates, has_templates=True)
        else:
            yield user


def _users() -> Iterator[tuple[Kind, tuple[User, ...]]]:
    for used in REFERENCES:
        users: Iterable[User] = [_of_pods(kind, used) for kind in SPECS]
        if used is kinds.PERSISTENT_VOLUME_CLAIM:
            users = _with_claims(users)
        if used is kinds.SECRET:
            users = [*users, _INGRESS, _SERVICE_ACCOUNT]
        yield used, tuple(sorted(users, key=lambda user: user.kind.name))


_INGRESS: Final = User(kinds.INGRESS, ("spec.tls.secretName",), _of_ingress)
_SERVICE_ACCOUNT: Final = User(
    kinds.SERVICE_ACCOUNT, ("secrets.name", "imagePullSecrets.name"), _of_service_account
)

USERS: Final[Mapping[Kind, tuple[User, ...]]] = dict(_users())
"""The kinds that use each kind, ordered by name."""
