"""`docs/links.md`: every link with its price, as the declarations have it.

.venv/bin/python -m tests.docs.links > docs/links.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from graph.schema.catalogue import OF_ANY_KIND, OF_EACH_KIND, Catalogue, RowType, catalogue
from k8s.kinds.kind import Kind
from resolvers.kinds.custom.customlink import By
from resolvers.kinds.custom.customlinks import CUSTOM_LINKS
from resolvers.links.members import ANY_KIND, Arguments, Link, Member, RemoteField, Shape
from resolvers.names import list_name, type_name
from tests.docs.blocks import ROOT

LINKS: Final = ROOT / "docs" / "links.md"
"""The document."""

_INTRODUCTION: Final = """# Links

A link is a field that leads from an object to other objects of its cluster. This page is generated from the code
(`.venv/bin/python -m tests.docs.links > docs/links.md`); a test holds it to the declarations.

**Price**: the lists that a link reads in each cluster, whatever the number of objects from which it starts: one list
for 5,000 pods as for one. A few objects are read by name instead, and lists that an operation has read already are not
read again. If all objects are in one namespace, only that namespace is read.
`fleetgraph explain` shows the requests of a query.

**Shape**: a link to *one* object is null if there is none. A *list* has the objects that the object itself names, in
the order of the names. A *connection* has the objects that lead to it, with the arguments of every list (`where`,
`orderBy`, `first`, `labelSelector`, ...), `totalCount` and `groups`. If the caller may not list the linked kind, or the
cluster does not answer, the link is null, with one error for the cluster.

Links are paths, too: `where: [{path: "node.ready", value: false}]`, `orderBy: [{path: "deployment.metadata.name"}]`.

| column | meaning |
|---|---|
| link | the field |
| leads to | the type of the linked objects: one, a list `[...]`, or a connection `{...}` |
| price | lists in each cluster |
"""


def document() -> str:
    """Returns the text of the document."""
    types = catalogue()
    of_all = _names_of_all()
    sections = [
        _INTRODUCTION,
        _section("Every object", types["ConfigMap"], lambda name: name in of_all),
        *(
            _section(row_type.name, row_type, lambda name: name not in of_all)
            for row_type in sorted(types.values(), key=lambda row_type: row_type.name)
            if row_type.kind is not None
        ),
        _clusters(types),
        _custom(),
    ]
    return "\n".join(section for section in sections if section)


def _names_of_all() -> frozenset[str]:
    families = (*OF_ANY_KIND, *(made(None) for made in OF_EACH_KIND))
    return frozenset(chain.from_iterable(family.members for family in families))


def _section(title: str, row_type: RowType, is_shown: object) -> str:
    assert callable(is_shown)
    lists = {list_name(kind) for kind in _kinds()} if row_type.name == "Namespace" else set()
    rows = [
        _row(member)
        for name, member in sorted(row_type.members.items())
        if is_shown(name) and name not in lists and _price(member)
    ]
    return _table(title, rows)


def _table(title: str, rows: Iterable[str]) -> str:
    lines = [*rows]
    heading = [f"## {title}", "", "| link | leads to | price | |", "|---|---|---|---|"]
    return "\n".join([*heading, *lines, ""]) if lines else ""


def _row(member: Member) -> str:
    return f"| `{member.name}` | {_target(member)} | {_price(member)} | {_text(member.description)} |"


def _target(member: Member) -> str:
    if not isinstance(member, Link):
        return "a value"
    name = type_name(member.to) if isinstance(member.to, Kind) else member.to.name
    name = "any kind" if name == ANY_KIND.name else f"`{name}`"
    return {Shape.ONE: name, Shape.SOME: f"[{name}]", Shape.MANY: f"{{{name}}}"}[member.shape]


def _price(member: Member) -> str:
    """Returns the lists in each cluster; an empty text for a member that reads nothing."""
    if isinstance(member, RemoteField):
        return str(getattr(member, "lists", 1))
    if not isinstance(member, Link):
        return ""
    return str(member.lists(_checked(member.arguments) if member.arguments is not None else None))


def _checked(arguments: Arguments) -> Any:
    """Returns checked arguments: none of those that are optional, and 1 for the others, which are limits."""
    required = (one.name for one in arguments.takes if one.annotation is int)
    return arguments.checked(dict.fromkeys(required, 1))


def _text(description: str) -> str:
    return description.replace("|", "\\|").replace("\n", " ")


def _clusters(types: Catalogue) -> str:
    lists = {list_name(kind) for kind in _kinds()}
    rows = [
        _row(member)
        for name, member in sorted(types["Cluster"].members.items())
        if name not in lists and _price(member)
    ]
    return _table("Cluster", rows) + (
        "\n`Cluster` and `Namespace` have the list of every kind under its own name, such as `pods`: a connection, "
        "for the price of one list.\n"
    )


def _kinds() -> Iterator[Kind]:
    return (row_type.kind for row_type in catalogue().values() if row_type.kind is not None)


def _custom() -> str:
    heading = (
        "## Links between custom kinds\n\nThese are there where a cluster serves both kinds with a schema; each is one "
        "list in each cluster. They are data: a new one is an entry in `resolvers/kinds/custom/`.\n\n"
        "| kind | link | leads to | by | back |\n|---|---|---|---|---|\n"
    )
    rows = (
        f"| `{link.of.name}` ({link.of.group or 'core'}) | `{link.name}` | "
        f"`{link.to.name}`{f' ({link.to.group})' if link.to.group not in {'', link.of.group} else ''} | "
        f"{'its controller' if link.by is By.CONTROLLER else f'`{link.path}`'} | `{link.back}` |\n"
        for link in CUSTOM_LINKS
    )
    return heading + "".join(rows)


if __name__ == "__main__":
    print(document(), end="")
