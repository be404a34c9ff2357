"""kubectl's columns, for users who know an object by them: `STATUS` of a pod is the field `reason`."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from k8s.kinds.kind import Kind
from k8s.listednames import all_of

_TABLE: Final = """
apiservices.apiregistration.k8s.io: service=serviceText available=availability.status+availability.reason
certificatesigningrequests.certificates.k8s.io: signername=spec.signerName requestor=spec.username
    requestedduration=spec.expirationSeconds condition=state
clusterrolebindings.rbac.authorization.k8s.io: role=roleText serviceaccounts=serviceAccountNames
clustertrustbundles.certificates.k8s.io: signername=spec.signerName
componentstatuses: status=state
compositepodgroups.scheduling.k8s.io: workload=spec.workloadRef.workloadName
configmaps: data=keyCount
controllerrevisions.apps: controller=metadata.ownerReferences.controller+metadata.ownerReferences.apiVersion
cronjobs.batch: schedule=spec.schedule timezone=spec.timeZone suspend=spec.suspend active=status.active
    lastschedule=status.lastScheduleTime containers=containerNames
csidrivers.storage.k8s.io: attachrequired=spec.attachRequired podinfoonmount=spec.podInfoOnMount
    storagecapacity=spec.storageCapacity tokenrequests=spec.tokenRequests.audience
    requiresrepublish=spec.requiresRepublish modes=spec.volumeLifecycleModes
csinodes.storage.k8s.io: drivers=driverNames
customresourcedefinitions.apiextensions.k8s.io: scope=spec.scope versions=storageVersion+servedVersions
    group=spec.group kind=spec.names.kind shortnames=spec.names.shortNames established=isEstablished
daemonsets.apps: desired=replicas.desired current=replicas.current ready=replicas.ready containers=containerNames
    uptodate=replicas.updated available=replicas.available nodeselector=spec.template.spec.nodeSelector
    selector=spec.selector.matchLabels
deployments.apps: ready=replicas.ready+replicas.desired uptodate=replicas.updated available=replicas.available
    containers=containerNames selector=spec.selector.matchLabels
devicetaintrules.resource.k8s.io: key=spec.taint.key value=spec.taint.value effect=spec.taint.effect
    timeadded=spec.taint.timeAdded
endpoints: endpoints=endpointsText
endpointslices.discovery.k8s.io: addresstype=addressType ports=portsText endpoints=endpointsText
events: lastseen=series.lastObservedTime+lastTimestamp+firstSeen object=involvedObject.name+involvedObject.kind
    subobject=involvedObject.fieldPath source=sourceText firstseen=firstSeen count=occurrences
events.events.k8s.io: lastseen=series.lastObservedTime+deprecatedLastTimestamp+firstSeen
    object=regarding.name+regarding.kind subobject=regarding.fieldPath source=sourceText message=note
    firstseen=firstSeen count=occurrences
evictionrequests.lifecycle.k8s.io: target=spec.target.pod.name targettype=spec.target.pod status=state
    requester=spec.requester intent=spec.intent
evictions.lifecycle.k8s.io: target=spec.target.pod.name targettype=spec.target.pod status=state
    activeresponder=progress.responder+progress.processed+progress.total
    responderstatus=progress.isReported+progress.state responderexpectedfinish=progress.isReported+progress.state
    requesters=activeRequesters+status.requesters responderheartbeat=progress.heartbeatAt
    responderstatusmessage=progress.message
flowschemas.flowcontrol.apiserver.k8s.io: prioritylevel=spec.priorityLevelConfiguration.name
    matchingprecedence=spec.matchingPrecedence distinguishermethod=spec.distinguisherMethod.type
    missingpl=isDangling
horizontalpodautoscalers.autoscaling: reference=spec.scaleTargetRef.kind+spec.scaleTargetRef.name
    targets=targets.type+targets.current+targets.target minpods=spec.minReplicas maxpods=spec.maxReplicas
    replicas=status.currentReplicas
ingressclasses.networking.k8s.io: controller=spec.controller parameters=parametersText
ingresses.networking.k8s.io: class=spec.ingressClassName hosts=spec.rules.host address=addresses
ipaddresses.networking.k8s.io: parentref=parentText
jobs.batch: status=state duration=status.startTime+status.completionTime containers=containerNames
    selector=spec.selector.matchLabels
leasecandidates.coordination.k8s.io: leasename=spec.leaseName binaryversion=spec.binaryVersion
    emulationversion=spec.emulationVersion
leases.coordination.k8s.io: holder=spec.holderIdentity
mutatingadmissionpolicies.admissionregistration.k8s.io: mutations=mutationCount paramkind=paramKindText
mutatingadmissionpolicybindings.admissionregistration.k8s.io: policyname=spec.policyName
    paramref=spec.paramRef.name+spec.paramRef.namespace+spec.paramRef.selector.matchLabels+spec.paramRef.selector.matchExpressions
mutatingwebhookconfigurations.admissionregistration.k8s.io: webhooks=webhookCount
namespaces: status=status.phase
networkpolicies.networking.k8s.io: podselector=podSelectorText
nodes: status=state internalip=internalIP externalip=externalIP osimage=status.nodeInfo.osImage
    kernelversion=status.nodeInfo.architecture+status.nodeInfo.kernelVersion
    containerruntime=status.nodeInfo.containerRuntimeVersion
