"""`minClusters`: below so many answers a list is an error, where else it would be a partial result."""

from resolvers.arguments.arguments import ListArguments
from resolvers.errors import BadUserInput, TooFewClusters
from resolvers.lists.answers import FleetAnswer


def refuse_missing_quorum(arguments: ListArguments, clusters: int) -> None:
    """Refuses a list that asks too few clusters for its quorum, before anything is sent.

    Raises:
        BadUserInput: it can never be met.
    """
    if clusters < arguments.min_clusters:
        raise BadUserInput(
            f"minClusters: {arguments.min_clusters} clusters must answer, and the list asks {clusters} altogether."
        )


def refuse_lost_quorum(arguments: ListArguments, answer: FleetAnswer) -> None:
    """Refuses the answer of too few clusters.

    Raises:
        TooFewClusters: names those that failed; why stands in errors of their own.
    """
    failed = [each.cluster.name for each in answer.failures]
    answered = len(answer.answers) - len(failed)
    if answered < arguments.min_clusters:
        raise TooFewClusters(
            f"minClusters: {arguments.min_clusters} clusters must answer, and {answered} of {len(answer.answers)} did; "
            f"{', '.join(failed)} did not."
        )
