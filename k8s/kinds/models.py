"""The structures of all built-in kinds, read from the official client's models.

The client's models are pydantic classes with JSON names, types and the texts of the API reference. Importing them takes
seconds, so the result is cached in the user's cache directory, keyed by the client's version. The model classes are
used for nothing else.

Names are those of the models without the version (`V1PodSpec` is `PodSpec`), so that a kind that becomes stable keeps
its name. Of two versions of a structure, the more stable one has the plain name and the other its version
(`DeviceTaintV1alpha3`). A kind is named after itself; if another group already has a kind of that name, the first word
of its own group is prepended (`EventsEvent`).
"""

import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import msgspec
from platformdirs import user_cache_path
from pydantic import BaseModel

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.formats import INT64_FIELDS, QUANTITY_FIELDS
from k8s.kinds.kind import Kind
from k8s.kinds.structure import GENERIC_OBJECT, Field, FieldFormat, Structure
from k8s.kinds.structures import Structures

_LAYOUT = 4
_OF_GRAPHQL = frozenset({"Query", "Mutation", "Subscription"})
"""GraphQL's own names of its root types; a structure of that name gets its version as well (`MutationV1`)."""
_MODEL_NAME = re.compile(r"(?P<prefix>[A-Za-z]*?)(?P<version>V\d+(?:(?:alpha|beta)\d+)?)(?P<stem>[A-Z].*)")
_LEAVES: dict[object, FieldFormat] = {
    str: FieldFormat.STRING,
    int: FieldFormat.INT32,
    float: FieldFormat.NUMBER,
    bool: FieldFormat.BOOLEAN,
    datetime: FieldFormat.TIME,
    bytes: FieldFormat.BYTES,
}


@lru_cache(maxsize=1)
def built_in_structures() -> Structures:
    """Returns every structure by name; those of kinds are named by `structure_names`."""
    path = user_cache_path("fleetgraph") / f"structures-{version('kubernetes')}-{_LAYOUT}.msgpack"
    try:
        return _by_name(msgspec.msgpack.decode(path.read_bytes(), type=list[Structure]))
    except (OSError, msgspec.MsgspecError):
        structures = read_structures()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{id(structures)}.tmp")
        draft.write_bytes(msgspec.msgpack.encode(structures))
        draft.replace(path)
    except OSError:  # with a read-only home only the next start is slow again
        pass
    return _by_name(structures)


def structure_names() -> Mapping[Kind, str]:
    """Returns the name of each built-in kind's structure, which is its GraphQL type."""
    names: dict[str, Kind] = {}
    for kind in sorted(BUILT_IN, key=lambda kind: kind.group):
        word = kind.group.partition(".")[0].capitalize()
        names[kind.name if kind.name not in names else f"{word}{kind.name}"] = kind
    return {kind: name for name, kind in names.items()}


def read_structures() -> list[Structure]:
    """Returns all structures from the models themselves, which takes seconds."""
    from kubernetes.client import models  # noqa: PLC0415  takes seconds, and only when the cache is cold

    roots = {_model(models, kind): name for kind, name in structure_names().items()}
    names = roots | _names(set(_reachable(roots)) - set(roots), used=set(roots.values()) | _OF_GRAPHQL)
    return [_structure(model, names) for model in sorted(names, key=lambda model: names[model])]


def _by_name(structures: Iterable[Structure]) -> Structures:
    return Structures({structure.name: structure for structure in (*structures, GENERIC_OBJECT)})


def _model(models: types.ModuleType, kind: Kind) -> type[BaseModel]:
    version_word = kind.version.capitalize()
    group_word = kind.group.partition(".")[0].capitalize() or "Core"
    for name in (f"{group_word}{version_word}{kind.name}", f"{version_word}{kind.name}"):
        model = getattr(models, name, None)
        if model is not None:
            return typing.cast(type[BaseModel], model)
    raise LookupError(f"the official client has no model for {kind.api_version} {kind.name}")


