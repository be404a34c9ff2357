"""Pods in trouble over the whole fleet as a table, the most restarted first.

    python examples/trouble.py
    python examples/trouble.py --labels env=prod --restarts 3

FLEETGRAPH_URL is the address of fleetgraph (default: the demo), FLEETGRAPH_TOKEN the token (the demo needs none).
Only httpx is needed. Exit code: 0 if no pod is in trouble, 1 if some are or a cluster is missing, 2 if nothing was
answered.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypedDict

import httpx

URL: Final = os.environ.get("FLEETGRAPH_URL", "http://127.0.0.1:8000").rstrip("/")
TIMEOUT_S: Final = 40  # above the 30 s that fleetgraph gives a query

QUERY: Final = """
query Trouble($labels: String, $restarts: JSON) {
  pods(
    clusters: {labels: $labels}
    where: [
      {or: [
        {path: "reason", op: NOT_IN, value: ["Running", "Completed", "Succeeded"]}
        {and: [{path: "reason", value: "Running"}, {path: "ready", value: false}]}
        {path: "restarts", op: GE, value: $restarts}
      ]}
    ]
    orderBy: [{path: "restarts", direction: DESC}]
  ) {
    nodes {
      cluster { name }
      namespace name reason restarts
      node { name ready }
      deployment { name replicas { ready desired } }
    }
    clusters { error { message } }
  }
}
"""


class Named(TypedDict):
    name: str


class Node(TypedDict):
    name: str
    ready: bool


class Replicas(TypedDict):
    ready: int
    desired: int


class Deployment(TypedDict):
    name: str
    replicas: Replicas


class Pod(TypedDict):
    cluster: Named
    namespace: str
    name: str
    reason: str
    restarts: int
    node: Node | None
    deployment: Deployment | None


class Failure(TypedDict):
    message: str


class Report(TypedDict):
    error: Failure | None


class PodList(TypedDict):
    nodes: list[Pod]
    clusters: list[Report]


class NoAnswer(Exception):
    """There is nothing to show; the message has the cause."""


def main() -> int:
    """Prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(description="Pods in trouble over the whole fleet.")
    parser.add_argument("--labels", help="only in clusters with these labels, as env=prod")
    parser.add_argument("--restarts", type=int, default=10, help="from how many restarts on (default %(default)s)")
    options = parser.parse_args()
    try:
        pods = ask({"labels": options.labels, "restarts": options.restarts})
    except NoAnswer as error:
        print(error, file=sys.stderr)
        return 2
    print_table(row(pod) for pod in pods["nodes"])
    missing = [report["error"]["message"] for report in pods["clusters"] if report["error"]]
    for message in missing:
        print(f"missing: {message}", file=sys.stderr)
    return 1 if pods["nodes"] or missing else 0


def ask(variables: Mapping[str, object]) -> PodList:
    """Returns the pods in trouble of all clusters that answer."""
    token = os.environ.get("FLEETGRAPH_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"query": QUERY, "variables": variables}
    try:
        response = httpx.post(f"{URL}/graphql", json=body, headers=headers, timeout=TIMEOUT_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswer(f"No answer from {URL} ({error}). FLEETGRAPH_URL says where fleetgraph is.") from error
    try:
        answer = response.json()
        pods: PodList | None = (answer.get("data") or {}).get("pods")
        messages = [error["message"] for error in answer["errors"]] if pods is None else []
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NoAnswer(f"{URL} answered HTTP {response.status_code}, but not as fleetgraph does.") from error
    if pods is None:
        raise NoAnswer("\n".join(messages))
    return pods


def row(pod: Pod) -> Sequence[str]:
    """Returns a line of the table."""
    node, deployment = pod["node"], pod["deployment"]
    return (
        pod["cluster"]["name"],
        f"{pod['namespace']}/{pod['name']}",
        pod["reason"],
        str(pod["restarts"]),
        "-" if node is None else node["name"] + ("" if node["ready"] else " (not ready)"),
        "-" if deployment is None else "{name} {replicas[ready]}/{replicas[desired]}".format(**deployment),
    )


def print_table(rows: Iterable[Sequence[str]]) -> None:
    """Prints columns as wide as their widest cell."""
    lines = [("CLUSTER", "POD", "STATUS", "RESTARTS", "NODE", "DEPLOYMENT"), *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        print("".join(character if character.isprintable() else "?" for character in text))


if __name__ == "__main__":
    sys.exit(main())
