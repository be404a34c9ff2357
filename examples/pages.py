"""Every pod of the fleet as JSON Lines, read page by page, so that memory stays small for any size of the fleet.

    python examples/pages.py > pods.jsonl
    python examples/pages.py --page 500 --namespace payments

FLEETGRAPH_URL is the address of fleetgraph (default: the demo), FLEETGRAPH_TOKEN the token (the demo needs none).
Only httpx is needed. Exit code: 0, or 1 if a cluster is missing on some page, or 2 if a page was not answered.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, TypedDict

import httpx

URL: Final = os.environ.get("FLEETGRAPH_URL", "http://127.0.0.1:8000").rstrip("/")
TIMEOUT_S: Final = 40  # above the 30 s that fleetgraph gives a query
TRIES: Final = 3

QUERY: Final = """
query Pods($first: Int!, $after: String, $namespaces: [String!]) {
  pods(first: $first, after: $after, namespaces: $namespaces) {
    totalCount
    nodes { cluster { name } namespace name reason restarts node { name } }
    pageInfo { hasNextPage endCursor }
    clusters { cluster { name } error { message } }
  }
}
"""


class Named(TypedDict):
    name: str


class PageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class Failure(TypedDict):
    message: str


class Report(TypedDict):
    cluster: Named
    error: Failure | None


class Page(TypedDict):
    totalCount: int
    nodes: list[dict[str, object]]
    pageInfo: PageInfo
    clusters: list[Report]


class NoAnswer(Exception):
    """A page could not be read; the message has the cause."""


def main() -> int:
    """Prints all pods; returns the exit code."""
    parser = argparse.ArgumentParser(description="Every pod of the fleet as JSON Lines.")
    parser.add_argument("--page", type=size, default=1000, help="pods a page (default %(default)s)")
    parser.add_argument("--namespace", action="append", help="only in this namespace; may be repeated")
    options = parser.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends it without a word
    missing: dict[str, str] = {}
    try:
        for page in pages(options.page, options.namespace):
            for pod in page["nodes"]:
                print(json.dumps(pod))
            failed = [report for report in page["clusters"] if report["error"]]
            missing |= {report["cluster"]["name"]: report["error"]["message"] for report in failed if report["error"]}
    except NoAnswer as error:
        print(error, file=sys.stderr)
        return 2
    for message in missing.values():
        print(f"missing: {message}", file=sys.stderr)
    return 1 if missing else 0


def size(text: str) -> int:
    """Returns the number of pods of a page."""
    if int(text) < 1:
        raise ValueError("a page has at least one pod")
    return int(text)


def pages(first: int, namespaces: list[str] | None) -> Iterator[Page]:
    """Yields the pages one at a time; earlier pages are dropped."""
    token = os.environ.get("FLEETGRAPH_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    after: str | None = None
    with httpx.Client(headers=headers, timeout=TIMEOUT_S) as client:
        while True:
            page = ask(client, {"first": first, "after": after, "namespaces": namespaces})
            yield page
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"] or after is None:
                return


def ask(client: httpx.Client, variables: dict[str, object]) -> Page:
    """Returns one page; retries if a server is busy or restarts, a reasonable number of times."""
    for attempt in range(1, TRIES + 1):
        try:
            response = client.post(f"{URL}/graphql", json={"query": QUERY, "variables": variables})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(f"No answer from {URL} ({error}). FLEETGRAPH_URL says where fleetgraph is.") from error
        if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or attempt == TRIES:
            break
        time.sleep(float(response.headers.get("Retry-After", 1)))
    return page_of(response)


def page_of(response: httpx.Response) -> Page:
    """Returns the page of an answer; an answer without rows is an error, and the envelope names missing clusters."""
    messages: list[str] = []
    with suppress(ValueError, LookupError, TypeError, AttributeError):
        answer = response.json()
        messages = [error["message"] for error in answer.get("errors", [])]
        page: Page | None = answer["data"]["pods"]
        if page is not None:
            return page
    raise NoAnswer(" ".join(messages) or f"{URL} answered HTTP {response.status_code}, but not as fleetgraph does.")


if __name__ == "__main__":
    sys.exit(main())
