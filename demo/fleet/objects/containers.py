"""Pod templates with the defaults of the API: images, probes, resources, volumes."""

from demo.fleet.company.application import Application, Controller
from demo.fleet.machines.site import Site
from demo.fleet.manifest import Manifest
from demo.fleet.objects.environment import config_name, variables

ENVOY = ("docker.io/envoyproxy/envoy", "v1.36.2")
ENVOY_CPU_M, ENVOY_MEMORY_MIB = 50, 64
_ENDING: Manifest = {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}


def template_spec(site: Site, application: Application, tag: str) -> Manifest:
    """Returns the `spec` of a pod template, with defaults."""
    init = [*([_envoy()] if application.sidecar else []), *_migration(site, application, tag)]
    return {
        **({"initContainers": init} if init else {}),
        "containers": [_container(site, application, tag)],
        "volumes": _volumes(application),
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 120 if application.controller is Controller.STATEFUL_SET else 30,
        "dnsPolicy": "ClusterFirstWithHostNet" if application.is_host_network else "ClusterFirst",
        **({"hostNetwork": True} if application.is_host_network else {}),
        **({"nodeSelector": {"pool": application.pool}} if _chooses_nodes(site, application) else {}),
        **({"priorityClassName": application.priority_class} if application.priority_class else {}),
        "securityContext": {} if application.is_host_network else {"runAsNonRoot": True, "runAsUser": 65532},
        "serviceAccount": application.name,
        "serviceAccountName": application.name,
        "schedulerName": "default-scheduler",
        **({"tolerations": tolerations} if (tolerations := _tolerations(application)) else {}),
        **_spread(application),
    }


def container_images(application: Application, tag: str) -> list[tuple[str, str, str]]:
    """Returns name, repository and tag of each container, the main one first."""
    images = [(application.name, application.image, tag)]
    if application.sidecar:
        images.append((application.sidecar, *ENVOY))
    return images


def resources(site: Site, application: Application) -> Manifest:
    """Returns the requests and limits of the main container; most have no CPU limit."""
    if not application.cpu_m:
        return {}
    gpu = {"nvidia.com/gpu": "1"} if application.pool == "gpu" and _chooses_nodes(site, application) else {}
    requests = {"cpu": f"{application.cpu_m}m", "memory": _memory(application.memory_mib), **gpu}
    limits = requests if application.is_guaranteed else {"memory": _memory(application.memory_mib * 2), **gpu}
    return {"requests": requests, "limits": limits}


def requested(application: Application) -> tuple[int, int]:
    """Returns what each of its pods requests: thousandths of a core, and MiB. Migrations request less."""
    if not application.sidecar:
        return application.cpu_m, application.memory_mib
    return application.cpu_m + ENVOY_CPU_M, application.memory_mib + ENVOY_MEMORY_MIB


def qos_class(application: Application) -> str:
    """Returns the quality of service of its pods."""
    if not application.cpu_m:
        return "BestEffort"
    return "Guaranteed" if application.is_guaranteed else "Burstable"


def _container(site: Site, application: Application, tag: str) -> Manifest:
    main: Manifest = {
        "name": application.name,
        "image": f"{application.image}:{tag}",
        "imagePullPolicy": "IfNotPresent",
        **({"args": list(application.args)} if application.args else {}),
        **variables(site, application),
        "ports": [_port(application)],
        "resources": resources(site, application),
        "volumeMounts": _mounts(application),
        "readinessProbe": _probe(application, delay_s=5, period_s=5),
        "livenessProbe": _probe(application, delay_s=15, period_s=10),
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True},
        **_ENDING,
    }
    if application.is_host_network:
        main["securityContext"] = {"privileged": True}
    return main


def _envoy() -> Manifest:
    """Returns the sidecar: an init container that is restarted, and so runs beside the main one."""
    return {
        "name": "envoy",
        "image": ":".join(ENVOY),
        "imagePullPolicy": "IfNotPresent",
        "restartPolicy": "Always",
        "args": ["--config-path", "/etc/envoy/envoy.yaml", "--log-level", "warn"],
        "ports": [{"name": "proxy", "containerPort": 15001, "protocol": "TCP"}],
        "resources": {
            "requests": {"cpu": f"{ENVOY_CPU_M}m", "memory": _memory(ENVOY_MEMORY_MIB)},
            "limits": {"memory": _memory(ENVOY_MEMORY_MIB * 2)},
        },
        "volumeMounts": [{"name": "config", "mountPath": "/etc/envoy", "readOnly": True}],
        **_ENDING,
    }


def _migration(site: Site, application: Application, tag: str) -> list[Manifest]:
    if not application.has_migration:
        return []
    return [
        {
            "name": "migrate",
            "image": f"{application.image}:{tag}",
            "imagePullPolicy": "IfNotPresent",
            "command": [f"/{application.name}", "migrate", "--wait=60s"],
            **variables(site, application),
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
            **_ENDING,
        }
    ]


def _port(application: Application) -> Manifest:
    port: Manifest = {"name": application.port_name, "containerPort": application.port, "protocol": "TCP"}
    return {**port, "hostPort": application.port} if application.is_host_network else port


def _probe(application: Application, *, delay_s: int, period_s: int) -> Manifest:
    times: Manifest = {
        "initialDelaySeconds": delay_s, "periodSeconds": period_s, "timeoutSeconds": 2, "successThreshold": 1,
        "failureThreshold": 3,
    }  # fmt: skip
    if not application.probe:
        return {"tcpSocket": {"port": application.port_name}, **times}
    return {"httpGet": {"path": application.probe, "port": application.port_name, "scheme": "HTTP"}, **times}


def _mounts(application: Application) -> list[Manifest]:
    mounts: list[Manifest] = [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108  a path in the pod
    if application.has_config:
        mounts.append({"name": "config", "mountPath": f"/etc/{application.name}", "readOnly": True})
    if application.storage_gib:
        mounts.append({"name": "data", "mountPath": "/var/lib/data"})
    return mounts


def _volumes(application: Application) -> list[Manifest]:
    volumes: list[Manifest] = [{"name": "tmp", "emptyDir": {}}]
    if application.has_config:
        volumes.append({"name": "config", "configMap": {"name": config_name(application), "defaultMode": 420}})
    return volumes


def _chooses_nodes(site: Site, application: Application) -> bool:
    return application.pool != "general" and any(pool.name == application.pool for pool in site.profile.pools)


def _tolerations(application: Application) -> list[Manifest]:
    if application.controller is Controller.DAEMON_SET:
        return [{"operator": "Exists"}]
    if application.pool == "general":
        return []
    return [{"key": "dedicated", "operator": "Equal", "value": application.pool, "effect": "NoSchedule"}]


def _spread(application: Application) -> Manifest:
    if application.controller is Controller.DAEMON_SET:
        return {}
    constraint: Manifest = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": application.name}},
    }
    return {"topologySpreadConstraints": [constraint]}


def _memory(mib: int) -> str:
    return f"{mib // 1024}Gi" if mib % 1024 == 0 else f"{mib}Mi"
