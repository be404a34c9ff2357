"""What a link reads with."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from msgspec.json import encode

from k8s.errors import ClusterError
from k8s.kinds.builtin import NAMESPACE
from k8s.kinds.kind import Kind
from k8s.reading.decoding import Row, object_decoder
from k8s.reading.selection import LEAF, Selection, SelectionBuilder
from resolvers.arguments.arguments import EVERYTHING, ListArguments
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import Scope
from resolvers.links.joining import ObjectName, by_name
from resolvers.lists.answers import ClusterAnswer, rows_of
from resolvers.lists.ask import ask
from resolvers.lists.question import ListQuestion, with_identity
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.names import type_name
from resolvers.operation.operation import Operation
from resolvers.pacing import parts, taken
from resolvers.together import both, together

FEW: Final = 3
"""Parents in one cluster whose children are asked for by name or selector, a request each."""

_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


@dataclass(slots=True)
class Fetch:
    """Reads for one link of one level: all its parents at once.

    Attributes:
        operation: what the whole GraphQL operation shares.
        parents: the objects that the link starts from.
        selection: what the query needs of the children, by kind.
        arguments: of the link field.
        counts_only: whether the query wants only how many children there are.
        answers: what each cluster said to `children` or `listed`, for the envelope.
        failures: clusters that failed, filled as it goes; their parents' entries become errors.
        partial: what was listed in some namespaces of a cluster only, and in which.
    """

    operation: Operation
    parents: Rows
    selection: Callable[[Kind], Selection]
    arguments: ListArguments = EVERYTHING
    counts_only: bool = False
    answers: dict[FleetCluster, ClusterAnswer] = field(default_factory=dict)
    failures: dict[FleetCluster, ClusterError] = field(default_factory=dict)
    partial: list[tuple[FleetCluster, Kind, Scope]] = field(default_factory=list)

    async def children(self, kind: Kind, *reads: str) -> Rows:
        """The objects of a kind in the parents' clusters, with what the query and the paths `reads` need of them.

        One request per cluster. Where all parents of the fleet live in one namespace, only that one is read.
        """
        return await self._read(kind, self.selection(kind), reads, self.arguments)

    async def listed(
        self, kind: Kind, *, namespaces: tuple[str, ...] | None, within: tuple[str, ...] | None = None
    ) -> Sequence[ClusterAnswer]:
        """The parents' clusters' lists of a kind, by the link's own arguments.

        Where only counts are wanted the answers have no rows. `within` names the namespaces that matter alone, where
        these lists must be read namespace by namespace.
        """
        selection = None if self.counts_only else self.selection(kind)
        arguments = replace(self.arguments, namespaces=namespaces, clusters=EVERYTHING.clusters)
        clusters = self.parents.distinct_clusters()
        question = ListQuestion(kind, selection, arguments, within=within)
        return self._noted(kind, await ask(self.operation, question, clusters))

    async def steps(self, kind: Kind, *reads: str) -> Rows:
        """Objects on the way to the children, of which only the paths `reads` are needed."""
        return await self._read(kind, LEAF, reads, EVERYTHING)

    async def named(self, kind: Kind, names: Sequence[ObjectName], *reads: str) -> Sequence[Row | None]:
        """The children by name, one for each parent; None where there is none of that name.

        Few are asked for by name, a request each; of many, their clusters' lists are read.
        """
        return await self._named(kind, names, _with(self.selection(kind), reads))

    async def named_steps(self, kind: Kind, names: Sequence[ObjectName], *reads: str) -> Sequence[Row | None]:
        """As `named`, of objects on the way."""
        return await self._named(kind, names, _with(LEAF, reads))

    async def known(self, kind: Kind, names: Sequence[ObjectName]) -> Sequence[Row | None] | None:
        """The children, if nothing is needed of them but their names; None if more is."""
        selection = with_identity(self.selection(kind), kind)
        if selection.keys != ("metadata",) or not set(selection.below("metadata").keys) <= {"name", "namespace"}:
            return None
        decode = object_decoder(type_name(kind), selection).decode
        made: dict[ObjectName, Row] = {}
        async for part in parts(names):
            for place in part:
                _, namespace, name = place
                if name is not None and place not in made:
                    made[place] = decode(encode({"metadata": {"namespace": namespace, "name": name}}))
        return await taken(map(made.get, names))

    async def selected(
        self, kind: Kind, selectors: Sequence[str], *reads: str, namespaces: Sequence[str | None]
    ) -> Sequence[Sequence[Row]]:
        """For each parent, the objects of a kind that its field selector leaves: a request each, so only for few."""
        return await together(
            *(
                self._listed_apart(
                    cluster, kind, _with(self.selection(kind), reads), self._narrowed(namespace, selector)
                )
                for cluster, namespace, selector in zip(self.parents.clusters, namespaces, selectors, strict=True)
            )
        )

    @property
    def has_few_parents(self) -> bool:
        """Whether they are so few in each cluster that a request for each is cheaper than a list for all."""
        return len(self.parents) <= FEW * 20 and max(Counter(self.parents.clusters).values(), default=0) <= FEW

    async def _read(self, kind: Kind, selection: Selection, reads: Iterable[str], arguments: ListArguments) -> Rows:
        clusters = [cluster for cluster in self.parents.distinct_clusters() if cluster not in self.failures]
        return await self._list(kind, _with(selection, reads), arguments, clusters)

    async def _list(
        self, kind: Kind, selection: Selection, arguments: ListArguments, clusters: Sequence[FleetCluster]
    ) -> Rows:
        homes = await self._homes() if kind.namespaced else None
        narrowed = ListArguments(
            namespaces=homes if homes is not None and len(homes) == 1 else None,
            label_selector=arguments.label_selector,
            field_selector=arguments.field_selector,
        )
        question = ListQuestion(kind, selection, narrowed, within=homes)
        return rows_of(self._noted(kind, await ask(self.operation, question, clusters)))

    async def _named(self, kind: Kind, names: Sequence[ObjectName], selection: Selection) -> Sequence[Row | None]:
        wanted: dict[FleetCluster, set[tuple[str | None, str]]] = {}
        async for part in parts(names):
            for cluster, namespace, name in part:
                if name is not None and cluster not in self.failures:
                    wanted.setdefault(cluster, set()).add((namespace, name))
        parents = Counter(self.parents.clusters)
        few = {each for each, places in wanted.items() if _are_few(places, parents[each])}
        apart = (
            self._listed_apart(
                each,
                kind,
                selection,
                ListArguments(namespaces=_only(place[0]), field_selector=f"metadata.name={place[1]}"),
            )
            for each in few
            for place in sorted(wanted[each], key=str)
        )
        children, by_themselves = await both(
            self._list(kind, selection, EVERYTHING, [each for each in wanted if each not in few]),
            together(*apart),
        )
        for cluster, rows in zip((each for each in few for _ in wanted[each]), by_themselves, strict=True):
            children.extend(cluster, rows)
        return await by_name(children, names)

    async def _listed_apart(
        self, cluster: FleetCluster, kind: Kind, selection: Selection, arguments: ListArguments
    ) -> Sequence[Row]:
        answers = await ask(self.operation, ListQuestion(kind, selection, arguments), [cluster])
        return self._noted(kind, answers)[0].rows

    def _narrowed(self, namespace: str | None, field_selector: str) -> ListArguments:
        given = self.arguments.field_selector
        return ListArguments(
            namespaces=_only(namespace),
            label_selector=self.arguments.label_selector,
            field_selector=f"{given},{field_selector}" if given else field_selector,
        )

    async def hidden(self) -> Mapping[int, ClusterError]:
        """The parents, by index, of which it cannot be told what they lead to, and why: all that is in their namespace.

        Those of clusters that failed are not among them.
        """
        found: dict[int, ClusterError] = {}
        for cluster, kind, scope in self.partial:
            async for part in parts(enumerate(self.parents)):
                for index, (where, row) in part:
                    home = home_namespace(row) if where is cluster else None
                    if home is not None and scope.hides(home):
                        found.setdefault(index, unseen(cluster, kind, home))
        return found

    def _noted(self, kind: Kind, answers: Sequence[ClusterAnswer]) -> Sequence[ClusterAnswer]:
        self.partial += [(answer.cluster, kind, answer.scope) for answer in answers if answer.scope.is_partial]
        self.answers.update({answer.cluster: answer for answer in answers})
        self.failures.update({answer.cluster: answer.error for answer in answers if answer.error is not None})
        return answers

    async def _homes(self) -> tuple[str, ...] | None:
        """The namespaces in which everything is that the parents lead to; None for all."""
        homes: set[str | None] = set()
        async for part in parts(self.parents.rows):
            homes.update(getattr(getattr(row, "metadata", None), "namespace", None) for row in part)
        return None if None in homes else tuple(sorted(map(str, homes)))


def home_namespace(row: Row) -> str | None:
    """The namespace in which everything is that an object leads to; None for objects of the whole cluster."""
    metadata = getattr(row, "metadata", None)
    if type(row).__name__ == NAMESPACE.name:
        return str(metadata.name)  # type: ignore[union-attr]  # every object has its identity
    return getattr(metadata, "namespace", None)


def _with(selection: Selection, reads: Iterable[str]) -> Selection:
    builder = SelectionBuilder()
    builder.update(selection)
    for path in reads:
        builder.add(path)
    return builder.freeze()


def _only(namespace: str | None) -> tuple[str, ...] | None:
    return (namespace,) if namespace else None


def _are_few(places: Collection[tuple[str | None, str]], parents: int) -> bool:
    """Whether objects are asked for by name: one always, several only for few parents."""
    if len(places) > 1 and (len(places) > FEW or parents > FEW):
        return False
    return all(is_selectable(name) and (not namespace or is_selectable(namespace)) for namespace, name in places)


def is_selectable(name: str | None) -> bool:
    """Whether a name that a cluster sent can stand in a selector and in a path: it is one, then."""
    return name is not None and _NAME.fullmatch(name) is not None
