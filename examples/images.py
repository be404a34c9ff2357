"""The images of the whole fleet and their clusters, as CSV.

    python examples/images.py > images.csv
    python examples/images.py postgres nginx        # only images with one of these in their name

FLEETGRAPH_URL is the address of fleetgraph (default: the demo), FLEETGRAPH_TOKEN the token (the demo needs none).
Needs: pip install "gql[aiohttp]". Exit code: 0, or 1 if a cluster is missing, or 2 if nothing was answered.
"""

import argparse
import asyncio
import csv
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Final, TypedDict

import aiohttp
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError, TransportQueryError

URL: Final = os.environ.get("FLEETGRAPH_URL", "http://127.0.0.1:8000").rstrip("/")
TIMEOUT_S: Final = 40  # above the 30 s that fleetgraph gives a query

QUERY: Final = gql(
    """
    query Images {
      pods {
        container: groups(by: ["spec.containers.image", "cluster.name", "namespace"]) { key count }
        initContainer: groups(by: ["spec.initContainers.image", "cluster.name", "namespace"]) { key count }
        clusters { error { message } }
      }
    }
    """
)


class Group(TypedDict):
    key: tuple[str | None, str, str]
    count: int


class Failure(TypedDict):
    message: str


class Report(TypedDict):
    error: Failure | None


class PodList(TypedDict):
    container: list[Group]
    initContainer: list[Group]
    clusters: list[Report]


def main() -> int:
    """Prints the CSV; returns the exit code."""
    parser = argparse.ArgumentParser(description="Which image runs where, as CSV.")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only images with one of these in their name")
    words = parser.parse_args().words
    try:
        pods = asyncio.run(ask())
    except (TransportError, aiohttp.ClientError, TimeoutError) as error:
        print(in_words(error), file=sys.stderr)
        return 2
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["image", "cluster", "namespace", "as", "pods"])
    table.writerows(sorted(rows(pods, words)))
    missing = [report["error"]["message"] for report in pods["clusters"] if report["error"]]
    for message in missing:
        print(f"missing: {message}", file=sys.stderr)
    return 1 if missing else 0


async def ask() -> PodList:
    """Returns the counts of all clusters that answer.

    gql raises whenever an answer has errors; the rows of the clusters that did answer are in the exception.
    """
    token = os.environ.get("FLEETGRAPH_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = AIOHTTPTransport(f"{URL}/graphql", headers=headers)
    try:
        async with Client(transport=transport, execute_timeout=TIMEOUT_S) as session:
            answer = await session.execute(QUERY)
    except TransportQueryError as error:
        if not error.data or error.data.get("pods") is None:
            raise
        answer = error.data
    pods: PodList = answer["pods"]
    return pods


def rows(pods: PodList, words: Sequence[str]) -> Iterator[tuple[str, str, str, str, int]]:
    """Returns the lines of the table; fleetgraph counts, so that no pod is sent."""
    groups = [("container", group) for group in pods["container"]]
    groups += [("init container", group) for group in pods["initContainer"]]
    for role, group in groups:
        image, cluster, namespace = group["key"]
        if image is not None and (not words or any(word in image for word in words)):
            yield image, cluster, namespace, role, group["count"]


def in_words(error: Exception) -> str:
    """Returns the server's message, or the error of the connection."""
    if isinstance(error, TransportQueryError) and error.errors:
        return "\n".join(fault["message"] for fault in error.errors)
    return f"No answer from {URL} ({type(error).__name__}: {error}). FLEETGRAPH_URL says where fleetgraph is."


if __name__ == "__main__":
    sys.exit(main())
