"""Clusters, grants and snapshots.

- `clusters`, `cluster`, `clusterrows`: registered clusters, their values and their rows.
- `registered`: the registered clusters in memory.
- `grants`, `grant`: grants and their values.
- `snapshots`: the content of snapshot clusters, in encrypted parts.
"""
