"""`docs/links.md`: paths that people ask for, and every link with its price, as the declarations have it.

.venv/bin/python -m tests.docs.links > docs/links.md
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from graph.schema.catalogue import OF_ANY_KIND, OF_EACH_KIND, Catalogue, RowType, catalogue
from k8s.kinds.kind import Kind
from k8s.schemas.names import kind_type_name
from resolvers.kinds.custom.customlink import By, GroupKind
from resolvers.kinds.custom.customlinks import CUSTOM_LINKS
from resolvers.links.members import ANY_KIND, Arguments, Link, Member, RemoteField, Shape
from resolvers.names import list_name, type_name
from tests.docs.blocks import ROOT

LINKS: Final = ROOT / "docs" / "links.md"
"""The document."""

_HEAD: Final = Path(__file__).with_name("links_head.md")
"""The part that is written by hand: the queries, and the meaning of the columns."""

_PRICES: Final = {
    "owner": "1 per kind",
    "owners": "1 per kind",
    "columns": "1 per kind",
    "viewerCan": "1 per namespace",
    "owned": "≤ {}",
    "usedBy": "≤ {}",
    "CustomResourceDefinition.objectCount": "1 per definition",
    "CustomResourceDefinition.objects": "1 per definition",
    "Event.object": "1 per kind",
    "Event.relatedObject": "1 per kind",
    "EventsEvent.object": "1 per kind",
    "EventsEvent.relatedObject": "1 per kind",
    "HorizontalPodAutoscaler.target": "1 per kind",
    "Ingress.resourceBackends": "1 per kind",
    "IngressClass.parameters": "1 per kind",
    "MutatingAdmissionPolicyBinding.param": "1 per kind",
    "ValidatingAdmissionPolicyBinding.param": "1 per kind",
    "Workload.controller": "1 per kind",
    "PodContainer.env": "2 to 4",
    "Secret.reveal": "1 per Secret",
}
"""Prices that are no number of lists, by field, or by type and field; `{}` is the number of lists."""

_INDEX: Final = """## From X to Y

The links of each kind. Not shown: those of every object, such as `owner` and `events`.

"""

_CUSTOM: Final = """## Custom kinds

