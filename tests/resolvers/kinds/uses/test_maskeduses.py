"""`usedBy`, `usedAs` and `isUsed` where the operator masks paths that have references: null, and nobody is unused."""

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from tests.graph.fleets import Asking, fleet_of
from tests.resolvers.kinds.uses.test_usedby import Json, cluster, user
from tests.resolvers.links.owning import RecordingSender, object_of

USES = "{ secrets { clusters { notes { code message } } nodes { usedBy { name } isUsed usedAs { way } } } }"
SPEC = {"containers": [{"name": "a", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}


async def _masked(engine: Engine, path: str, query: str = USES) -> tuple[Json, RecordingSender]:
    sender = cluster(object_of(kinds.SECRET, "s"), user(kinds.POD, "p", SPEC))
    masking = Masking(masked_paths(path))
    answer = await Asking(engine, fleet_of([sender], masking=masking), masking=masking)(query)
    return answer.to_builtins(), sender


@pytest.mark.parametrize(
    ("path", "plural"),
    [
        ("pods:spec.containers.env", "pods"),
        ("pods:spec.initContainers.envFrom.secretRef.name", "pods"),
        ("pods:spec.volumes", "pods"),
        ("apps/Deployment:spec.template", "deployments"),
        ("batch/CronJob:spec.jobTemplate.spec.template.spec.containers.env", "cronjobs"),
        ("networking.k8s.io/Ingress:spec.tls", "ingresses"),
        ("serviceaccounts:imagePullSecrets", "serviceaccounts"),
    ],
)
async def test_uses_are_null_if_references_are_masked(engine: Engine, path: str, plural: str) -> None:
    answer, sender = await _masked(engine, path)

    message = f"the operator masks fields of {plural} that values are made of."
    assert answer == {
        "data": {
            "secrets": {
                "clusters": [{"notes": [{"code": "MASKED", "message": message}]}],
                "nodes": [{"usedBy": None, "isUsed": None, "usedAs": None}],
            }
        },
        "extensions": {
            "warnings": [
                {
                    "code": "NO_VALUE",
                    "message": f"cluster 'snap': usedBy is null: {message}",
                    "reason": "MASKED",
                    "clusters": ["snap"],
                }
            ]
        },
    }
    assert [*sender.counts] == ["secrets"]


@pytest.mark.parametrize("path", ["pods:spec.containers.command", "configmaps:data"])
async def test_masks_of_other_paths_leave_uses(engine: Engine, path: str) -> None:
    answer, _ = await _masked(engine, path)

    assert answer["data"]["secrets"]["nodes"] == [
        {"usedBy": [{"name": "p"}], "isUsed": True, "usedAs": [{"way": "ENV"}]}
    ]


async def test_only_the_kinds_that_are_asked_for_count(engine: Engine) -> None:
    query = '{ secrets { nodes { pods: usedBy(kinds: ["pods"]) { name } jobs: usedBy(kinds: ["jobs"]) { name } } } }'

    answer, _ = await _masked(engine, "batch/Job:spec.template.spec.volumes", query)

    assert answer["data"]["secrets"]["nodes"] == [{"pods": [{"name": "p"}], "jobs": None}]


async def test_workloads_are_null_if_a_template_is_masked_but_not_for_pods(engine: Engine) -> None:
    query = "{ secrets { nodes { workloads { name } } } }"

    of_pods, _ = await _masked(engine, "pods:spec.volumes", query)
    of_jobs, _ = await _masked(engine, "batch/Job:spec.template.spec.volumes", query)

    assert [one["data"]["secrets"]["nodes"][0]["workloads"] for one in (of_pods, of_jobs)] == [[], None]
    assert of_jobs["extensions"]["warnings"] == [
        {
            "code": "NO_VALUE",
            "message": "cluster 'snap': workloads is null: the operator masks fields of jobs that values are made of.",
            "reason": "MASKED",
            "clusters": ["snap"],
        }
    ]


async def test_the_filter_for_unused_ones_does_not_find_them(engine: Engine) -> None:
    query = '{ secrets(where: [{path: "isUsed", op: EQ, value: false}]) { nodes { name } } }'

    answer, _ = await _masked(engine, "pods:spec.containers.env", query)

    assert answer == {"data": {"secrets": {"nodes": []}}}


async def test_a_filter_by_the_link_warns(engine: Engine) -> None:
    query = '{ secrets(where: [{path: "usedBy.name", value: "p"}]) { nodes { name } } }'

    answer, _ = await _masked(engine, "pods:spec.containers.env", query)

    assert answer["data"]["secrets"]["nodes"] == []
    assert [one["code"] for one in answer["extensions"]["warnings"]] == ["NO_VALUE"]
