"""Fields without a value in this package's manifests, because API servers accept none.

The value says why. Generated JSON has them all the same.
"""

_DROPPED = "Kubelet configuration by the API was removed; the API server drops it."
_NOT_AT_ROOT = "Only allowed inside `properties`, which is a map and answered as free JSON, or not at all."
_NOT_EPHEMERAL = "Ephemeral containers may not have it."

UNWRITTEN = {
    "CertificateSigningRequestSpec.extra": "Copied from the user's identity, and the harness's has none.",
    "ComponentCondition.error": "Made by the API server from what it probes.",
    "ConfigMapNodeConfigSource.kubeletConfigKey": _DROPPED,
    "ConfigMapNodeConfigSource.name": _DROPPED,
    "ConfigMapNodeConfigSource.namespace": _DROPPED,
    "ConfigMapNodeConfigSource.resourceVersion": _DROPPED,
    "ConfigMapNodeConfigSource.uid": _DROPPED,
    "CustomResourceDefinitionCondition.observedGeneration": "Made by the API server; not of new definitions.",
    "CustomResourceDefinitionSpec.preserveUnknownFields": "Must be false, which is left out.",
    "CustomResourceDefinitionStatus.observedGeneration": "Made by the API server; not of new definitions.",
    "Endpoint.deprecatedTopology": "Only read from objects that were written as v1beta1.",
    "EphemeralContainer.lifecycle": _NOT_EPHEMERAL,
    "EphemeralContainer.livenessProbe": _NOT_EPHEMERAL,
    "EphemeralContainer.ports": _NOT_EPHEMERAL,
    "EphemeralContainer.readinessProbe": _NOT_EPHEMERAL,
    "EphemeralContainer.resizePolicy": _NOT_EPHEMERAL,
    "EphemeralContainer.restartPolicy": _NOT_EPHEMERAL,
    "EphemeralContainer.restartPolicyRules": _NOT_EPHEMERAL,
    "EphemeralContainer.startupProbe": _NOT_EPHEMERAL,
    "JSONSchemaProps.$ref": _NOT_AT_ROOT,
    "JSONSchemaProps.$schema": _NOT_AT_ROOT,
    "JSONSchemaProps.additionalItems": _NOT_AT_ROOT,
    "JSONSchemaProps.additionalProperties": _NOT_AT_ROOT,
    "JSONSchemaProps.default": _NOT_AT_ROOT,
    "JSONSchemaProps.definitions": _NOT_AT_ROOT,
    "JSONSchemaProps.dependencies": _NOT_AT_ROOT,
    "JSONSchemaProps.id": _NOT_AT_ROOT,
    "JSONSchemaProps.items": _NOT_AT_ROOT,
    "JSONSchemaProps.nullable": _NOT_AT_ROOT,
    "JSONSchemaProps.patternProperties": _NOT_AT_ROOT,
    "JSONSchemaProps.uniqueItems": _NOT_AT_ROOT,
    "JSONSchemaProps.x-kubernetes-embedded-resource": _NOT_AT_ROOT,
    "JSONSchemaProps.x-kubernetes-int-or-string": _NOT_AT_ROOT,
    "JSONSchemaProps.x-kubernetes-list-map-keys": _NOT_AT_ROOT,
    "JSONSchemaProps.x-kubernetes-list-type": _NOT_AT_ROOT,
    "NodeConfigSource.configMap": _DROPPED,
    "NodeConfigStatus.active": _DROPPED,
    "NodeConfigStatus.assigned": _DROPPED,
    "NodeConfigStatus.error": _DROPPED,
    "NodeConfigStatus.lastKnownGood": _DROPPED,
    "NodeSpec.configSource": _DROPPED,
    "NodeStatus.config": _DROPPED,
    "ObjectMeta.selfLink": "API servers have not set it since Kubernetes 1.20.",
    "Secret.stringData": "Written only: it is read as `data`.",
}
