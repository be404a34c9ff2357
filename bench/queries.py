"""What is asked."""

_PLAIN = """
  metadata { namespace name uid creationTimestamp }
  status { phase podIP hostIP qosClass }
  spec { nodeName serviceAccountName }
"""
_LINKED = (
    _PLAIN
    + """
  ready restarts reason
  node { name internalIP ready }
  deployment { name replicas { ready desired } }
"""
)


def _pods(fields: str, clusters: str) -> str:
    return "{ pods(clusters: {names: [%s]}) { totalCount nodes { %s } } }" % (clusters, fields)  # noqa: UP031  braces


PLAIN = _pods(_PLAIN, '"one"')
LINKED = _pods(_LINKED, '"one"')
PLAIN_OVER_THREE = _pods(_PLAIN, '"one", "two", "three"')
METADATA = _pods("metadata { namespace name labels creationTimestamp }", '"one"')
COUNT = '{ pods(clusters: {names: ["one"]}) { totalCount } }'
