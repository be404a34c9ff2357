"""The kinds of Argo CD: what is deployed from which repository, and how it is."""

from typing import Final

from demo.fleet.customkinds.customkind import Column, CustomKind
from demo.fleet.customkinds.schema import flag, struct, structs, text, texts, time, whole
from k8s.kinds.kind import Kind

GROUP: Final = "argoproj.io"

_HEALTH: Final = struct(
    "The health of the deployed objects.",
    status=text("The health.", values=["Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"]),
    message=text("The reason, for people."),
    lastTransitionTime=time("The time at which the health changed last."),
)

APPLICATION: Final = CustomKind(
    kind=Kind(GROUP, "v1alpha1", "Application", "applications"),
    about="A group of objects that are deployed from one source to one destination.",
    short_names=("app", "apps"),
    columns=(
        Column(name="Sync Status", path=".status.sync.status"),
        Column(name="Health Status", path=".status.health.status"),
        Column(name="Revision", path=".status.sync.revision", priority=10),
    ),
    spec=struct(
        "The source, the destination, and the policy of an application.",
        ["destination", "project"],
        project=text("The project that the application belongs to."),
        source=struct(
            "The place of the manifests.",
            ["repoURL"],
            repoURL=text("The repository, of Git or of Helm charts."),
            path=text("The folder in the Git repository."),
            chart=text("The name of the Helm chart."),
            targetRevision=text("The branch, tag or commit, or the version of the chart."),
            helm=struct(
                "Options of Helm.",
                valueFiles=texts("Files of values."),
                parameters=structs("Single values.", name=text("The name."), value=text("The value.")),
            ),
        ),
        destination=struct(
            "The cluster and namespace of the deployed objects.",
            server=text("The address of the API server."),
            name=text("The name of the cluster, instead of its address."),
            namespace=text("The namespace of objects that name none."),
        ),
        syncPolicy=struct(
            "When and how objects are deployed.",
            automated=struct(
                "Deploys changes without a person.",
                prune=flag("Whether objects that the source no longer has are deleted."),
                selfHeal=flag("Whether changes in the cluster are undone."),
            ),
            syncOptions=texts("Options, such as `CreateNamespace=true`."),
        ),
    ),
    status=struct(
        "What is deployed, and how it is.",
        health=_HEALTH,
        sync=struct(
            "The comparison of the cluster with the source.",
            status=text("Whether both are equal.", values=["Synced", "OutOfSync", "Unknown"]),
            revision=text("The commit or version that was compared."),
        ),
        conditions=structs(
            "Problems of the application itself.",
            ["type", "message"],
            type=text("The kind of problem."),
            message=text("The problem, for people."),
            lastTransitionTime=time("The time at which it was found."),
        ),
        operationState=struct(
            "The last deployment.",
            phase=text("How it ended, or `Running`."),
            message=text("The result, for people."),
            startedAt=time("Its begin."),
            finishedAt=time("Its end."),
        ),
        history=structs(
            "Earlier deployments, the latest last.",
            id=whole("A number that counts up."),
            revision=text("The commit or version."),
            deployedAt=time("The end of the deployment."),
        ),
        resources=structs(
            "The deployed objects.",
            group=text("The API group."),
            version=text("The version."),
            kind=text("The kind."),
            namespace=text("The namespace."),
            name=text("The name."),
            status=text("Whether the object is as in the source."),
            health=struct("The health of the object.", status=text("The health."), message=text("The reason.")),
        ),
        summary=struct("A summary.", images=texts("All images."), externalURLs=texts("Addresses of ingresses.")),
        sourceType=text("The tool that renders the source."),
        reconciledAt=time("The time of the last comparison."),
    ),
)  # fmt: skip

APP_PROJECT: Final = CustomKind(
    kind=Kind(GROUP, "v1alpha1", "AppProject", "appprojects"),
    about="A group of applications with the repositories and destinations that they may use.",
    short_names=("appproj", "appprojs"),
    spec=struct(
        "The permissions of the project.",
        description=text("A description."),
        sourceRepos=texts("Repositories; `*` stands for any text."),
        destinations=structs(
            "Clusters and namespaces.",
            server=text("The address of the API server."),
            namespace=text("The namespace; `*` stands for any text."),
        ),
    ),
)