persistentvolumeclaims: status=phase volume=spec.volumeName accessmodes=accessModes storageclass=storageClassName
    volumeattributesclass=spec.volumeAttributesClassName volumemode=spec.volumeMode
persistentvolumes: accessmodes=accessModes reclaimpolicy=spec.persistentVolumeReclaimPolicy status=phase
    claim=spec.claimRef.namespace+spec.claimRef.name storageclass=storageClassName
    volumeattributesclass=spec.volumeAttributesClassName reason=status.reason volumemode=spec.volumeMode
podcertificaterequests.certificates.k8s.io: podname=spec.podName serviceaccountname=spec.serviceAccountName
    nodename=spec.nodeName signername=spec.signerName unverifieduserannotations=spec.unverifiedUserAnnotations
poddisruptionbudgets.policy: minavailable=spec.minAvailable maxunavailable=spec.maxUnavailable
    alloweddisruptions=allowed
podgroups.scheduling.k8s.io: workload=spec.workloadRef.workloadName status=state
pods: ready=readyContainers+totalContainers status=reason ip=status.podIPs.ip node=spec.nodeName
    nominatednode=status.nominatedNodeName readinessgates=readinessGates.ready+readinessGates.total
podtemplates: containers=containerNames podlabels=template.metadata.labels
priorityclasses.scheduling.k8s.io: globaldefault=globalDefault preemptionpolicy=preemptionPolicy
prioritylevelconfigurations.flowcontrol.apiserver.k8s.io: type=spec.type
    nominalconcurrencyshares=spec.limited.nominalConcurrencyShares queues=spec.limited.limitResponse.queuing.queues
    handsize=spec.limited.limitResponse.queuing.handSize
    queuelengthlimit=spec.limited.limitResponse.queuing.queueLengthLimit
replicasets.apps: desired=replicas.desired current=replicas.current ready=replicas.ready containers=containerNames
    selector=spec.selector.matchLabels
replicationcontrollers: desired=replicas.desired current=replicas.current ready=replicas.ready
    containers=containerNames selector=spec.selector
resourcepoolstatusrequests.resource.k8s.io: driver=spec.driver total=deviceCounts.total
    available=deviceCounts.available allocated=deviceCounts.allocated unavailable=deviceCounts.unavailable
    errors=deviceCounts.invalidPools pools=status.poolCount status=state completed=completedAt
resourcequotas: request=resources.resource limit=resources.resource
resourceslices.resource.k8s.io: node=spec.nodeName driver=spec.driver pool=spec.pool.name
rolebindings.rbac.authorization.k8s.io: role=roleText serviceaccounts=serviceAccountNames
secrets: data=keyCount
servicecidrs.networking.k8s.io: cidrs=spec.cidrs
services: type=spec.type clusterip=spec.clusterIPs externalip=externalAddressPending+externalAddresses
    ports=portsText selector=spec.selector
statefulsets.apps: ready=replicas.ready+replicas.desired containers=containerNames
storageclasses.storage.k8s.io: reclaimpolicy=reclaimPolicy volumebindingmode=volumeBindingMode
    allowvolumeexpansion=allowVolumeExpansion
storageversionmigrations.storagemigration.k8s.io: resource=resourceText status=state
storageversions.internal.apiserver.k8s.io: commonencodingversion=status.commonEncodingVersion
    storageversions=encodings
validatingadmissionpolicies.admissionregistration.k8s.io: validations=validationCount paramkind=paramKindText
validatingadmissionpolicybindings.admissionregistration.k8s.io: policyname=spec.policyName
    paramref=spec.paramRef.name+spec.paramRef.namespace+spec.paramRef.selector.matchLabels+spec.paramRef.selector.matchExpressions
validatingwebhookconfigurations.admissionregistration.k8s.io: webhooks=webhookCount
volumeattachments.storage.k8s.io: attacher=spec.attacher pv=spec.source.persistentVolumeName node=spec.nodeName
    attached=status.attached
volumeattributesclasses.storage.k8s.io: drivername=driverName
"""
"""Columns whose name is no path, in small letters, and the paths that have their values, held to tests/printed."""


def column_paths(kind: Kind, name: str, before: str = "") -> str:
    """Returns the paths that have the values of a kind's column, as text; empty if it has no column of that name.

    Args:
        kind: the kind of the objects.
        name: the name of a field, in any case.
        before: the path to the objects, with a dot behind it.
    """
    letters = "".join(filter(str.isalpha, name.lower()))
    paths = columns_by_kind().get(str(kind), {}).get(letters, ())
    return all_of([before + path for path in paths])


@cache
def columns_by_kind() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Returns the paths of each column by kind (`deployments.apps`) and letters of the column."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for word in _TABLE.split():
        if word.endswith(":"):
            columns = found.setdefault(word[:-1], {})
        else:
            letters, _, paths = word.partition("=")
            columns[letters] = tuple(paths.split("+"))
    return found
