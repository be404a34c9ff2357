"""Changes of the structure of kinds between API versions, on decoded JSON, as API servers make them.

Each function takes an object and changes it in place; a field that is not there stays absent.
"""

from typing import Any, Final

Json = dict[str, Any]

_ALPHA_AUTOSCALING: Final = "autoscaling.alpha.kubernetes.io/"
_ZONE: Final = "topology.kubernetes.io/zone"
_HOST: Final = "kubernetes.io/hostname"


def to_ingress_v1(ingress: Json) -> None:
    """Changes backends from `serviceName` and `servicePort` to `service` (networking.k8s.io/v1, Kubernetes 1.19)."""
    spec = ingress.get("spec") or {}
    if "backend" in spec:
        spec["defaultBackend"] = _backend(spec.pop("backend"))
    for rule in spec.get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            path["backend"] = _backend(path.get("backend") or {})
            path.setdefault("pathType", "ImplementationSpecific")


def _backend(backend: Json) -> Json:
    if "serviceName" not in backend:
        return backend
    port = backend.get("servicePort")
    key = "number" if isinstance(port, int) else "name"
    others = {name: value for name, value in backend.items() if name not in {"serviceName", "servicePort"}}
    ports = {} if port in {None, 0, ""} else {"port": {key: port}}
    return {**others, "service": {"name": backend["serviceName"], **ports}}


def to_autoscaler_v2(autoscaler: Json) -> None:
    """Changes the CPU target to a metric; other metrics, which v1 keeps in annotations, cannot be converted."""
    annotations = (autoscaler.get("metadata") or {}).get("annotations") or {}
    if f"{_ALPHA_AUTOSCALING}metrics" in annotations or f"{_ALPHA_AUTOSCALING}behavior" in annotations:
        raise ValueError("metrics in annotations")
    spec, status = autoscaler.get("spec") or {}, autoscaler.get("status") or {}
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None:
        spec["metrics"] = [_cpu("target", {"type": "Utilization", "averageUtilization": target})]
    current = status.pop("currentCPUUtilizationPercentage", None)
    if current is not None:
        status["currentMetrics"] = [_cpu("current", {"averageUtilization": current})]


def _cpu(key: str, value: Json) -> Json:
    return {"type": "Resource", "resource": {"name": "cpu", key: value}}


def to_endpoint_slice_v1(endpoint_slice: Json) -> None:
    """Changes `topology` to `zone`, `nodeName` and `deprecatedTopology` (discovery.k8s.io/v1, Kubernetes 1.21)."""
    for endpoint in endpoint_slice.get("endpoints") or ():
        topology = endpoint.pop("topology", None) or {}
        if _ZONE in topology:
            endpoint["zone"] = topology.pop(_ZONE)
        if _HOST in topology:
            endpoint.setdefault("nodeName", topology.pop(_HOST))
        if topology:
            endpoint["deprecatedTopology"] = topology


def to_priority_level_v1(level: Json) -> None:
    """Renames `assuredConcurrencyShares` (flowcontrol.apiserver.k8s.io/v1beta3, Kubernetes 1.26)."""
    limited = (level.get("spec") or {}).get("limited") or {}
    if "assuredConcurrencyShares" in limited:
        limited["nominalConcurrencyShares"] = limited.pop("assuredConcurrencyShares")


def to_definition_v1(definition: Json) -> None:
    """Changes the single version, schema, columns and subresources to those of each version (Kubernetes 1.16)."""
    spec = definition["spec"]
    name = spec.pop("version", None)
    versions = spec.get("versions") or [{"name": name, "served": True, "storage": True}]
    validation = spec.pop("validation", None) or {}
    subresources = spec.pop("subresources", None)
    columns = spec.pop("additionalPrinterColumns", None)
    for version in versions:
        if "openAPIV3Schema" in validation:
            version.setdefault("schema", {"openAPIV3Schema": validation["openAPIV3Schema"]})
        if subresources is not None:
            version.setdefault("subresources", subresources)
        if columns is not None:
            version.setdefault("additionalPrinterColumns", columns)
        if "additionalPrinterColumns" in version:
            version["additionalPrinterColumns"] = [_column(column) for column in version["additionalPrinterColumns"]]
    spec["versions"] = versions


def _column(column: Json) -> Json:
    return {("jsonPath" if key == "JSONPath" else key): value for key, value in column.items()}
