"""The statements of a soak: all kinds of requests, few of them repeated."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from bench.queries import BELOW_NODES, GROUPED_BY_LINK, ORDERED_BY_LINK

_FIELDS: Final = (
    "name",
    "namespace",
    "restarts",
    "ready",
    "reason",
    "spec { nodeName }",
    "status { phase podIP }",
    "metadata { labels uid creationTimestamp }",
    "spec { containers { name image } serviceAccountName }",
    "node { name ready }",
    "deployment { name replicas { ready desired } }",
)

Statement = Callable[[Random], str]


def fields(random: Random) -> str:
    """Returns some fields of pods."""
    return " ".join(random.sample(_FIELDS, random.randint(1, 5)))


def _new(random: Random) -> str:
    """Returns a name that no earlier statement has."""
    return f"x{random.getrandbits(40):x}"


def filtered(random: Random) -> str:
    """Returns a query of pods by their links, and by a unique condition."""
    return f"""{{ pods(where: [{{path: "node.ready", op: EQ, value: true}},
      {{path: "name", op: STARTS_WITH, value: "{_new(random)}"}}]) {{ totalCount nodes {{ {fields(random)} }} }} }}"""


STATEMENTS: Final[Sequence[Statement]] = (
    lambda random: f"{{ pods {{ totalCount nodes {{ {fields(random)} }} }} }}",
    lambda random: f"{{ {_new(random)}: pods(first: {random.randint(1, 200)}) {{ nodes {{ {fields(random)} }} }} }}",
    filtered,
    lambda random: (
        f"""query {_new(random)}($first: Int = {random.randint(1, 50)}) {{
      pods(first: $first, orderBy: [{{path: "deployment.name"}}]) {{ nodes {{ {fields(random)} }} }} }}"""
    ),
    lambda _random: GROUPED_BY_LINK,
    lambda _random: ORDERED_BY_LINK,
    lambda _random: BELOW_NODES,
    lambda random: f"{{ pods(first: 100) {{ nodes {{ {_new(random)}: name ... @defer {{ node {{ name }} }} }} }} }}",
    lambda random: f"{{ pods {{ nodes @stream(initialCount: 3) {{ {_new(random)}: name node {{ name }} }} }} }}",
    lambda random: f"{{ clusters {{ {_new(random)}: name version reachable counts {{ pods nodes }} }} }}",
    lambda random: (
        f"{{ deployments {{ nodes {{ name pods(first: 3) {{ totalCount nodes {{ {fields(random)} }} }} }} }} }}"
    ),
    lambda random: f"{{ pods {{ {_new(random)} }} }}",
    lambda random: f"{{ pods {{ nodes {{ {_new(random)}: ",
    lambda random: f'{{ pods(where: [{{path: "{_new(random)}", op: EQ, value: 1}}]) {{ totalCount }} }}',
    lambda random: f'{{ pod(cluster: "one", namespace: "default", name: "{_new(random)}") {{ name }} }}',
)
"""Lists, pages, conditions, orders, groups and payloads; then refused and failing requests."""
