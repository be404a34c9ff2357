"""Roles, bindings, requests for certificates, and leases."""

from datetime import datetime, timedelta
from typing import Any, Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, CREATED_AT, NONE, field, human_duration
from tests.printed.entry import Printed, manifest
from tests.printed.requestbytes import CERTIFICATE, PROOF, SIGNING_REQUEST, STUB_REQUEST

_RULES: Final[list[JsonValue]] = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
_RBAC: Final = "rbac.authorization.k8s.io"
_SUBJECTS: Final[list[JsonValue]] = [
    {"kind": "User", "apiGroup": _RBAC, "name": "jane"},
    {"kind": "User", "apiGroup": _RBAC, "name": "joe"},
    {"kind": "Group", "apiGroup": _RBAC, "name": "ops"},
    {"kind": "ServiceAccount", "namespace": "printed-config", "name": "one"},
    {"kind": "ServiceAccount", "namespace": "elsewhere", "name": "gone"},
]


def _binding(kind: Kind, role: str, name: str = "view") -> Printed:
    reference: JsonObject = {"apiGroup": _RBAC, "kind": role, "name": name}
    named = f"printed-{kind.name.lower()}"
    return Printed(
        kind,
        objects=(
            manifest(f"{named}-all", roleRef=reference, subjects=_SUBJECTS),
            manifest(f"{named}-none", roleRef=reference),
        ),
        selection="roleText users groups serviceAccountNames",
        cells={
            "Role": field("roleText"),
            "Age": AGE,
            "Users": lambda one, _now: ", ".join(one["users"]),
            "Groups": lambda one, _now: ", ".join(one["groups"]),
            "ServiceAccounts": lambda one, _now: ", ".join(one["serviceAccountNames"]),
        },
    )


def _request(name: str, *types: str, certificate: str | None = None, **spec: JsonValue) -> JsonObject:
    signer: JsonObject = {"signerName": "example.com/signer", "request": SIGNING_REQUEST, "usages": ["client auth"]}
    conditions: list[JsonValue] = [{"type": kind, "status": "True", "reason": "Tested"} for kind in types]
    status: JsonObject = {"conditions": conditions}
    if certificate is not None:
        status["certificate"] = certificate
    return manifest(f"printed-{name}", spec=signer | spec, status=status)


def _duration(request: Any, _now: datetime) -> str:
    seconds = request["spec"]["expirationSeconds"]
    return NONE if seconds is None else human_duration(timedelta(seconds=seconds))


def _pod_request(name: str, *types: str) -> JsonObject:
    spec: JsonObject = {
        "signerName": "example.com/signer",
        "podName": "web",
        "podUID": "11111111-1111-4111-8111-111111111111",
        "serviceAccountName": "one",
        "serviceAccountUID": "22222222-2222-4222-8222-222222222222",
        "nodeName": "worker",
        "nodeUID": "33333333-3333-4333-8333-333333333333",
        "maxExpirationSeconds": 86400,
        "stubPKCS10Request": STUB_REQUEST,
    }
    if name == "annotated":
        spec["unverifiedUserAnnotations"] = {"example.com/b": "2", "example.com/a": "1"}
    conditions: list[JsonValue] = [
        {"type": kind, "status": "True", "reason": "R", "message": "M", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        for kind in types
    ]
    return manifest(name, spec=spec, status={"conditions": conditions})


def _annotations(request: Any, _now: datetime) -> str:
    pairs = request["spec"]["unverifiedUserAnnotations"] or {}
    return ",".join(f"{key}={pairs[key]}" for key in sorted(pairs)) or NONE


PRINTED = (
    Printed(
        kinds.ROLE, objects=(manifest("one", rules=_RULES),), selection="ruleTexts", cells={"Created At": CREATED_AT}
    ),
    Printed(
        kinds.CLUSTER_ROLE,
        objects=(manifest("printed-one", rules=_RULES),),
        selection="ruleTexts",
        cells={"Created At": CREATED_AT},
    ),
    _binding(kinds.ROLE_BINDING, "Role", "one"),
    _binding(kinds.CLUSTER_ROLE_BINDING, "ClusterRole"),
    Printed(
        kinds.CERTIFICATE_SIGNING_REQUEST,
        objects=(
            _request("pending"),
            _request("approved", "Approved", expirationSeconds=3600),
            _request("denied", "Denied"),
            _request("failed", "Approved", "Failed"),
            _request("issued", "Approved", certificate=CERTIFICATE),
        ),
        selection="state spec { signerName username expirationSeconds }",
        cells={
            "Age": AGE,
            "SignerName": field("spec.signerName", empty=NONE),
            "Requestor": field("spec.username"),
            "RequestedDuration": _duration,
            "Condition": field("state"),
        },
        subresources=("approval", "status"),
    ),
    Printed(
        kinds.CLUSTER_TRUST_BUNDLE,
        objects=(
            manifest("printed-none", spec={"trustBundle": PROOF}),
            manifest("example.com:signer:one", spec={"signerName": "example.com/signer", "trustBundle": PROOF}),
        ),
        selection="spec { signerName }",
        cells={"SignerName": field("spec.signerName", empty=NONE)},
    ),
    Printed(
        kinds.POD_CERTIFICATE_REQUEST,
        objects=(
            _pod_request("pending"),
            _pod_request("annotated", "Denied"),
            _pod_request("failed", "Failed"),
        ),
        selection="state spec { podName serviceAccountName nodeName signerName unverifiedUserAnnotations }",
        cells={
            "PodName": field("spec.podName"),
            "ServiceAccountName": field("spec.serviceAccountName"),
            "NodeName": field("spec.nodeName"),
            "SignerName": field("spec.signerName"),
            "State": field("state"),
            "UnverifiedUserAnnotations": _annotations,
        },
        is_patched=True,
    ),
    Printed(
        kinds.LEASE,
        objects=(manifest("held", spec={"holderIdentity": "one_1"}), manifest("free", spec={})),
        selection="spec { holderIdentity }",
        cells={"Holder": field("spec.holderIdentity", empty=""), "Age": AGE},
    ),
    Printed(
        kinds.LEASE_CANDIDATE,
        objects=(
            manifest(
                "one",
                spec={
                    "leaseName": "held",
                    "binaryVersion": "1.37.2",
                    "emulationVersion": "1.37.0",
                    "strategy": "OldestEmulationVersion",
                    "renewTime": "2099-01-01T00:00:00.000000Z",  # else it is deleted as expired
                },
            ),
        ),
        selection="spec { leaseName binaryVersion emulationVersion }",
        cells={
            "LeaseName": field("spec.leaseName"),
            "BinaryVersion": field("spec.binaryVersion"),
            "EmulationVersion": field("spec.emulationVersion"),
            "Age": AGE,
        },
    ),
)
