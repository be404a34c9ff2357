"""The queries."""

PLAIN_FIELDS = """
  metadata { namespace name uid creationTimestamp }
  status { phase podIP hostIP qosClass }
  spec { nodeName serviceAccountName }
"""
_LINKED = (
    PLAIN_FIELDS
    + """
  ready restarts reason
  node { name internalIP ready }
  deployment { name replicas { ready desired } }
"""
)


def _pods(fields: str, clusters: str) -> str:
    return "{ pods(clusters: {names: [%s]}) { totalCount nodes { %s } } }" % (clusters, fields)  # noqa: UP031  braces


PLAIN = _pods(PLAIN_FIELDS, '"one"')
LINKED = _pods(_LINKED, '"one"')
PLAIN_OVER_THREE = _pods(PLAIN_FIELDS, '"one", "two", "three"')
USED = _pods(f"{PLAIN_FIELDS} usage {{ cpu memory }}", '"one"')
RELATED = _pods(
    """
  metadata { namespace name uid }
  ready reason restarts readyContainers totalContainers lastTermination { reason exitCode } qos images
  requests { cpu memory } limits { memory }
  node { name } serviceAccount { name } services { nodes { name } } networkPolicies { nodes { name } }
  podDisruptionBudgets { nodes { name } }
""",
    '"one"',
)
METADATA = _pods("metadata { namespace name labels creationTimestamp }", '"one"')
COUNT = '{ pods(clusters: {names: ["one"]}) { totalCount } }'
FOUR = '{ nodes(clusters: {names: ["one"]}) { nodes { name pods { nodes { name deployment { name } } } } } }'
TOTALS = """{ nodes(clusters: {names: ["one"]}, where: [{path: "requestedRatio.memory", op: GE, value: 0}]) {
  nodes { name requested { cpu memory } free { cpu memory } requestedRatio { cpu memory } podCount } } }"""
FAR = "{ namespaces { nodes { name status { phase } } clusters { status } } }"
ORDERED = """{ pods(orderBy: [{path: "restarts", direction: DESC}, {path: "status.podIP"}], first: 50) {
  totalCount nodes { name restarts } } }"""
ORDERED_BY_LINK = """{ pods(
  where: [{path: "node.ready", op: EQ, value: true}], orderBy: [{path: "deployment.name"}, {path: "restarts"}]
) { totalCount nodes { name } } }"""
GROUPED_BY_LINK = """{ pods { groups(by: ["node.ready", "deployment.name"]) {
  key count cpu: sum(path: "spec.containers.resources.requests.cpu") nodes { name } } } }"""
BELOW_NODES = "{ nodes { nodes { name pods { totalCount nodes { name deployment { name } } } } } }"
DEFERRED = "{ pods { nodes { name ... @defer { restarts node { name ready } deployment { name } } } } }"
STREAMED = "{ pods { nodes @stream(initialCount: 10) { name restarts node { name ready } deployment { name } } } }"
AGGREGATED = """{
  restarted: pods(where: [{path: "restarts", op: GT, value: 0}]) { totalCount }
  requested: pods { groups(by: ["spec.nodeName"]) {
    key count cpu: sum(path: "spec.containers.resources.requests.cpu") } }
}"""
GROUPED = """{ pods { groups(by: ["cluster.name", "namespace"]) {
  key count cpu: sum(path: "spec.containers.resources.requests.cpu") most: max(path: "restarts") } } }"""
