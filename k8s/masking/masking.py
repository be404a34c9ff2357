"""The masks of all kinds: those of Kubernetes' Secrets and of Helm's releases, and the operator's own.

Masks belong to a kind in all its versions. Copies of a whole object in its own annotations are masked with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from k8s.kinds.builtin import BY_PLURAL, CONFIG_MAP, SECRET
from k8s.kinds.kind import Kind
from k8s.kinds.othershapes import has_shape_of
from k8s.masking.kindmask import UNMASKED, KindMask, LabelledMask
from k8s.masking.mask import NOTHING, Mask, mask_of, mask_of_all
from k8s.masking.maskedpaths import MaskedPath

COPIES: Final = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "banzaicloud.com/last-applied",
    "kapp.k14s.io/original",
    "kapp.k14s.io/original-diff",
    "kapp.k14s.io/original-diff-full",
    "objectset.rio.cattle.io/applied",
    "app.oam.dev/last-applied-configuration",
)
"""Annotations with a copy of the whole object: of kubectl, Banzai Cloud's operators, kapp, Rancher, and KubeVela.

Kapp also writes its changes to the copy, with `KAPP_DEBUG_RESOURCE_WITH_HISTORY`. Other annotations are found by words
in their names (`k8s.masking.mask`).
"""

_OF_SECRETS: Final = frozenset(name for kind in (SECRET, CONFIG_MAP) for name in (kind.plural, kind.name))
_ANNOTATIONS: Final = ("metadata", "annotations")
_COPIED: Final = mask_of_all(
    (
        mask_of((*_ANNOTATIONS, copy) for copy in COPIES),
        Mask((("metadata", Mask((("annotations", Mask(has_copies=True)),))),)),
    )
)
_OWNED_FIELDS: Final = ("metadata", "managedFields", "fieldsV1")
"""The paths of fields by their managers; those of lists contain values (`v:"..."`, `k:{...}`).

Source: `FieldsV1` of the meta/v1 API, and sigs.k8s.io/structured-merge-diff.
"""
_SECRET_VALUES: Final = (("data",), ("stringData",))
_RELEASE_VALUES: Final = mask_of_all((mask_of((("data",), ("binaryData",))), _COPIED))
_RELEASES: Final = tuple(
    LabelledMask(label, value, _RELEASE_VALUES) for label, value in (("owner", "helm"), ("OWNER", "TILLER"))
)
"""The masks of ConfigMaps in which Helm 3 and Helm 2 store releases, with the values that they were installed with.

Source: `newConfigMapsObject` of helm.sh/helm/pkg/storage/driver. Releases in Secrets are masked as Secrets.
"""


class Masking:
    """The masks of all kinds; immutable."""

    def __init__(self, masked_paths: Iterable[MaskedPath] = ()) -> None:
        """Takes the operator's own paths; those of Secrets and of Helm's releases are always masked."""
        self._own: defaultdict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
        for path in masked_paths:
            self._own[path.group, path.name].append(path.keys)

    def of(self, kind: Kind) -> KindMask:
        """Returns the masks of a kind."""
        if not self._own and not {kind.plural, kind.name} & _OF_SECRETS:  # nearly always
            return UNMASKED
        own = self._own_paths(kind)
        is_secret, is_config_map = _is(kind, SECRET), _is(kind, CONFIG_MAP)
        if not own and not is_secret and not is_config_map:
            return UNMASKED
        return _kind_mask(tuple(own), is_secret=is_secret, is_config_map=is_config_map)

    def masked(self, kind: Kind, value: Any) -> Any:
        """Returns the JSON of an object of a kind (builtins), with null at the masked places."""
        return self.of(kind).applied(value)

    def is_masked(self, kind: Kind, keys: Sequence[str]) -> bool:
        """Returns True for a path of JSON keys at or below a masked place.

        A place above one is shown with null inside; see `has_masked`.
        """
        return self.of(kind).always.at(keys).is_masked

    def has_masked(self, kind: Kind, keys: Sequence[str] = ()) -> bool:
        """Returns True for a path of JSON keys at, below or above a masked place, in all objects of a kind."""
        return bool(self.of(kind).always.at(keys))

    @property
    def has_own(self) -> bool:
        """True if the operator masks any path."""
        return bool(self._own)

    def touches(self, kind: Kind, keys: Sequence[str]) -> bool:
        """Returns True for a path of JSON keys at, below or above one that the operator masks."""
        own = (path[: len(keys)] for path in self._own_paths(kind))
        return any(tuple(keys[: len(path)]) == path for path in own)

    def shows_columns(self, kind: Kind) -> bool:
        """Returns False if the API server's columns of a kind may contain values that the operator masks."""
        return not self._own_paths(kind)

    def _own_paths(self, kind: Kind) -> list[tuple[str, ...]]:
        if not self._own:
            return []
        paths = [path for name in _names(kind) for path in self._own.get((kind.group, name), ())]
        return paths if _has_usual_shape(kind) else [whole for path in paths for whole in _at_any_shape(path)]


STANDARD: Final = Masking()
"""Without paths of the operator."""


@lru_cache(maxsize=1024)
def _kind_mask(own: tuple[tuple[str, ...], ...], *, is_secret: bool, is_config_map: bool) -> KindMask:
    paths = [*own, *([_OWNED_FIELDS] if own else ()), *(_SECRET_VALUES if is_secret else ())]
    always = mask_of_all((mask_of(paths), _COPIED)) if paths else NOTHING
    return KindMask(always, _RELEASES if is_config_map else ())


def _is(kind: Kind, other: Kind) -> bool:
    """Returns True for the same kind in any version; one of its names is enough."""
    return kind.group == other.group and (kind.plural == other.plural or kind.name == other.name)


def _names(kind: Kind) -> set[str]:
    """Returns the names by which a setting may name a kind, with its regular plural: clusters may serve it by another.

    Source: `UnsafeGuessKindToResource` of k8s.io/apimachinery.
    """
    name = kind.name.lower()
    if name.endswith("y"):
        return {kind.plural, name, f"{name[:-1]}ies"}
    return {kind.plural, name, f"{name}es" if name.endswith("s") else f"{name}s"}


def _has_usual_shape(kind: Kind) -> bool:
    """Returns False for a version of a built-in kind that has values at other paths than the kind's own version."""
    own = BY_PLURAL.get((kind.group, kind.plural))
    return own is None or has_shape_of(own, kind.version)


def _at_any_shape(path: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """Yields the places that have a masked value in a version of another shape.

    The value is somewhere in the same part of the object, or in an annotation: API servers keep there what the version
    has no field for, such as the metrics of a HorizontalPodAutoscaler in `autoscaling/v1`.
    """
    yield path if path[0] == "metadata" else path[:1]
    yield _ANNOTATIONS