These types and links are there where a cluster serves both kinds with a schema. They are data: a new link is an entry
in `resolvers/kinds/custom/`.
"""

_OF_CLUSTERS: Final = """
`Cluster` and `Namespace` have the list of every kind under its own name, such as `pods`: a connection, for the price of
one list.
"""


class Entry(NamedTuple):
    """A row of the document.

    Attributes:
        target: The type of the linked objects; empty for a value.
        shape: That of a link.
    """

    name: str
    target: str
    shape: Shape | None
    price: str
    text: str

    def row(self, known: Collection[str]) -> str:
        """Returns the row; targets that have a section are links to it."""
        text = self.text.replace("|", "\\|").replace("\n", " ")
        target = f"[{self.target}](#{self.target.lower()})" if self.target in known else self.target
        shaped = {None: "a value", Shape.ONE: target, Shape.SOME: f"[{target}]", Shape.MANY: f"{{{target}}}"}
        return f"| `{self.name}` | {shaped[self.shape]} | {self.price} | {text} |\n"


def document() -> str:
    """Returns the text of the document."""
    types = catalogue()
    of_all = _names_of_all()
    every = [one for one in _entries(types["ConfigMap"]) if one.name in of_all]
    built_in = _built_in_entries(types)
    custom = _custom_entries()
    for name in [name for name in custom if name in types]:
        built_in[name] = sorted([*built_in.get(name, ()), *custom.pop(name)])
    names = {kind_type_name(*kind): kind for link in CUSTOM_LINKS for kind in (link.of, link.to)}
    known = {*built_in, *custom}
    sections = [
        _HEAD.read_text(),
        _INDEX + _index("built-in kind", built_in) + "\n" + _index("custom kind", custom),
        _section("## Every object", every, known),
        "## Built-in kinds\n",
        *(_section(f"### {name}", entries, known) for name, entries in _sorted(built_in)),
        _CUSTOM,
        *(
            _section(f"### {name}", entries, known, f"`{names[name].name}` of `{names[name].group}`.\n\n")
            for name, entries in _sorted(custom)
        ),
        _section("## Clusters and namespaces", _of_clusters(types), known) + _OF_CLUSTERS,
    ]
    return "\n".join(sections)


def documented_links() -> frozenset[tuple[str, str]]:
    """Returns the links of the document, by type and field, without those of every object."""
    entries = (_built_in_entries(catalogue()), _custom_entries())
    return frozenset(
        (name, one.name) for found in entries for name, of_type in found.items() for one in of_type if one.target
    )


def documented_links_of_every_object() -> frozenset[str]:
    """Returns the links of every object."""
    of_all = _names_of_all()
    return frozenset(one.name for one in _entries(catalogue()["ConfigMap"]) if one.name in of_all and one.target)


def _built_in_entries(types: Catalogue) -> dict[str, list[Entry]]:
    of_all = _names_of_all()
    return {
        row_type.name: entries
        for row_type in types.values()
        if (row_type.kind is not None or row_type.name == "PodContainer")
        and (entries := [one for one in _entries(row_type) if one.name not in of_all])
    }


def _sorted(entries: Mapping[str, list[Entry]]) -> list[tuple[str, list[Entry]]]:
    return sorted(entries.items(), key=lambda item: item[0].lower())


def _names_of_all() -> frozenset[str]:
    families = (*OF_ANY_KIND, *(made(None) for made in OF_EACH_KIND))
    return frozenset(chain.from_iterable(family.members for family in families))


def _entries(row_type: RowType) -> Iterator[Entry]:
    lists = {list_name(kind) for kind in _kinds()} if row_type.name == "Namespace" else set()
    for name, member in sorted(row_type.members.items()):
        if name not in lists and (price := _price(row_type.name, member)):
            shape = member.shape if isinstance(member, Link) else None
            yield Entry(name, _target(member), shape, price, member.description)


def _section(heading: str, entries: Iterable[Entry], known: Collection[str], text: str = "") -> str:
    rows = "".join(entry.row(known) for entry in entries)
    return f"{heading}\n\n{text}| link | leads to | price | meaning |\n|---|---|---|---|\n{rows}"


def _index(title: str, entries: Mapping[str, list[Entry]]) -> str:
    rows = "".join(_index_row(name, of_kind) for name, of_kind in _sorted(entries))
    return f"| from a {title} | links |\n|---|---|\n{rows}"


def _index_row(name: str, entries: Iterable[Entry]) -> str:
    links = [f"`{entry.name}`" for entry in entries if entry.target]
    return f"| [{name}](#{name.lower()}) | {' '.join(links)} |\n" if links else ""


def _target(member: Member) -> str:
    if not isinstance(member, Link):
        return ""
    name = type_name(member.to) if isinstance(member.to, Kind) else member.to.name
    return "any kind" if name == ANY_KIND.name else name


def _price(owner: str, member: Member) -> str:
    """Returns the lists in each cluster; an empty text for a member that reads nothing."""
    if not isinstance(member, RemoteField | Link):
        return ""
    lists = member.lists if isinstance(member, RemoteField) else member.lists(_checked(member.arguments))
    words = _PRICES.get(member.name) or _PRICES.get(f"{owner}.{member.name}") or "{}"
    return words.format(lists)


def _checked(arguments: Arguments | None) -> Any:
    """Returns checked arguments: none of those that are optional, and 1 for the others, which are limits."""
    if arguments is None:
        return None
    required = (one.name for one in arguments.takes if one.annotation is int)
    return arguments.checked(dict.fromkeys(required, 1))


def _of_clusters(types: Catalogue) -> Iterator[Entry]:
    lists = {list_name(kind) for kind in _kinds()}
    return (entry for entry in _entries(types["Cluster"]) if entry.name not in lists)


def _kinds() -> Iterator[Kind]:
    return (row_type.kind for row_type in catalogue().values() if row_type.kind is not None)


def _custom_entries() -> dict[str, list[Entry]]:
    """Returns the links between custom kinds in both directions, by the type from which they start."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for link in CUSTOM_LINKS:
        of, to = _named(link.of), _named(link.to)
        forward = Shape.SOME if link.is_list and link.by is not By.CONTROLLER else Shape.ONE
        found[of].append(Entry(link.name, to, forward, "1", link.forward_text))
        found[to].append(Entry(link.back, of, Shape.MANY, "1", link.backward_text))
    return {name: sorted(set(entries)) for name, entries in found.items()}


def _named(kind: GroupKind) -> str:
    built_in = (one for one in _kinds() if (one.group, one.name) == kind)
    return next(map(type_name, built_in), None) or kind_type_name(*kind)


if __name__ == "__main__":
    print(document(), end="")
