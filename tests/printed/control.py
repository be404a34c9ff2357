"""Kinds of the API itself: admission, flow control, extensions, stored versions, and evictions."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, NONE, UNSET, field
from tests.printed.entry import Cell, Printed, manifest

_CALL: Final[JsonObject] = {"service": {"namespace": "printed-config", "name": "hook"}}
_MATCH: Final[JsonObject] = {
    "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]
}
_CONFIG_MAPS: Final[JsonObject] = {"apiVersion": "v1", "kind": "ConfigMap"}
_VALIDATION: Final[JsonObject] = {"expression": "true"}
_MUTATION: Final[JsonObject] = {
    "patchType": "ApplyConfiguration",
    "applyConfiguration": {"expression": "Object{}"},
}
_ENDED = "2026-01-01T00:00:00Z"
_SOON = (datetime.now(UTC) + timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _webhook(name: str) -> JsonObject:
    return {"name": name, "clientConfig": _CALL, "admissionReviewVersions": ["v1"], "sideEffects": "None"}


def _webhooks(kind: Kind) -> Printed:
    named = f"printed-{kind.name.lower()}"
    return Printed(
        kind,
        objects=(
            manifest(f"{named}-none"),
            manifest(f"{named}-two", webhooks=[_webhook("a.example.com"), _webhook("b.example.com")]),
        ),
        selection="webhookCount",
        cells={"Webhooks": field("webhookCount"), "Age": AGE},
    )


def _policies(kind: Kind, heading: str, count: str, **spec: JsonValue) -> Printed:
    common: JsonObject = {"matchConstraints": _MATCH, **spec}
    return Printed(
        kind,
        objects=(
            manifest("printed-plain", spec=common),
            manifest("printed-params", spec=common | {"paramKind": _CONFIG_MAPS}),
        ),
        selection=f"{count} paramKindText",
        cells={heading: field(count), "ParamKind": field("paramKindText", empty=UNSET), "Age": AGE},
    )


def _param(binding: Any, _now: datetime) -> str:
    reference = binding["spec"]["paramRef"]
    if reference is None:
        return UNSET
    if reference["name"]:
        return f"{reference['namespace'] or '*'}/{reference['name']}"
    return _go_text(reference["selector"]) if reference["selector"] is not None else UNSET


def _go_text(selector: Any) -> str:
    """Returns a selector as `LabelSelector.String` of Go writes it."""
    labels = selector["matchLabels"] or {}
    pairs = "".join(f"{key}: {labels[key]}," for key in sorted(labels))
    expressions = "".join(
        f"LabelSelectorRequirement{{Key:{one['key']},Operator:{one['operator']},"
        f"Values:[{' '.join(one['values'] or ())}],}},"
        for one in selector["matchExpressions"] or ()
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{pairs}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )


def _bindings(kind: Kind, **spec: JsonValue) -> Printed:
    common: JsonObject = {"policyName": "printed-params", **spec}
    selector: JsonObject = {
        "matchLabels": {"b": "2", "a": "1"},
        "matchExpressions": [{"key": "c", "operator": "In", "values": ["x", "y"]}, {"key": "d", "operator": "Exists"}],
    }
    deny: JsonObject = {"parameterNotFoundAction": "Deny"}
    references: dict[str, JsonObject] = {
        "anywhere": deny | {"name": "settings"},
        "there": deny | {"name": "settings", "namespace": "printed-config"},
        "selected": deny | {"selector": selector},
    }
    return Printed(
        kind,
        objects=(
            manifest("printed-none", spec=common),
            *(manifest(f"printed-{name}", spec=common | {"paramRef": one}) for name, one in references.items()),
        ),
        selection="""spec { policyName
            paramRef { name namespace selector { matchLabels matchExpressions { key operator values } } } }""",
        cells={"PolicyName": field("spec.policyName"), "ParamRef": _param, "Age": AGE},
    )


def _flow(name: str, *conditions: JsonValue, **spec: JsonValue) -> JsonObject:
    level: JsonObject = {"priorityLevelConfiguration": {"name": "printed-level"}, "matchingPrecedence": 9000}
    return manifest(f"printed-{name}", spec=level | spec, status={"conditions": [*conditions]})


def _missing(schema: Any, _now: datetime) -> str:
    return {True: "True", False: "False", None: "?"}[schema["isDangling"]]


def _version(name: str, *, storage: bool, served: bool = True) -> JsonObject:
    return {
        "name": name,
        "served": served,
        "storage": storage,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }


def _definition(plural: str, kind: str, scope: str, *versions: JsonObject, **names: JsonValue) -> JsonObject:
    spec: JsonObject = {
        "group": "printed.example.com",
        "scope": scope,
        "names": {"plural": plural, "kind": kind, "singular": kind.lower(), **names},
        "versions": [*versions],
    }
    return manifest(f"{plural}.printed.example.com", spec=spec)


def _versions(definition: Any, _now: datetime) -> str:
    stored = definition["storageVersion"]
    return ",".join(sorted(f"{one}(storage)" if one == stored else one for one in definition["servedVersions"]))


def _available(service: Any, _now: datetime) -> str:
    one = service["availability"]
    is_explained = one["status"] not in ("True",) and one["reason"]
    return f"{one['status']} ({one['reason']})" if is_explained else str(one["status"])


def _level_cell(path: str) -> Cell:
    return field(path, empty=NONE)


def _stored(version: Any, _now: datetime) -> str:
    """Returns the first three, and the number of the others, as `listWithMoreString` writes them."""
    encodings = version["encodings"]
    more = f" + {len(encodings) - 3} more..." if len(encodings) > 3 else ""
    return (",".join(encodings[:3]) + more) or UNSET


def _migration(name: str, *types: str, group: str = "apps", status: str = "True") -> JsonObject:
    conditions: list[JsonValue] = [
        {"type": kind, "status": status, "reason": "R", "message": "M", "lastTransitionTime": _ENDED} for kind in types
    ]
    resource: JsonObject = {"group": group, "resource": "deployments"}
    return manifest(f"printed-{name}", spec={"resource": resource}, status={"conditions": conditions})


PRINTED = (
    _webhooks(kinds.MUTATING_WEBHOOK_CONFIGURATION),
    _webhooks(kinds.VALIDATING_WEBHOOK_CONFIGURATION),
    _policies(kinds.VALIDATING_ADMISSION_POLICY, "Validations", "validationCount", validations=[_VALIDATION] * 2),
    _bindings(kinds.VALIDATING_ADMISSION_POLICY_BINDING, validationActions=["Deny"]),
    _policies(
        kinds.MUTATING_ADMISSION_POLICY,
        "Mutations",
        "mutationCount",
        mutations=[_MUTATION] * 2,
        reinvocationPolicy="Never",
    ),
    _bindings(kinds.MUTATING_ADMISSION_POLICY_BINDING),
    Printed(
        kinds.FLOW_SCHEMA,
        objects=(
            _flow("plain"),
            _flow("distinguished", distinguisherMethod={"type": "ByUser"}),
        ),
        selection="""isDangling spec { matchingPrecedence distinguisherMethod { type }
            priorityLevelConfiguration { name } }""",
        cells={
            "PriorityLevel": field("spec.priorityLevelConfiguration.name"),
            "MatchingPrecedence": field("spec.matchingPrecedence"),
            "DistinguisherMethod": field("spec.distinguisherMethod.type", empty=NONE),
            "Age": AGE,
            "MissingPL": _missing,
        },
    ),
    Printed(
        kinds.PRIORITY_LEVEL_CONFIGURATION,
        objects=(
            manifest(
                "printed-reject",
                spec={
                    "type": "Limited",
                    "limited": {"nominalConcurrencyShares": 0, "limitResponse": {"type": "Reject"}},
                },
            ),
            manifest(
                "printed-queue",
                spec={
                    "type": "Limited",
                    "limited": {
                        "limitResponse": {
                            "type": "Queue",
                            "queuing": {"queues": 8, "handSize": 2, "queueLengthLimit": 5},
                        }
                    },
                },
            ),
        ),
        selection="""spec { type limited { nominalConcurrencyShares
            limitResponse { queuing { queues handSize queueLengthLimit } } } }""",
        cells={
            "Type": field("spec.type"),
            "NominalConcurrencyShares": _level_cell("spec.limited.nominalConcurrencyShares"),
            "Queues": _level_cell("spec.limited.limitResponse.queuing.queues"),
            "HandSize": _level_cell("spec.limited.limitResponse.queuing.handSize"),
            "QueueLengthLimit": _level_cell("spec.limited.limitResponse.queuing.queueLengthLimit"),
            "Age": AGE,
        },
    ),
    Printed(
        kinds.CUSTOM_RESOURCE_DEFINITION,
        objects=(
            _definition(
                "widgets",
                "Widget",
                "Namespaced",
                _version("v1", storage=False),
                _version("v1beta1", storage=True),
                _version("v1alpha1", storage=False, served=False),
                shortNames=["wd", "wdg"],
            ),
            _definition("gears", "Gear", "Cluster", _version("v1", storage=True)),
        ),
        selection="servedVersions storageVersion isEstablished spec { scope group names { kind shortNames } }",
        cells={
            "Scope": field("spec.scope"),
            "Versions": _versions,
            "Created At": field("metadata.creationTimestamp"),
            "Group": field("spec.group"),
            "Kind": field("spec.names.kind"),
            "ShortNames": lambda one, _now: ",".join(one["spec"]["names"]["shortNames"] or ()),
            "Established": field("isEstablished"),
        },
    ),
    Printed(
        kinds.API_SERVICE,
        objects=(
            manifest(
                "v1.printed-absent.example.com",
                spec={
                    "group": "printed-absent.example.com",
                    "version": "v1",
                    "groupPriorityMinimum": 1000,
                    "versionPriority": 10,
                    "insecureSkipTLSVerify": True,
                    "service": {"namespace": "printed-config", "name": "absent"},
                },
            ),
        ),
        selection="serviceText availability { status reason }",
        cells={"Service": field("serviceText"), "Available": _available, "Age": AGE},
    ),
    Printed(
        kinds.STORAGE_VERSION,
        objects=(),
        selection="encodings status { commonEncodingVersion }",
        cells={
            "CommonEncodingVersion": field("status.commonEncodingVersion", empty=UNSET),
            "StorageVersions": _stored,
            "Age": AGE,
        },
    ),
    Printed(
        kinds.STORAGE_VERSION_MIGRATION,
        objects=(
            _migration("core", group=""),
            _migration("running", "Running"),
            _migration("succeeded", "Succeeded"),
            _migration("failed", "Failed"),
            _migration("untrue", "Running", status="False"),
        ),
        selection="state resourceText",
        cells={"Resource": field("resourceText"), "Status": field("state")},
        is_patched=True,
    ),
)
