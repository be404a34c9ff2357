"""Clusters, grants and snapshots.

- `clusters`, `cluster`, `clusterrows`: registered clusters, their values and their rows.
- `registered`: the registered clusters in memory.
- `grants`, `grant`: grants and their values.
- `completion`: names of clusters for completion by a shell.
- `learnedtypes`: the custom types that were learned of each cluster.
- `snapshots`: the content of snapshot clusters, in encrypted parts.
"""
