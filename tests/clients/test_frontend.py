"""docs/clients.md for a frontend developer: generated types, fetch, Apollo Client, urql, Relay."""

import json
import re
from collections import Counter

from demo.fleet.customkinds.served import ALL
from resolvers.names import type_name
from tests.clients.conftest import PodList
from tests.clients.document import DOCUMENT
from tests.clients.following import Follower

ROOT = DOCUMENT.parents[1]


def test_every_command_succeeds(frontend: Follower) -> None:
    assert [(ran.command, ran.stdout, ran.stderr) for ran in frontend.ran if ran.exit_code != 0] == []


def test_the_compiler_finds_a_field_that_is_not_selected(checks: Follower) -> None:
    """Compiles `src/checks/types.ts`, whose directive fails if the field compiles."""
    file = checks.folder / "src/checks/types.ts"
    checks.write("src/checks/careless.ts", file.read_text().replace("@ts-expect-error", ""))

    compiled = checks.run("npx tsc")
    (checks.folder / "src/checks/careless.ts").unlink()

    assert re.findall(r"error TS\d+: .*", compiled.stdout)[0].startswith("error TS2339: Property 'spec' does not exist")


def test_possible_types_are_all_kinds(frontend: Follower) -> None:
    kinds = re.findall(r"^type (\w+) implements KubernetesObject", (ROOT / "schema.graphql").read_text(), re.MULTILINE)

    generated = (frontend.folder / "src/gql/possibleTypes.ts").read_text()
    named = generated.partition('"KubernetesObject": [')[2].partition("]")[0]

    custom = {type_name(custom.kind) for custom in ALL}  # of the demo fleet
    assert sorted(re.findall(r'"(\w+)"', named)) == sorted({*kinds, *custom})


def test_fetch_reads_every_page(frontend: Follower, expected: PodList, silence: str) -> None:
    restarts: Counter[str] = Counter()
    for pod in expected["nodes"]:
        restarts[pod["cluster"]["name"]] += pod["restarts"]

    shown = frontend.output_of("npx tsx src/fetch-pods.ts")

    assert shown == [*(f"{name} {count}" for name, count in restarts.items()), f"missing: {silence}"]


def test_graphql_ws_follows_a_list(frontend: Follower, expected: PodList) -> None:
    count = sum(pod["namespace"] == "checkout" for pod in expected["nodes"])

    assert frontend.output_of("npx tsx src/live-pods.ts") == [f"{count} pods"]


def test_apollo_urql_and_relay_follow_a_list(checks: Follower, expected: PodList) -> None:
    count = sum(pod["namespace"] == "checkout" for pod in expected["nodes"])

    assert _printed(checks, "live.ts") == {"apollo": count, "urql": count, "relay": count, "relayNames": count}


def test_a_react_component_follows_a_list(checks: Follower, expected: PodList, silence: str) -> None:
    count = sum(pod["namespace"] == "checkout" for pod in expected["nodes"])
    dead = re.findall(r"cluster '([^']+)'", silence)[0]

    ran = checks.run(f"npx tsx src/checks/react.tsx {dead} {count}")
    assert ran.exit_code == 0, ran.stderr
    shown = json.loads(ran.stdout)

    assert shown.pop("cut") == {"rows": count, "problems": ["Terminated"]}
    assert shown == {"rows": count, "missing": [f"{dead} is FAILED: {silence}"], "first": 4}


def test_apollo_joins_pages_and_keeps_partial_results(frontend: Follower, expected: PodList, silence: str) -> None:
    total = expected["totalCount"]

    shown = frontend.output_of("npx tsx src/apollo-pods.ts")

    assert shown == [
        f"CLUSTER_UNREACHABLE {silence}",
        f"100 of {total} pods",
        f"100 of {total} pods",
        f"200 of {total} pods",
        _first(expected),
    ]


def test_apollo_joins_what_two_queries_read_of_one_pod(checks: Follower, expected: PodList) -> None:
    assert _printed(checks, "apollo.ts") == {"isOneEntry": True, **_joined(expected)}


def test_urql_joins_pages_and_keeps_partial_results(frontend: Follower, expected: PodList, silence: str) -> None:
    total = expected["totalCount"]

    shown = frontend.output_of("npx tsx src/urql-pods.ts")

    assert shown == [f"CLUSTER_UNREACHABLE {silence}", f"200 of {total} pods", _first(expected)]


def test_urql_joins_what_two_queries_read_of_one_pod(checks: Follower, expected: PodList) -> None:
    assert _printed(checks, "urql.ts") == _joined(expected)


def test_relay_joins_pages_and_keeps_partial_results(frontend: Follower, expected: PodList, silence: str) -> None:
    total = expected["totalCount"]

    shown = frontend.output_of("npx tsx src/relay-pods.ts")

    assert shown == [f"dr-us-2 CLUSTER_UNREACHABLE {silence}", f"200 of {total} pods"]


def test_relay_shows_fast_clusters_first_and_all_in_the_end(frontend: Follower) -> None:
    first, whole = frontend.output_of("npx tsx src/relay-later.ts")

    early, late = (tuple(map(int, re.findall(r"\d+", shown))) for shown in (first, whole))
    assert 3 <= early[0] < late[0]
    assert early[1] < late[1] == late[0]


def test_relay_pages_below_one_object(checks: Follower) -> None:
    assert _printed(checks, "relay.ts") == {"before": 3, "after": 6}


def test_relay_refuses_refetchable_fragments_on_object_types(checks: Follower) -> None:
    """Fails if Relay accepts them: then the document has a better way to show."""
    ran = checks.run("npx relay-compiler refused.config.json")

    assert ran.exit_code != 0
    assert "Invalid use of @refetchable on fragment 'PodDetail_pod'" in ran.stdout + ran.stderr


def _printed(checks: Follower, program: str) -> object:
    ran = checks.run(f"npx tsx src/checks/{program}")
    assert (ran.exit_code, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def _first(expected: PodList) -> str:
    pod = expected["nodes"][0]
    return f"{pod['name']} {pod['restarts']} {pod['owner'] and pod['owner']['kind']}"


def _joined(expected: PodList) -> dict[str, object]:
    owner = expected["nodes"][0]["owner"]
    return {"rows": 3, "isJoined": True, "created": True, "kind": "Pod", "ownerKind": owner and owner["kind"]}
