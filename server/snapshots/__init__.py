"""Registered clusters that are snapshots.

- `clusters`: snapshots served in this process, other clusters over the network.
- `content`, `parts`: the content of a snapshot, read from the store by kind.
- `kindmemory`: a bound for all of them in memory.
"""
