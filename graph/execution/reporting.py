"""Reports of clusters and namespaces whose objects are missing: one error for all rows."""

from collections.abc import Iterable, Mapping

from graph.execution.responsepaths import PathAt, Report
from graph.planning.levels import FieldDetailsList, Linked, LinkedMany
from k8s.errors import ClusterError
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch
from resolvers.links.hidden import hidden_names
from resolvers.lists.clusternotes import Notes
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, worked


async def report_failures(
    report: Report,
    failures: dict[FleetCluster, ClusterError],
    details: FieldDetailsList,
    rows: Rows,
    path_of: PathAt,
) -> None:
    """Reports one error for each cluster that failed, at the path of its first row."""
    if not failures:
        return
    first: dict[FleetCluster, int] = {}
    async for batch in batches(enumerate(rows.clusters)):
        for index, cluster in batch:
            first.setdefault(cluster, index)
    await worked(lambda cluster: report(failures[cluster], details, path_of(first[cluster])), failures)


async def report_hidden(
    report: Report, fetch: Fetch, missing: Iterable[int], entry: Linked | LinkedMany, path_of: PathAt
) -> Mapping[int, ClusterError]:
    """Reports one error for each cluster and kind of which the caller may not see objects, at the first row concerned.

    Returns the errors of the rows whose objects are hidden, whether they are missing or not.
    """
    hidden = await fetch.hidden() if fetch.partial else {}
    reported: set[str] = set()

    def report_once(index: int, error: ClusterError) -> None:
        if str(error) not in reported:
            reported.add(str(error))
            report(error, entry.details, path_of(index))

    async for batch in batches(missing if hidden else ()):
        for index in batch:
            if index in hidden:
                report_once(index, hidden[index])
    for index, error in await hidden_names(fetch.parents, fetch.hidden_names):
        report_once(index, error)
    return hidden


def note_absents(notes: Notes, fetch: Fetch) -> None:
    """Notes for each cluster why the entries of a link are unknown."""
    for cluster in fetch.parents.distinct_clusters():
        for absent in fetch.absents.values():
            notes.add(cluster, absent.note)
