"""One object as a list: the objects of its kind, namespace and name in its cluster."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    ListValueNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
)

from resolvers.arguments.globalids import parse_object_id
from resolvers.typedkinds import TypedKinds


def one_object(root: FieldNode, arguments: Mapping[str, Any], kinds: TypedKinds) -> tuple[FieldNode, str]:
    """Returns the field `objects` of the one object of an id, and the id of its cluster.

    Args:
        root: The field with the id.
        arguments: Its arguments.
        kinds: The kinds of ids.

    Raises:
        BadUserInput: The id is invalid.
    """
    object_id = parse_object_id(str(arguments["id"]), kinds)
    kind = object_id.kind
    cluster = ObjectFieldNode(name=NameNode(value="ids"), value=_list(object_id.cluster_id))
    values: dict[str, ValueNode] = {"clusters": ObjectValueNode(fields=(cluster,))}
    if kind.group:
        values["resource"] = _text(f"{kind.plural or kind.name}.{kind.group}")  # in the version that its cluster serves
    else:
        values |= {"apiVersion": _text(kind.version or "v1"), "kind": _text(kind.name)}
    values["name"] = _text(object_id.name)
    if object_id.namespace is not None:
        values["namespaces"] = _list(object_id.namespace)
    listed = tuple(ArgumentNode(name=NameNode(value=name), value=value) for name, value in values.items())
    return FieldNode(name=NameNode(value="objects"), arguments=listed, loc=root.loc), object_id.cluster_id


def _text(value: str) -> StringValueNode:
    return StringValueNode(value=value)


def _list(value: str) -> ListValueNode:
    return ListValueNode(values=(_text(value),))
