"""Totals of what pods request and nodes offer: of a node, a namespace, a workload and a cluster.

- `podsums`: sums of the requests and limits of pods, by node and by namespace, page by page.
- `podlists`: the lists of pods that they are read from, one for each cluster and operation.
- `capacity`: what nodes offer: one node, and all nodes of a cluster.
- `controlledpods`: pods and their sums by the objects that control them.
- `readnamespaces`: the namespaces whose lists an operation has read, which later fields share.
- `ofnodes`, `ofclusters`, `ofworkloads`: the members of nodes, of namespaces and clusters, and of what controls pods.
"""
