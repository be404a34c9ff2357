"""Totals of what pods request and nodes offer: of a node, a namespace and a cluster.

- `podsums`: sums of the requests and limits of pods, by node and by namespace, page by page.
- `podlists`: the lists of pods that they are read from, one for each cluster and operation.
- `capacity`: what nodes offer: one node, and all nodes of a cluster.
- `ofnodes`, `ofclusters`: the members of nodes, and those of namespaces and clusters.
"""
