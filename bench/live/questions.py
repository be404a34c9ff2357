"""Fifty kinds of questions, as the pages of a portal ask them: lists of namespaces, of what is wrong, of links."""

from typing import Final

from bench.queries import PLAIN_FIELDS

_CHANGES: Final = "changes { type id isInitial object { %s } } clusters { name state } resume"


def subscription(listed: str, selection: str) -> str:
    """Returns the subscription to a list, such as `pods(...)`, with a selection of each object."""
    return f"subscription {{ {listed} {{ {_CHANGES % selection} }} }}"


_POD: Final = "metadata { namespace name annotations } status { phase podIP } ready restarts"


def questions() -> list[str]:
    """Returns fifty subscriptions; those to whole lists show what is rare."""
    namespaces = [f"team-{number:03d}" for number in range(20)]
    one = [f'(namespaces: ["{namespace}"])' for namespace in namespaces]
    return [
        *(subscription(f"pods{of}", _POD) for of in one),
        *(subscription(f"deployments{of}", "metadata { name annotations } replicas { ready desired }") for of in one),
        subscription('pods(where: {path: "status.phase", op: NE, value: "Running"})', _POD),
        subscription('pods(where: {path: "restarts", op: GT, value: 3})', _POD),
        subscription('pods(where: {path: "ready", op: EQ, value: false})', f"{_POD} reason"),
        subscription('pods(where: {path: "node.ready", op: EQ, value: false})', f"{_POD} node {{ name ready }}"),
        subscription(f'pods(namespaces: ["{namespaces[0]}"])', f"{_POD} node {{ name ready }}"),
        subscription(f'pods(namespaces: ["{namespaces[1]}"])', f"{_POD} deployment {{ name }}"),
        subscription("nodes", "metadata { name annotations } ready internalIP"),
        subscription('nodes(where: {path: "ready", op: EQ, value: false})', "metadata { name annotations }"),
        subscription('deployments(where: {path: "replicas.ready", op: EQ, value: 0})', "metadata { name annotations }"),
        subscription('replicaSets(namespaces: ["team-002"])', "metadata { name annotations }"),
    ]


ALL_PODS: Final = subscription("pods", f"{PLAIN_FIELDS} metadata {{ annotations }} restarts")
RESTARTED: Final = subscription('pods(where: {path: "restarts", op: GT, value: 3})', PLAIN_FIELDS)
