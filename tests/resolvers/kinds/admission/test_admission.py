"""Policies, bindings and webhooks, and the objects that they name."""

from __future__ import annotations

from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from resolvers.kinds.admission.policy import MUTATING_POLICIES, VALIDATING_POLICIES
from resolvers.kinds.admission.webhook import VALIDATING_WEBHOOKS
from tests.resolvers.kinds.derivedfields import derived
from tests.resolvers.links.owning import PLATFORM, answered, cluster_with, object_of

SERVES = (
    kinds.VALIDATING_ADMISSION_POLICY,
    kinds.VALIDATING_ADMISSION_POLICY_BINDING,
    kinds.MUTATING_ADMISSION_POLICY,
    kinds.MUTATING_ADMISSION_POLICY_BINDING,
    kinds.VALIDATING_WEBHOOK_CONFIGURATION,
    kinds.MUTATING_WEBHOOK_CONFIGURATION,
    kinds.CONFIG_MAP,
    kinds.SERVICE,
    PLATFORM,
)


def test_an_object_without_a_spec_has_no_members() -> None:
    assert derived(VALIDATING_POLICIES, "validationCount") == 0
    assert derived(MUTATING_POLICIES, "mutationCount") == 0
    assert derived(VALIDATING_POLICIES, "paramKindText") is None
    assert derived(VALIDATING_WEBHOOKS, "webhookCount") == 0


def test_webhooks_are_required_unless_their_failures_are_ignored() -> None:
    webhooks = [{"name": "a", "failurePolicy": "Ignore"}, {"name": "b", "failurePolicy": "Fail"}, {"name": "c"}]

    assert derived(VALIDATING_WEBHOOKS, "requiredWebhooks", webhooks=webhooks) == ["b", "c"]


@pytest.mark.parametrize("prefix", ["Validating", "Mutating"])
async def test_bindings_lead_to_policies_and_parameters_and_back(engine: Engine, prefix: str) -> None:
    policy = kinds.BY_NAME["admissionregistration.k8s.io", f"{prefix}AdmissionPolicy"]
    binding = kinds.BY_NAME["admissionregistration.k8s.io", f"{prefix}AdmissionPolicyBinding"]

    def bound(name: str, to: str, /, **reference: Any) -> Any:
        return object_of(binding, name) | {"spec": {"policyName": to, "paramRef": reference or None}}

    sender = cluster_with(
        [
            object_of(policy, "of-maps") | {"spec": {"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}}},
            object_of(policy, "of-platforms")
            | {"spec": {"paramKind": {"apiVersion": "example.com/v1", "kind": "Platform"}}},
            object_of(policy, "plain") | {"spec": {}},
            bound("a", "of-maps", name="settings", namespace="shop"),
            bound("b", "of-maps", name="settings"),
            bound("c", "of-platforms", name="base"),
            bound("d", "plain", name="settings", namespace="shop"),
            bound("e", "gone", name="settings", namespace="shop"),
            bound("f", "of-maps"),
            bound("g", "of-maps", name="settings", namespace="shop"),
            bound("h", "of-maps", name="gone", namespace="shop"),
            object_of(kinds.CONFIG_MAP, "settings"),
            object_of(PLATFORM, "base"),
        ],
        serves=SERVES,
    )
    lists = f"{prefix.lower()}AdmissionPolicies", f"{prefix.lower()}AdmissionPolicyBindings"

    answer = await answered(
        engine,
        f"{{ {lists[0]} {{ nodes {{ name bindings {{ nodes {{ name }} }} params {{ kind name }} }} }} "
        f"{lists[1]} {{ nodes {{ name policy {{ name }} param {{ kind name }} }} }} }}",
        sender,
    )

    assert "errors" not in answer
    assert {
        one["name"]: [each["name"] for each in one["bindings"]["nodes"]] for one in answer["data"][lists[0]]["nodes"]
    } == {
        "of-maps": ["a", "b", "f", "g", "h"],
        "of-platforms": ["c"],
        "plain": ["d"],
    }
    assert {one["name"]: one["params"] for one in answer["data"][lists[0]]["nodes"]} == {
        "of-maps": [{"kind": "ConfigMap", "name": "settings"}],
        "of-platforms": [{"kind": "Platform", "name": "base"}],
        "plain": [],
    }
    assert {
        one["name"]: (one["policy"] and one["policy"]["name"], one["param"])
        for one in answer["data"][lists[1]]["nodes"]
    } == {
        "a": ("of-maps", {"kind": "ConfigMap", "name": "settings"}),
        "b": ("of-maps", None),
        "c": ("of-platforms", {"kind": "Platform", "name": "base"}),
        "d": ("plain", None),
        "e": (None, None),
        "f": ("of-maps", None),
        "g": ("of-maps", {"kind": "ConfigMap", "name": "settings"}),
        "h": ("of-maps", None),
    }


async def test_webhooks_lead_to_their_services_and_back(engine: Engine) -> None:
    def webhook(*places: tuple[str, str]) -> Any:
        services = [{"clientConfig": {"service": {"namespace": home, "name": name}}} for home, name in places]
        return {"webhooks": [*services, {"name": "by URL", "clientConfig": {"url": "https://example.com"}}]}

    sender = cluster_with(
        [
            object_of(kinds.VALIDATING_WEBHOOK_CONFIGURATION, "v") | webhook(("shop", "hook"), ("shop", "gone")),
            object_of(kinds.MUTATING_WEBHOOK_CONFIGURATION, "m") | webhook(("till", "hook"), ("shop", "hook")),
            object_of(kinds.SERVICE, "hook"),
            object_of(kinds.SERVICE, "hook", namespace="till"),
        ],
        serves=SERVES,
    )

    answer = await answered(
        engine,
        """{ validatingWebhookConfigurations { nodes { services { namespace } } }
        mutatingWebhookConfigurations { nodes { services { namespace } } }
        services { nodes { validatingWebhookConfigurations { nodes { name } }
          mutatingWebhookConfigurations { nodes { name } } } } }""",
        sender,
    )

    assert answer["data"] == {
        "validatingWebhookConfigurations": {"nodes": [{"services": [{"namespace": "shop"}]}]},
        "mutatingWebhookConfigurations": {"nodes": [{"services": [{"namespace": "till"}, {"namespace": "shop"}]}]},
        "services": {
            "nodes": [
                {
                    "validatingWebhookConfigurations": {"nodes": [{"name": "v"}]},
                    "mutatingWebhookConfigurations": {"nodes": [{"name": "m"}]},
                },
                {
                    "validatingWebhookConfigurations": {"nodes": []},
                    "mutatingWebhookConfigurations": {"nodes": [{"name": "m"}]},
                },
            ]
        },
    }