def _reachable(roots: Iterable[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    seen: set[type[BaseModel]] = set()
    waiting = list(roots)
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        yield model
        waiting += [target for info in model.model_fields.values() if (target := _target(info.annotation))]


def _names(models: Iterable[type[BaseModel]], *, used: set[str]) -> dict[type[BaseModel], str]:
    names: dict[type[BaseModel], str] = {}
    for model in sorted(models, key=lambda model: (_stability(model), model.__name__)):
        match = _MODEL_NAME.fullmatch(model.__name__)
        plain, suffix = (match["prefix"] + match["stem"], match["version"]) if match else (model.__name__, "")
        names[model] = plain if plain not in used else plain + suffix
        used.add(names[model])
    return names


def _stability(model: type[BaseModel]) -> tuple[int, str]:
    name = model.__name__
    return (2 if "alpha" in name else 1 if "beta" in name else 0, name)


def _structure(model: type[BaseModel], names: Mapping[type[BaseModel], str]) -> Structure:
    text = (model.__doc__ or "").partition("\n\n    Attributes:")[0]
    fields = tuple(
        _field(names[model], info.serialization_alias or info.alias or name, info, names)
        for name, info in model.model_fields.items()
        if not ("metadata" in model.model_fields and names[model] and name in {"api_version", "kind"})
    )
    return Structure(names[model], " ".join(text.split()), fields)


def _field(owner: str, key: str, info: Any, names: Mapping[type[BaseModel], str]) -> Field:
    inner, is_list, is_map = _unwrapped(info.annotation)
    description = info.description or ""
    if isinstance(inner, type) and issubclass(inner, BaseModel) and not is_map:
        is_metadata = key == "metadata" and names[inner] == "ObjectMeta" and owner in structure_names().values()
        return Field(key, description, structure=names[inner], is_list=is_list, is_required=is_metadata)
    leaf = _refined(f"{owner}.{key}", FieldFormat.ANY if is_list and is_map else _leaf(inner), is_map=is_map)
    return Field(key, description, format=leaf, is_list=is_list and not is_map)


def _refined(path: str, leaf: FieldFormat, *, is_map: bool) -> FieldFormat:
    """Returns the format with the facts that annotations lack: the width of integers, and quantities."""
    if path in QUANTITY_FIELDS:
        return FieldFormat.QUANTITY_MAP if is_map else FieldFormat.QUANTITY
    if is_map:
        return FieldFormat.STRING_MAP if leaf in {FieldFormat.STRING, FieldFormat.BYTES} else FieldFormat.ANY
    if path in INT64_FIELDS:
        return FieldFormat.INT64
    return leaf


def _leaf(inner: object) -> FieldFormat:
    if isinstance(inner, tuple):
        members = set(inner)
        if members == {int, str}:
            return FieldFormat.INT_OR_STRING
        if members == {bytes, str}:
            return FieldFormat.BYTES
        return FieldFormat.NUMBER if members == {int, float} else FieldFormat.ANY
    return _LEAVES.get(inner, FieldFormat.ANY)


def _target(annotation: object) -> type[BaseModel] | None:
    inner, _is_list, is_map = _unwrapped(annotation)
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) and not is_map else None


def _unwrapped(annotation: object) -> tuple[object, bool, bool]:
    """Returns the innermost type (a tuple of types for a union), and whether it is in a list or a map."""
    is_list = is_map = False
    while True:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            annotation = arguments[0]
        elif origin in {typing.Union, types.UnionType}:
            members = [member for member in arguments if member is not types.NoneType]
            if len(members) > 1:
                return tuple(_unwrapped(member)[0] for member in members), is_list, is_map
            annotation = members[0]
        elif origin is list:
            is_list, annotation = True, arguments[0]
        elif origin is dict:
            is_map, annotation = True, arguments[1]
        else:
            return annotation, is_list, is_map
