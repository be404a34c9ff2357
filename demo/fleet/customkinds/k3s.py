"""The kind with which k3s installs charts."""

from typing import Final

from demo.fleet.customkinds.customkind import AGE, Column, CustomKind
from demo.fleet.customkinds.schema import conditions, struct, text
from k8s.kinds.kind import Kind

HELM_CHART: Final = CustomKind(
    kind=Kind("helm.cattle.io", "v1", "HelmChart", "helmcharts"),
    about="A Helm chart that k3s installs and upgrades.",
    columns=(Column(name="Chart", path=".spec.chart"), Column(name="Version", path=".spec.version"), AGE),
    spec=struct(
        "The chart and its values.",
        repo=text("The repository."),
        chart=text("The name of the chart."),
        version=text("The version of the chart."),
        targetNamespace=text("The namespace of its objects."),
        valuesContent=text("Values, as YAML."),
    ),
    status=struct("The state of the release.", jobName=text("The Job that installs it."), conditions=conditions()),
)
