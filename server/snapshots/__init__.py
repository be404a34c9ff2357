"""Connections to snapshot clusters.

- `snapshotconnections`: connections that serve a snapshot in this process.
- `storedcontent`, `parts`: the content of a snapshot, read from the store by kind, with a limit in memory.
"""
