"""Clusters, grants and snapshots.

- `clusters`, `cluster`, `clusterrows`: registered clusters, their values and their rows.
- `grants`, `grant`: grants and their values.
- `snapshots`: the content of snapshot clusters, in encrypted parts.
"""
