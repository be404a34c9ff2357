"""The generated clusters are consistent: references and counts in objects are true."""

from base64 import b64decode
from collections import Counter
from itertools import chain

import pytest
from cryptography import x509

from demo.fleet.company.profile import PROFILES
from demo.fleet.manifest import Manifest
from demo.fleet.moment import FROZEN_S, stamp
from demo.fleet.objects.configuration import LEFT_BEHIND
from demo.fleet.world import KINDS, World
from tests.demo.fleet.worlds import NAMES, at, condition, is_active, is_ready, key, objects, of_kind, owned_by, texts

TEAMS = {"payments", "checkout", "search", "identity", "data", "platform", "kube-system", "monitoring"}
every_cluster = pytest.mark.parametrize("cluster", NAMES)


@every_cluster
def test_it_is_the_same_each_time(cluster: str) -> None:
    profile = next(profile for profile in PROFILES if profile.name == cluster)

    assert World(profile, FROZEN_S).objects() == list(objects(cluster))


@every_cluster
def test_it_has_some_hundred_pods_in_the_teams_namespaces(cluster: str) -> None:
    found = objects(cluster)

    namespaces = {at(namespace, "metadata.name") for namespace in of_kind(found, "Namespace")}
    assert namespaces >= TEAMS
    assert {key(item)[0] for item in found} - {""} <= namespaces
    assert 200 <= len(of_kind(found, "Pod")) <= 500


@every_cluster
def test_names_and_uids_are_unique(cluster: str) -> None:
    found = objects(cluster)
    cores = [item for item in found if item["apiVersion"] != "events.k8s.io/v1"]

    assert max(Counter((item["apiVersion"], item["kind"], key(item)) for item in found).values()) == 1
    assert max(Counter(at(core, "metadata.uid") for core in cores).values()) == 1
    assert {(item["apiVersion"], item["kind"]) for item in found} <= {(kind.api_version, kind.name) for kind in KINDS}


def test_clusters_share_no_uid() -> None:
    uids = [{at(item, "metadata.uid") for item in objects(cluster)} for cluster in NAMES]

    assert len(set.union(*uids)) == sum(map(len, uids))


def test_versions_differ_and_kubelets_have_their_clusters() -> None:
    kubelets = {
        cluster: {at(node, "status.nodeInfo.kubeletVersion") for node in of_kind(objects(cluster), "Node")}
        for cluster in NAMES
    }

    assert kubelets == {profile.name: {profile.version} for profile in PROFILES if profile.is_reachable}
    assert len(set(chain(*kubelets.values()))) == len(NAMES)


def test_which_image_runs_where_is_a_question_with_different_answers() -> None:
    images = {cluster: _images(cluster) for cluster in NAMES}
    own = {name for name in set.intersection(*map(set, images.values())) if name.startswith("registry.example.com/")}

    differing = {name for name in own if len({frozenset(images[cluster][name]) for cluster in NAMES}) > 1}
    assert len(differing) >= 15


