"""Connections to registered clusters, snapshots among them.

- `clusters`: connections to snapshots in this process, and to other clusters over the network.
- `content`, `parts`: the content of a snapshot, read from the store by kind, with a limit in memory.
"""
