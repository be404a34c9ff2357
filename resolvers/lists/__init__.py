"""Lists over many clusters.

- `question`, `fanout`, `clusteranswer`: one list, the requests to all clusters at once, and their answers.
- `picking`: objects picked by name or namespace.
- `visibility`: the namespaces of a cluster that a reader may see.
- `rows`, `paging`: objects in columns, and pages.
- `clusterreports`, `clusternotes`: the envelope, and its notes.
- `kindresolution`, `fleetkinds`: the kind that a name means in each cluster, and all kinds of a fleet.
- `manykinds`, `kindlists`: the kinds of a list of objects of any kinds, and their lists as one; `kindkeys`: keys of
  its objects.
- `shares`: the clusters that are left out if all have too many objects together.
"""