def _images(cluster: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pod in of_kind(objects(cluster), "Pod"):
        for container in at(pod, "spec.containers"):
            name, _, tag = container["image"].rpartition(":")
            found.setdefault(name, set()).add(tag)
    return found


@every_cluster
def test_owners_exist(cluster: str) -> None:
    found = objects(cluster)
    known = {(item["kind"], key(item)[1], at(item, "metadata.uid")) for item in found}

    owners = [owner for item in found for owner in at(item, "metadata.ownerReferences") or ()]
    assert [owner for owner in owners if (owner["kind"], owner["name"], owner["uid"]) not in known] == []


@every_cluster
def test_pods_are_on_nodes_that_exist_and_have_room(cluster: str) -> None:
    found = objects(cluster)
    left = {key(node)[1]: _milli(at(node, "status.allocatable.cpu")) for node in of_kind(found, "Node")}
    for pod in of_kind(found, "Pod"):
        if at(pod, "status.phase") in {"Running", "Pending"} and at(pod, "spec.nodeName"):
            left[at(pod, "spec.nodeName")] -= _requested(pod, "cpu")

    assert {node: cpu for node, cpu in left.items() if cpu < 0} == {}


def _requested(pod: Manifest, resource: str) -> int:
    """Returns what a pod requests, in thousandths of a core or MiB; init containers that end request less."""
    inits = [one for one in at(pod, "spec.initContainers") or () if one.get("restartPolicy") == "Always"]
    requests = [one["resources"].get("requests", {}) for one in (*at(pod, "spec.containers"), *inits)]
    return sum((_milli if resource == "cpu" else _mebibytes)(one.get(resource, "0")) for one in requests)


def _milli(quantity: str) -> int:
    return int(quantity[:-1]) if quantity.endswith("m") else int(quantity) * 1000


def _mebibytes(quantity: str) -> int:
    return int(quantity.removesuffix("Gi")) * 1024 if quantity.endswith("Gi") else int(quantity.removesuffix("Mi"))


@every_cluster
def test_quotas_count_what_the_pods_request(cluster: str) -> None:
    found = objects(cluster)
    pods = [pod for pod in of_kind(found, "Pod") if at(pod, "status.phase") not in {"Succeeded", "Failed"}]
    for quota in of_kind(found, "ResourceQuota"):
        own = [pod for pod in pods if key(pod)[0] == key(quota)[0]]

        assert own
        assert at(quota, "status.used") == {
            "pods": str(len(own)),
            "requests.cpu": f"{sum(_requested(pod, 'cpu') for pod in own)}m",
            "requests.memory": f"{sum(_requested(pod, 'memory') for pod in own)}Mi",
        }


@every_cluster
def test_sidecars_are_init_containers_that_run(cluster: str) -> None:
    pods = [pod for pod in of_kind(objects(cluster), "Pod") if key(pod)[1].startswith("cart-")]

    assert pods
    for pod in pods:
        (sidecar,), (status,) = at(pod, "spec.initContainers"), at(pod, "status.initContainerStatuses")
        assert (sidecar["name"], sidecar["restartPolicy"], [*status["state"]]) == ("envoy", "Always", ["running"])


@every_cluster
def test_pods_have_the_quality_of_service_of_their_resources(cluster: str) -> None:
    pods = {key(pod)[1].rstrip("0123456789-"): pod for pod in of_kind(objects(cluster), "Pod")}
    unset = [pod for pod in pods.values() if not any(one["resources"] for one in at(pod, "spec.containers"))]

    assert unset
    assert {at(pod, "status.qosClass") for pod in unset} == {"BestEffort"}
    assert at(pods["kafka"], "status.qosClass") == "Guaranteed"


@every_cluster
def test_leaders_are_pods_that_run(cluster: str) -> None:
    found = objects(cluster)
    leases = [lease for lease in of_kind(found, "Lease") if key(lease)[0] != "kube-node-lease"]
    holders = {(key(lease)[0], at(lease, "spec.holderIdentity").partition("_")[0]) for lease in leases}

    assert len(leases) >= 2
    assert all(at(lease, "spec.acquireTime") < at(lease, "spec.renewTime") for lease in leases)
    assert holders <= {key(pod) for pod in of_kind(found, "Pod") if is_ready(pod)}


@every_cluster
def test_no_two_pods_share_an_address(cluster: str) -> None:
    pods = of_kind(objects(cluster), "Pod")
    ips = [at(pod, "status.podIP") for pod in pods if not at(pod, "spec.hostNetwork") and at(pod, "status.podIP")]

    assert len(ips) == len(set(ips))


@every_cluster
def test_a_deployments_status_is_that_of_its_pods(cluster: str) -> None:
    found = objects(cluster)
    sets, pods = of_kind(found, "ReplicaSet"), of_kind(found, "Pod")
    for deployment in of_kind(found, "Deployment"):
        own_sets = owned_by(sets, deployment)
        newest = max(own_sets, key=_revision)
        active = [pod for own_set in own_sets for pod in owned_by(pods, own_set) if is_active(pod)]
        updated = [pod for pod in owned_by(pods, newest) if is_active(pod)]

        assert len(own_sets) >= 3
        assert (at(deployment, "status.replicas") or 0) == len(active)
        assert (at(deployment, "status.readyReplicas") or 0) == sum(map(is_ready, active))
        assert (at(deployment, "status.updatedReplicas") or 0) == len(updated)
        assert at(newest, "spec.template.spec") == at(deployment, "spec.template.spec")


def _revision(replica_set: Manifest) -> int:
    return int(at(replica_set, "metadata.annotations")["deployment.kubernetes.io/revision"])


@every_cluster
def test_a_replica_sets_status_is_that_of_its_pods(cluster: str) -> None:
    found = objects(cluster)
    pods = of_kind(found, "Pod")
    for replica_set in of_kind(found, "ReplicaSet"):
        active = [pod for pod in owned_by(pods, replica_set) if is_active(pod)]

        assert at(replica_set, "status.replicas") == at(replica_set, "spec.replicas") == len(active)
        assert (at(replica_set, "status.readyReplicas") or 0) == sum(map(is_ready, active))


@every_cluster
def test_stateful_and_daemon_sets_count_their_pods(cluster: str) -> None:
    found = objects(cluster)
    pods = of_kind(found, "Pod")
    for stateful_set in of_kind(found, "StatefulSet"):
        own = owned_by(pods, stateful_set)
        assert (at(stateful_set, "status.replicas"), at(stateful_set, "status.readyReplicas")) == (
            len(own),
            sum(map(is_ready, own)),
        )
    for daemon_set in of_kind(found, "DaemonSet"):
        own = owned_by(pods, daemon_set)
        assert at(daemon_set, "status.desiredNumberScheduled") == len(own) == len(of_kind(found, "Node"))
        assert at(daemon_set, "status.numberReady") == sum(map(is_ready, own))


@every_cluster
def test_endpoints_are_those_of_the_ready_pods(cluster: str) -> None:
    found = objects(cluster)
    pods, slices = of_kind(found, "Pod"), of_kind(found, "EndpointSlice")
    endpoints = {key(item): item for item in of_kind(found, "Endpoints")}
    for service in of_kind(found, "Service"):
        namespace, name = key(service)
        ready = {at(pod, "status.podIP") for pod in pods if is_ready(pod) and _selects(service, pod)}
        (own,) = owned_by(slices, service)
        subsets = at(endpoints[namespace, name], "subsets") or []

        assert {e["addresses"][0] for e in at(own, "endpoints") if e["conditions"]["ready"]} == ready
        assert {address["ip"] for subset in subsets for address in subset.get("addresses", ())} == ready


def _selects(service: Manifest, pod: Manifest) -> bool:
    labels = at(pod, "metadata.labels")
    same_namespace = key(service)[0] == key(pod)[0]
    return same_namespace and all(labels.get(name) == value for name, value in at(service, "spec.selector").items())


@every_cluster
def test_what_pods_refer_to_exists(cluster: str) -> None:
    found = objects(cluster)
    known = {(item["kind"], *key(item)) for item in found}
    missing = [
        (kind, namespace, name)
        for pod in of_kind(found, "Pod")
        for namespace in (key(pod)[0],)
        for kind, name in _references(pod)
        if (kind, namespace if kind != "PriorityClass" else "", name) not in known
    ]

    assert missing == []


def _references(pod: Manifest) -> list[tuple[str, str]]:
    found = [("ServiceAccount", at(pod, "spec.serviceAccountName"))]
    if at(pod, "spec.priorityClassName"):
        found.append(("PriorityClass", at(pod, "spec.priorityClassName")))
    for volume in at(pod, "spec.volumes"):
        if "configMap" in volume:
            found.append(("ConfigMap", volume["configMap"]["name"]))
        if "persistentVolumeClaim" in volume:
            found.append(("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]))
    for container in at(pod, "spec.containers"):
        found += [("Secret", item["secretRef"]["name"]) for item in container.get("envFrom", ())]
    return found


@every_cluster
def test_claims_and_volumes_are_bound_to_each_other(cluster: str) -> None:
    found = objects(cluster)
    volumes = {key(volume)[1]: volume for volume in of_kind(found, "PersistentVolume")}
    claims = of_kind(found, "PersistentVolumeClaim")
    bound = [item for item in claims if at(item, "status.phase") == "Bound"]

    for claim in bound:
        assert at(volumes[at(claim, "spec.volumeName")], "spec.claimRef.uid") == at(claim, "metadata.uid")
    assert len(bound) == len(volumes)


@every_cluster
def test_events_are_about_objects_that_exist(cluster: str) -> None:
    found = objects(cluster)
    known = {(item["kind"], *key(item)) for item in found}
    about = [at(event, "involvedObject") for event in of_kind(found, "Event")]

    assert [item for item in about if (item["kind"], item.get("namespace", ""), item["name"]) not in known] == []


@every_cluster
def test_nothing_happened_in_the_future(cluster: str) -> None:
    known_to_come = {"notAfter", "renewalTime"}
    times = texts(list(objects(cluster)), where=lambda name: name not in known_to_come)

    assert [time for time in times if _is_time(time[1]) and time[1][:19] > stamp(FROZEN_S)[:19]] == []


def _is_time(text: str) -> bool:
    return len(text) in {20, 27} and text[10] == "T" and text.endswith("Z")


@every_cluster
def test_secrets_hold_nothing_secret(cluster: str) -> None:
    for secret in of_kind(objects(cluster), "Secret"):
        values = {name: b64decode(value).decode() for name, value in at(secret, "data").items()}

        assert [name for name, value in values.items() if "demo" not in value and name != "username"] == []


def test_one_node_of_prod_eu_1_is_not_ready() -> None:
    nodes = of_kind(objects("prod-eu-1"), "Node")

    lost = [node for node in nodes if condition(node, "Ready")["status"] != "True"]
    assert len(lost) == 1
    stuck = [pod for pod in of_kind(objects("prod-eu-1"), "Pod") if at(pod, "spec.nodeName") == key(lost[0])[1]]
    assert ("data", "kafka-3") in {key(pod) for pod in stuck if not is_active(pod)}
    assert not any(map(is_ready, stuck))


def test_one_node_of_prod_us_1_is_cordoned() -> None:
    nodes = of_kind(objects("prod-us-1"), "Node")

    assert [bool(at(node, "spec.unschedulable")) for node in nodes].count(True) == 1


def test_some_objects_are_used_by_nothing() -> None:
    for (cluster, _workload), (kind, name) in LEFT_BEHIND.items():
        others = [item for item in objects(cluster) if key(item)[1] != name]
        assert [key(item)[1] for item in of_kind(objects(cluster), kind)].count(name) == 1
        assert not [text for _, text in texts(others, where=lambda _name: True) if text == name]


def test_a_variable_names_a_key_that_its_secret_has_lost() -> None:
    for cluster in NAMES:
        pods = [pod for pod in of_kind(objects(cluster), "Pod") if key(pod)[1].startswith("promotions-")]
        secrets = {key(secret)[1]: at(secret, "data") for secret in of_kind(objects(cluster), "Secret")}
        references = [
            entry["valueFrom"]["secretKeyRef"]
            for pod in pods
            for entry in at(pod, "spec.containers")[0]["env"]
            if "secretKeyRef" in entry.get("valueFrom", {})
        ]
        missing = [one for one in references if one["key"] not in secrets[one["name"]]]
        assert references
        assert missing == (references if cluster == "prod-us-1" else [])


@pytest.mark.parametrize(("cluster", "name"), [("prod-ap-1", "cart-v1"), ("prod-us-1", "suggest-beta")])
def test_a_service_selects_nothing(cluster: str, name: str) -> None:
    (service,) = (one for one in of_kind(objects(cluster), "Service") if key(one)[1] == name)
    (own,) = owned_by(of_kind(objects(cluster), "EndpointSlice"), service)

    assert at(own, "endpoints") == []


@every_cluster
def test_certificates_end_when_cert_manager_says(cluster: str) -> None:
    found = objects(cluster)
    ends = {key(item): at(item, "status.notAfter") for item in of_kind(found, "Certificate")}
    secrets = [one for one in of_kind(found, "Secret") if one["type"] == "kubernetes.io/tls"]
    read = {key(one): x509.load_pem_x509_certificate(b64decode(at(one, "data")["tls.crt"])) for one in secrets}

    assert {place: stamp(one.not_valid_after_utc.timestamp()) for place, one in read.items()} == ends
